import { counted } from '../../model/text/counted.ts'
import { foreignText } from '../../model/text/foreign-text.ts'
import { type Look, type StyledLine, type StyledText, styled } from '../../model/text/styled-text.ts'
import {
  type ClusterStatus,
  type EtcdStatus,
  type Finding,
  type HostStatus,
  LEVELS,
  type Level,
  type VipHolders,
} from '../../status/cluster/cluster-status.ts'
import { driftText, shortDrift } from './drift-text.ts'
import { type Cell, cut, fitTable } from './fit-table.ts'

const looks: Readonly<Record<Level, Look | undefined>> = {
  well: undefined,
  asking: 'aside',
  pending: 'warning',
  failing: 'fault',
  unreachable: 'fault',
}
/** The same without colours. */
const marks: Readonly<Record<Level, string>> = { well: ' ', asking: ' ', pending: '!', failing: 'x', unreachable: 'x' }

/** Findings of one host or of the cluster, and members of etcd. A server can tell of any number of members. */
const MOST_LISTED = 20

/** Narrower terminals wrap the lines themselves. */
const LEAST_COLUMNS = 50

/** One screen: the worst first, then the cluster. @param columns of the terminal */
export function describeStatus(status: ClusterStatus, columns: number): StyledText {
  const width = Math.max(columns, LEAST_COLUMNS)
  const below = [
    ...describeFindings(status.findings, width, ''),
    ...named('told by', status.through ?? '', width),
    ...named('address', describeVip(status.vip), width),
    ...named('etcd', describeEtcd(status.etcd), width),
    ...named('certificates', describeCertificates(status), width),
  ]
  return [heading(status, width), [''], ...table(status, width), ...(below.length > 0 ? [[''], ...below] : [])]
}

function heading({ cluster, hosts, level, time }: ClusterStatus, width: number): StyledLine {
  const count = (wanted: Level) => hosts.filter((host) => host.level === wanted).length
  const counts = (
    [
      ['unreachable', 'unreachable'],
      ['failing', 'failing'],
      ['pending', 'pending'],
      ['asking', 'not answered yet'],
    ] as const
  ).flatMap(([one, word]) => (count(one) === 0 ? [] : [`${count(one)} ${word}`]))
  const all = counted(hosts.length, 'host')
  const text = counts.length === 0 ? `${all}, all well` : `${all}: ${counts.join(', ')}`
  const look = level === 'well' ? 'good' : looks[level]
  const clock = `${time.slice(11, 19)} UTC`
  const space = width - cluster.length - 2 - text.length - clock.length
  return [
    styled('host', cluster),
    '  ',
    look === undefined ? text : styled(look, text),
    // what is wrong has priority
    ...(space > 0 ? [' '.repeat(space), styled('aside', clock)] : []),
  ]
}

/** Columns from which on there is room for versions and drift in full. */
const WIDE = 80

const HEADS = ['  HOST', 'ROLE', 'NODE', 'VERSION', 'PODS', 'DRIFT']

function table({ hosts }: ClusterStatus, width: number): StyledText {
  const rows = hosts.map((host) => rowOf(host, width < WIDE))
  const [head = [], ...lines] = fitTable([HEADS.map((text): Cell => ({ text, look: 'aside' })), ...rows], width)
  return [
    head,
    ...hosts.flatMap((host, index) => [lines[index] ?? [], ...describeFindings(host.findings, width, '  ')]),
  ]
}

function rowOf(host: HostStatus, isNarrow: boolean): readonly Cell[] {
  const { level, role, node, pods, drift } = host
  const look = looks[level]
  // the build of k3s is the same everywhere
  const version = isNarrow ? host.version?.split('+')[0] : host.version
  const differs = drift.kind === 'differs'
  return [
    { text: `${marks[level]} ${host.host}`, look: look ?? 'host' },
    { text: role },
    nodeCell(host),
    { text: version === undefined ? '-' : foreignText(version) },
    pods === undefined
      ? { text: '-' }
      : { text: `${pods.running}/${pods.total}`, ...(pods.running < pods.total ? { look: 'warning' as const } : {}) },
    {
      text:
        node === undefined && drift.kind === 'unknown'
          ? '-'
          : foreignText(isNarrow ? shortDrift(drift) : driftText(drift)),
      ...(differs ? { look: 'warning' as const } : {}),
    },
  ]
}

function nodeCell({ level, node }: HostStatus): Cell {
  if (level === 'unreachable') return { text: 'no answer', look: 'fault' }
  if (level === 'asking') return { text: 'asking', look: 'aside' }
  switch (node) {
    case 'ready':
      return { text: 'Ready' }
    case 'cordoned':
      return { text: 'cordoned', look: 'warning' }
    case 'not-ready':
      return { text: 'NotReady', look: 'fault' }
    case 'missing':
      return { text: 'no Node', look: 'fault' }
    default:
      return { text: '-' }
  }
}

/** The worst first, so that no host can push it off the screen with others. */
function describeFindings(findings: readonly Finding[], width: number, before: string): StyledText {
  const sorted = findings.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
  return [
    ...sorted.slice(0, MOST_LISTED).flatMap((finding) => describeFinding(finding, width, before)),
    ...(sorted.length > MOST_LISTED ? [[`${before}  … and ${sorted.length - MOST_LISTED} more`]] : []),
  ]
}

function describeFinding({ level, text }: Finding, width: number, before: string): StyledText {
  const start = `${before}${marks[level]} `
  const look = looks[level]
  return wrapped(foreignText(text), width - start.length - 2).map((line, index) => {
    const shown = `${index === 0 ? start : ' '.repeat(start.length)}${line}`
    return [look === undefined ? shown : styled(look, shown)]
  })
}

function describeVip(vip: VipHolders | undefined): string {
  if (vip === undefined) return ''
  const { address, holders, manager } = vip
  return `${address} on ${holders.length === 0 ? 'no server' : holders.join(' and ')} (${manager})`
}

function describeEtcd(etcd: EtcdStatus | undefined): string {
  if (etcd === undefined) return ''
  const { members, leader } = etcd
  const words = members.slice(0, MOST_LISTED).map(({ name, learner, healthy }) => {
    const notes = [
      ...(name === leader ? ['leader'] : []),
      ...(learner ? ['no vote yet'] : []),
      ...(healthy === undefined ? ['no answer'] : healthy ? [] : ['not healthy']),
    ]
    return `${name === '' ? '(not started)' : name}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
  })
  const more = members.length > MOST_LISTED ? ` and ${members.length - MOST_LISTED} more` : ''
  const all = members.every(({ healthy }) => healthy === true) ? ': healthy' : ''
  return `${counted(members.length, 'member')}, ${words.join(', ')}${more}${all}`
}

function describeCertificates({ certificates: [first] }: ClusterStatus): string {
  if (first === undefined) return ''
  const { host, file, ends, days } = first
  const when = days < 0 ? `ended ${ends.slice(0, 10)}` : `end from ${ends.slice(0, 10)} on (${days} days)`
  return `${when}: ${host} ${file.split('/').slice(-2).join('/')}`
}

function named(name: string, text: string, width: number): StyledText {
  const indent = 14
  return text === ''
    ? []
    : wrapped(foreignText(text), width - indent).map((line, index) => [
        styled('aside', index === 0 ? name.padEnd(indent) : ' '.repeat(indent)),
        line,
      ])
}

/** Lines of whole words; a word that is longer than a line is cut. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(cut(word, width))
  }
  return lines
}
