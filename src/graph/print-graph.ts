import type { GraphFormat } from './formats.ts'
import { htmlOf } from './html.ts'
import { mermaidOf } from './mermaid.ts'
import { svgOf } from './svg.ts'
import type { Topology } from './topology.ts'

export function printGraph(topology: Topology, format: GraphFormat): string {
  switch (format) {
    case 'svg':
      return svgOf(topology)
    case 'mermaid':
      return mermaidOf(topology)
    case 'html':
      return htmlOf(topology)
  }
}
