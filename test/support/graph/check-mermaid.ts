const id = '[a-z]+[0-9]*'
const text = '"(?:[A-Za-z0-9 ,.:/+()_-]|#[0-9]+;|<br>)*"'
const statements = {
  comment: /^%% made by keel graph$/,
  diagram: /^flowchart TB$/,
  node: new RegExp(`^ +(${id})(?:\\[${text}\\]|\\(\\[${text}\\]\\)|\\[\\[${text}\\]\\]|\\[\\(${text}\\)\\])$`),
  subgraph: new RegExp(`^  subgraph (${id})\\[${text}\\]$`),
  end: /^ {2}end$/,
  below: new RegExp(`^    (${id})(?: ~~~ (?:${id}))+$`),
  edge: new RegExp(`^  (${id}) (?:-->|<-->|-\\.->)(?:\\|${text}\\|)? (${id})$`),
} as const

/** Mermaid's own limits, beyond which it draws nothing (config.schema.yaml: maxEdges, maxTextSize). */
const MOST_EDGES = 500
const MOST_CHARACTERS = 50_000

/**
 * keel's own grammar for the flowcharts that it prints: far less than Mermaid has. Mermaid itself is no part of the
 * tests: with all that it needs it is larger than everything else that `npm ci` installs.
 * @throws Error for a line that is in none of these forms
 */
export function checkMermaid(source: string): { readonly nodes: number; readonly edges: number } {
  const declared = new Set<string>()
  const used: string[] = []
  let nodes = 0
  let edges = 0
  const [comment = '', diagram = '', ...lines] = source.trimEnd().split('\n')
  if (!statements.comment.test(comment) || !statements.diagram.test(diagram)) throw new Error(`begins with ${comment}`)
  for (const line of lines) {
    const declares = statements.node.exec(line) ?? statements.subgraph.exec(line)
    const edge = statements.edge.exec(line)
    if (declares !== null) {
      declared.add(declares[1] ?? '')
      nodes += 1
    } else if (edge !== null) {
      used.push(edge[1] ?? '', edge[2] ?? '')
      edges += 1
    } else if (statements.below.test(line)) {
      const ids = line.trim().split(' ~~~ ')
      used.push(...ids)
      edges += ids.length - 1
    } else if (!statements.end.test(line)) throw new Error(`not a line of keel's flowcharts: ${line}`)
  }
  const unknown = used.filter((one) => !declared.has(one))
  if (unknown.length > 0) throw new Error(`not declared: ${unknown}`)
  if (edges > MOST_EDGES || source.length > MOST_CHARACTERS)
    throw new Error(`${edges} edges, ${source.length} characters`)
  return { nodes, edges }
}
