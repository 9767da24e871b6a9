/** The shortest chain of steps between two nodes of a graph, both included. */
export function findChain(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
): readonly string[] | undefined {
  const seen = new Set([from])
  const chains: string[][] = [[from]]
  for (const chain of chains) {
    for (const next of graph.get(chain.at(-1) ?? from) ?? []) {
      if (next === to) return [...chain, next]
      if (seen.has(next)) continue
      seen.add(next)
      chains.push([...chain, next])
    }
  }
  return undefined
}

/** Everything that a node reaches, itself excluded unless it lies on a cycle. */
export function reachable(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const seen = new Set(graph.get(from))
  for (const node of seen) for (const next of graph.get(node) ?? []) seen.add(next)
  return seen
}
