export const GRAPH_FORMATS = ['svg', 'mermaid', 'html'] as const
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

/** In a comment or attribute of every file that keel draws. keel replaces no other file. */
export const MADE_BY_GRAPH = 'made by keel graph'

const endings: Readonly<Record<string, GraphFormat>> = {
  '.svg': 'svg',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.html': 'html',
}

/** @param ending of a file's name, with its dot */
export function formatByEnding(ending: string): GraphFormat | undefined {
  return endings[ending.toLowerCase()]
}
