import { type Box, fitted, type Text, widthOf } from './drawing.ts'
import type { GraphHost } from './topology.ts'

/** More hosts get smaller boxes, with name and address only. */
const MOST_LARGE = 24
const GAP = 10
const INSIDE = 10
const LINE = 16

/** The hosts of a role as a grid. Its height follows from their number. */
export function drawHosts(
  hosts: readonly GraphHost[],
  x: number,
  y: number,
  width: number,
): { readonly boxes: readonly Box[]; readonly height: number } {
  const isLarge = hosts.length <= MOST_LARGE
  const columns = isLarge ? 4 : columnsFor(hosts, width)
  const boxWidth = Math.floor((width - GAP * (columns - 1)) / columns)
  const lines = hosts.map((host) => (isLarge ? linesOf(host) : [host.nodeIPs[0] ?? host.address]))
  const boxHeight = (1 + Math.max(...lines.map(({ length }) => length))) * LINE + 14
  const boxes = hosts.map((host, index): Box => {
    const left = x + (index % columns) * (boxWidth + GAP)
    const top = y + Math.floor(index / columns) * (boxHeight + GAP)
    const text = (size: Text['size'], line: number, value: string): Text => ({
      x: left + INSIDE,
      y: top + 20 + line * LINE,
      size,
      text: fitted(value, size, boxWidth - 2 * INSIDE),
    })
    return {
      kind: host.isFirst ? 'first' : 'host',
      x: left,
      y: top,
      width: boxWidth,
      height: boxHeight,
      about: aboutHost(host),
      link: hostAnchor(host),
      texts: [
        text('name', 0, host.name),
        ...(lines[index] ?? []).map((line, below) => text(isLarge ? 'plain' : 'small', below + 1, line)),
      ],
    }
  })
  return { boxes, height: Math.ceil(hosts.length / columns) * (boxHeight + GAP) - GAP }
}

/** As many as names have room for, within limits: the longest has 63 characters. */
function columnsFor(hosts: readonly GraphHost[], width: number): number {
  const widest = Math.max(...hosts.map(({ name }) => widthOf(name, 'name'))) + 2 * INSIDE
  return Math.min(6, Math.max(3, Math.floor((width + GAP) / (widest + GAP))))
}

/** Where the HTML file tells about the host. */
export function hostAnchor({ name }: GraphHost): string {
  return `host-${name}`
}

function linesOf(host: GraphHost): readonly string[] {
  return [host.system, host.address, ...host.nodeIPs, ...(host.isFirst ? ['first server'] : [])]
}

function aboutHost(host: GraphHost): string {
  const through = host.interface === undefined ? [] : [`traffic between nodes through ${host.interface}`]
  return [host.name, ...linesOf(host), ...through].join('\n')
}
