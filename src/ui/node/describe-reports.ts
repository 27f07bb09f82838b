import { oneLine } from '../../model/text/one-line.ts'
import type { StyledText } from '../../model/text/styled-text.ts'
import type { HostReports, NodeReports } from '../../node-client/host-reports.ts'
import { type Cell, fitTable } from '../status/fit-table.ts'

type Rows = readonly (readonly Cell[])[]

/** One table of the hosts whose agents have answered. @param columns of the terminal */
export function describeReports(
  what: 'status' | 'health' | 'services' | 'certs',
  seen: NodeReports,
  columns: number,
): StyledText {
  const { head, rows } = tables[what]
  const answered = seen.hosts.filter(({ fault }) => fault === undefined)
  const cells: Rows = [head.map((text) => ({ text, look: 'aside' })), ...answered.flatMap(rows)]
  return answered.length === 0 ? [] : fitTable(cells, columns)
}

/** Why the other hosts are not in the table, a line for each. */
export function describeFaults({ hosts }: NodeReports): StyledText {
  return hosts.flatMap(({ host, fault }) =>
    fault === undefined ? [] : [[{ text: `${host}: ${oneLine(fault.found)}`, look: 'fault' as const }]],
  )
}

const tables: Readonly<
  Record<
    'status' | 'health' | 'services' | 'certs',
    { readonly head: readonly string[]; readonly rows: (reports: HostReports) => Rows }
  >
> = {
  status: {
    head: ['HOST', 'SYSTEM', 'UP', 'LOAD', 'MEMORY', 'FULLEST DISK', 'KUBERNETES', 'DEPLOYED'],
    rows: ({ host, node, kubernetes, generation }) => [
      [
        cell(host),
        cell(node?.system.name),
        cell(node === undefined ? undefined : spanText(node.uptime)),
        cell(node?.load[0]?.toFixed(2)),
        cell(node === undefined ? undefined : percent(node.memory.total - node.memory.free, node.memory.total)),
        cell(fullest(node?.disks ?? [])),
        cell([kubernetes?.service?.active, kubernetes?.version].filter((word) => word !== undefined).join(' ')),
        cell(generation?.deployed),
      ],
    ],
  },
  health: {
    head: ['HOST', 'CHECK', 'STATE', 'DETAIL'],
    rows: (reports) =>
      healthChecks(reports).map(({ name, ok, detail }) => [
        cell(reports.host),
        cell(name),
        ok ? { text: 'ok', look: 'good' } : { text: 'failed', look: 'fault' },
        cell(detail),
      ]),
  },
  services: {
    head: ['HOST', 'UNIT', 'STATE', 'SINCE', 'RESTARTS'],
    rows: ({ host, services }) =>
      (services?.services ?? []).map(({ unit, active, sub, since, restarts }) => [
        cell(host),
        cell(unit),
        { text: oneLine(`${active} (${sub})`), ...(active === 'failed' ? { look: 'fault' as const } : {}) },
        cell(since),
        cell(`${restarts}`),
      ]),
  },
  certs: {
    head: ['HOST', 'CERTIFICATE', 'STATE', 'ENDS', 'SUBJECT'],
    rows: ({ host, certificates }) =>
      (certificates?.certificates ?? []).map(({ name, state, ends, subject }) => [
        cell(host),
        cell(name === certificates?.serving ? `${name} (served)` : name),
        cell(state),
        cell(ends),
        cell(subject?.replaceAll('\n', ', ')),
      ]),
  },
}

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** All that an agent has checked, in the order in which a host starts. */
export function healthChecks({ ready, kubernetes }: HostReports): readonly Check[] {
  const named = (name: string, check: Omit<Check, 'name'> | undefined) =>
    check === undefined ? [] : [{ name, ...check }]
  return [
    ...(ready?.checks ?? []),
    ...named('api-live', kubernetes?.api.live),
    ...named('api-ready', kubernetes?.api.ready),
    ...named('etcd', kubernetes?.etcd),
  ]
}

/** A host's words are one line, whatever it answers. */
function cell(text: string | undefined): Cell {
  return { text: text === undefined || text === '' ? '-' : oneLine(text) }
}

function fullest(
  disks: readonly { readonly mount: string; readonly total: number; readonly free: number }[],
): string | undefined {
  const used = ({ total, free }: { readonly total: number; readonly free: number }) =>
    total > 0 ? (total - free) / total : 0
  const [most] = disks.toSorted((one, other) => used(other) - used(one))
  return most === undefined ? undefined : `${percent(most.total - most.free, most.total)} ${most.mount}`
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)}%` : '?'
}

function spanText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(seconds / unit))
  if (days !== undefined && days > 0) return `${days}d`
  return hours !== undefined && hours > 0 ? `${hours}h` : `${minutes}m`
}
