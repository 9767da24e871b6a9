/**
 * The strongly connected components of a graph (Tarjan), by the number of the component of each node. Edges are lists of successors.
 * Without recursion: a chain of references may be as long as there are tables.
 */
export function componentsOf(successors: readonly (readonly number[])[]): number[] {
  const component = successors.map(() => -1)
  const index = successors.map(() => -1)
  const low = successors.map(() => -1)
  const visited: number[] = []
  let nextIndex = 0
  let nextComponent = 0
  for (const start of successors.keys()) {
    if (index[start] !== -1) continue
    const path = [{ node: start, next: 0 }]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { node } = top
      if (top.next === 0) {
        index[node] = low[node] = nextIndex++
        visited.push(node)
      }
      const successor = successors[node]?.[top.next++]
      if (successor !== undefined) {
        if (index[successor] === -1) path.push({ node: successor, next: 0 })
        else if (component[successor] === -1) low[node] = Math.min(low[node] ?? 0, index[successor] ?? 0)
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above) low[above.node] = Math.min(low[above.node] ?? 0, low[node] ?? 0)
      if (low[node] !== index[node]) continue
      for (let member = visited.pop(); member !== undefined; member = visited.pop()) {
        component[member] = nextComponent
        if (member === node) break
      }
      nextComponent++
    }
  }
  return component
}
