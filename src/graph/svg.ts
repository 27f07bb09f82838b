import { template } from '../templates/template.ts'
import { withTables } from './draw-tables.ts'
import { drawTopology } from './draw-topology.ts'
import type { Arrow, Box, Drawing } from './drawing.ts'
import svgTemplate from './topology.svg.hbs'
import type { Topology } from './topology.ts'
import { xmlText } from './xml-text.ts'

interface Values extends Omit<Drawing, 'boxes' | 'arrows'> {
  readonly label: string
  readonly boxes: readonly (Box & { readonly link: string })[]
  readonly arrows: readonly (Arrow & { readonly both: boolean })[]
}

const text = template<Values>(svgTemplate, { xml: xmlText })

/** One picture: the topology, the ports, and who may read which secret. */
export function svgOf(topology: Topology): string {
  const drawing = withTables(drawTopology(topology), topology)
  // a picture alone has no places to lead to
  return printDrawing({ ...drawing, boxes: drawing.boxes.map(({ link: _, ...box }) => box) }, topology)
}

/** A drawing as an `svg` element: for a file, or within HTML. */
export function printDrawing(drawing: Drawing, { cluster }: Topology): string {
  return text({
    ...drawing,
    label: `topology of ${cluster}`,
    boxes: drawing.boxes.map((box) => ({ link: '', ...box })),
    arrows: drawing.arrows.map((arrow) => ({ ...arrow, both: arrow.heads === 'both' })),
  })
}
