/** `child` should come after `parent`; if it does not, that costs `weight`. With an infinite weight it must, and such edges are in no circle. */
export interface Edge {
  readonly child: number
  readonly parent: number
  readonly weight: number
}

// 2^12 sets of tables are compared in milliseconds; a real schema's cycles have two to five tables
const exactUpTo = 12

/** Puts the nodes of a cycle in a sequence that costs little: the least possible up to twelve nodes, an approximation beyond. */
export function sequence(nodes: readonly number[], edges: readonly Edge[]): number[] {
  const place = new Map(nodes.map((node, index) => [node, index]))
  const local = edges.flatMap(({ child, parent, weight }) => {
    const from = place.get(child)
    const to = place.get(parent)
    return from === undefined || to === undefined ? [] : [{ child: from, parent: to, weight }]
  })
  const order = nodes.length <= exactUpTo ? cheapest(nodes.length, local) : greedy(nodes.length, local)
  return order.flatMap((index) => nodes[index] ?? [])
}

/** Dynamic programming over the sets of nodes that come first (Held and Karp's scheme). Of equally cheap sequences the one nearest to the given order. */
function cheapest(count: number, edges: readonly Edge[]): number[] {
  const sets = 1 << count
  const cost = new Float64Array(sets).fill(Infinity)
  const next = new Uint8Array(sets)
  const weight = Array.from({ length: count }, () => new Float64Array(count))
  for (const { child, parent, weight: added } of edges) weight[child]![parent]! += added
  cost[sets - 1] = 0
  // From the whole set down: the cost of all that follows once `before` is placed
  for (let before = sets - 2; before >= 0; before--) {
    for (let node = 0; node < count; node++) {
      if (before & (1 << node)) continue
      const placed = before | (1 << node)
      let total = cost[placed]!
      for (let parent = 0; parent < count; parent++) if (!(placed & (1 << parent))) total += weight[node]![parent]!
      if (total < cost[before]!) {
        cost[before] = total
        next[before] = node
      }
    }
  }
  const order: number[] = []
  for (let before = 0; order.length < count; before |= 1 << next[before]!) order.push(next[before]!)
  return order
}

/** Eades, Lin and Smyth's heuristic, with weights: what needs nothing goes first, what nothing needs goes last, else the node that loses least. */
function greedy(count: number, edges: readonly Edge[]): number[] {
  const touching = Array.from({ length: count }, (): Edge[] => [])
  const needs = new Uint32Array(count)
  const needed = new Uint32Array(count)
  const gain = new Float64Array(count)
  const must = new Uint32Array(count)
  for (const edge of edges) {
    touching[edge.child]!.push(edge)
    touching[edge.parent]!.push(edge)
    needs[edge.child]!++
    needed[edge.parent]!++
    if (edge.weight === Infinity) {
      must[edge.child]!++
      continue
    }
    gain[edge.child]! -= edge.weight
    gain[edge.parent]! += edge.weight
  }
  const left = new Set(Array.from({ length: count }, (_, node) => node))
  const free = [...left].filter((node) => needs[node] === 0 || needed[node] === 0)
  const first: number[] = []
  const last: number[] = []
  const take = (node: number): void => {
    left.delete(node)
    ;(needs[node] === 0 || needed[node] !== 0 ? first : last).push(node)
    for (const edge of touching[node]!) {
      const isChild = edge.child === node
      const other = isChild ? edge.parent : edge.child
      if (!left.has(other)) continue
      const remaining = isChild ? needed : needs
      remaining[other]!--
      if (edge.weight !== Infinity) gain[other]! += isChild ? -edge.weight : edge.weight
      else if (!isChild) must[other]!--
      if (remaining[other] === 0) free.push(other)
    }
  }
  while (left.size > 0) {
    const node = free.pop()
    const ready = node === undefined ? [...left].filter((other) => must[other] === 0) : []
    if (node === undefined) take(ready.reduce((best, other) => (gain[other]! > gain[best]! ? other : best)))
    else if (left.has(node)) take(node)
  }
  return [...first, ...last.toReversed()]
}
