import { drawHosts } from './draw-hosts.ts'
import { type Arrow, type Box, below, cardOf, type Drawing, fitted, MARGIN, type Text, WIDTH } from './drawing.ts'
import { nameFew } from './name-hosts.ts'
import type { Ports } from './ports.ts'
import type { Topology } from './topology.ts'
import { type Traffic, trafficOf } from './traffic.ts'

/** Left of the frames, for the way of SSH. */
const RAIL = MARGIN + 12
const FRAME = MARGIN + 44
const FRAME_WIDTH = WIDTH - MARGIN - FRAME
const PADDING = 14
const LINE = 18
/** An arrow with a line of text beside it. */
const ARROW = 40
/** The column of those who connect from outside, with the virtual IP below. */
const RIGHT = 500
const MIDDLE = 520

/** People above, servers below them, agents at the bottom. Arrows are between groups of hosts, never between hosts. */
export function drawTopology(topology: Topology): Drawing {
  const { cluster, version, vip } = topology
  const traffic = trafficOf(topology)
  const title: Text = { x: MARGIN, y: 40, size: 'title', text: fitted(`${cluster}: k3s ${version}`, 'title', 900) }
  const admins = cardOf(
    'people',
    { x: MARGIN, y: 64, width: 420 },
    ['admins', nameFew(topology.admins)],
    topology.admins,
  )
  const right = { x: RIGHT, width: WIDTH - MARGIN - RIGHT }
  const boxes = [admins]
  const arrows: Arrow[] = []
  const texts = [title, besideArrow(RAIL + 10, below(admins), traffic.ssh, RIGHT)]
  let y = below(admins)
  const goDown = (ports: readonly Ports[]) => {
    arrows.push({ path: `M ${MIDDLE} ${y} V ${y + ARROW - 4}`, heads: 'end' })
    texts.push(besideArrow(MIDDLE + 10, y, ports, WIDTH - MARGIN))
    y += ARROW
  }
  if (traffic.clients.length > 0) {
    const lines = ['who may connect from outside', nameFew(traffic.clients)]
    boxes.push(cardOf('people', { ...right, y: 64 }, lines, traffic.clients))
    goDown(traffic.fromOutside)
  }
  if (vip !== undefined) {
    const lines = [`virtual IP ${vip.address}`, `on one healthy server, moved by ${vip.manager}`]
    const box = cardOf('vip', { ...right, y }, lines, lines)
    boxes.push(box)
    y = below(box)
    goDown([])
  }
  y = Math.max(y, below(admins) + ARROW)
  const frames: Box[] = []
  for (const [name, hosts] of [
    ['servers', topology.servers],
    ['agents', topology.agents],
  ] as const) {
    if (hosts.length === 0) continue
    if (frames.length > 0) y = drawBetween(traffic, y, arrows, texts)
    const inside = name === 'servers' ? labelsOf(traffic.betweenServers) : []
    const grid = drawHosts(hosts, FRAME + PADDING, y + 36, FRAME_WIDTH - 2 * PADDING)
    const height = 36 + grid.height + PADDING + inside.length * LINE
    frames.push({
      kind: 'frame',
      x: FRAME,
      y,
      width: FRAME_WIDTH,
      height,
      about: '',
      texts: [
        { x: FRAME + PADDING, y: y + 24, size: 'name', text: `${name} (${hosts.length})` },
        ...inside.map(
          (label, line): Text => ({
            x: FRAME + PADDING,
            y: y + 36 + grid.height + PADDING + 4 + line * LINE,
            size: 'plain',
            text: fitted(`between servers: ${label}`, 'plain', FRAME_WIDTH - 2 * PADDING),
          }),
        ),
      ],
    })
    boxes.push(...grid.boxes)
    arrows.push({ path: `M ${RAIL} ${below(admins)} V ${y + 20} H ${FRAME - 4}`, heads: 'end' })
    y += height
  }
  return { width: WIDTH, height: y + MARGIN, boxes: [...frames, ...boxes], arrows, texts }
}

/** @returns where the agents begin */
function drawBetween({ toServers, bothWays }: Traffic, y: number, arrows: Arrow[], texts: Text[]): number {
  const lines = Math.max(labelsOf(toServers).length, labelsOf(bothWays).length, 1)
  const height = 24 + lines * LINE
  const column = (x: number, right: number, ports: readonly Ports[], path: string, heads: Arrow['heads']) => {
    if (ports.length === 0) return
    arrows.push({ path, heads })
    for (const [line, label] of labelsOf(ports).entries())
      texts.push({ x: x + 10, y: y + 26 + line * LINE, size: 'plain', text: fitted(label, 'plain', right - x - 20) })
  }
  const [up, both] = [FRAME + 40, RIGHT + 20]
  column(up, both, toServers, `M ${up} ${y + height} V ${y + 4}`, 'end')
  column(both, WIDTH - MARGIN, bothWays, `M ${both} ${y + 4} V ${y + height - 4}`, 'both')
  return y + height
}

function besideArrow(x: number, y: number, ports: readonly Ports[], right: number): Text {
  return { x, y: y + 24, size: 'plain', text: fitted(labelsOf(ports).join('; '), 'plain', right - x - PADDING) }
}

function labelsOf(ports: readonly Ports[]): readonly string[] {
  return [...new Set(ports.map(({ what, ports }) => `${what} ${ports}`))]
}
