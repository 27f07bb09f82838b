import type { Fault } from '../../errors.ts'
import { hasUnit, ofNode } from '../../model/distribution/service.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts } from '../../probes/facts.ts'
import type { ForeignState, ForeignUnit } from '../../probes/foreign.ts'
import { type Rendered, writtenPaths } from '../../targets/rendered.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/**
 * What would run a Kubernetes beside keel's, or instead of it: two of them on one machine take each other's ports
 * and data. Nothing is pushed before it is gone. Pure.
 */
export function foreignUnitRefusals({ rendered, facts }: SeenHost): readonly Fault[] {
  const { foreign } = facts
  if (foreign === undefined) return []
  const at = rendered.host
  const units = foreignUnits(rendered, facts, foreign)
  const named = new Set([
    ...[...units, ...rendered.services].map(({ unit }) => unit),
    ...facts.generation.owned.map(nameOf),
  ])
  const running = foreign.processes.filter(({ unit }) => !named.has(unit))
  const shown = new Set([...named, ...running.map(({ unit }) => unit)])
  const pids = new Set(running.map(({ pid }) => pid))
  return [
    ...units.filter((one) => one.what !== startsService && startsItself(one)).map((one) => unitRefusal(rendered, one)),
    ...shadows(rendered, foreign).map((one) => shadowRefusal(at, one)),
    ...running.map(
      ({ pid, program, unit }): Fault => ({
        code: 'foreign-kubernetes',
        at,
        found: `${program} runs on the host (process ${pid}${unit === '' ? '' : `, ${unit}`}), and keel did not start it`,
        why: 'two installations of Kubernetes on one machine use the same ports and data',
        todo:
          unit === ''
            ? `find what started it (\`ps -fp ${pid}\`) and stop it`
            : `\`systemctl disable --now ${shellQuote(unit)}\` on the host, if it is one`,
      }),
    ),
    ...portsInTheWay(rendered, facts, foreign)
      .filter(({ unit, pid }) => !pids.has(pid) && !(unit !== '' && shown.has(unit)))
      .map(
        ({ protocol, port, program, pid, unit }): Fault => ({
          code: 'port-in-use',
          at,
          found: `port ${port}/${protocol} is in use by ${program} (process ${pid}${unit === '' ? '' : `, ${unit}`})`,
          why:
            rendered.distribution === 'k3s'
              ? 'k3s needs this port, and would exit when it starts'
              : 'Kubernetes needs this port, and kubeadm does not start without it',
          todo: freePort(unit),
        }),
      ),
  ]
}

/** In a Pod: a container of containerd, whose cgroup systemd makes. */
const ofPod = /^cri-containerd-[0-9a-f]+\.scope$/

/**
 * The control plane of kubeadm is in Pods. They are this cluster's on a host that is in it, and where an earlier run of
 * keel has placed its CA: data under another CA is refused elsewhere.
 */
function portsInTheWay(rendered: Rendered, facts: Facts, { ports }: ForeignState): ForeignState['ports'] {
  if (rendered.distribution === 'k3s') return ports
  if (!isNew(rendered, facts)) return []
  return ports.filter(({ unit }) => !(facts.past.serverCa !== undefined && ofPod.test(unit)))
}

function freePort(unit: string): string {
  if (unit === 'init.scope')
    return 'find the socket unit with `systemctl list-sockets`, then `systemctl disable --now` it on the host'
  return unit.endsWith('.service')
    ? `\`systemctl disable --now ${shellQuote(unit)}\` on the host, or let it use another port`
    : 'stop that program, or let it use another port'
}

/** It may be keel's own k3s that this one starts: `foreign-units.sh` does not tell which. */
export const startsService = 'a start of a Kubernetes service'

/** Without the distribution's services, and those that keel put there: an earlier role's goes with this deploy. */
export function foreignUnits(
  rendered: Rendered,
  { generation }: Facts,
  { units }: ForeignState,
): readonly ForeignUnit[] {
  const own = new Set([...writtenPaths(rendered), ...generation.owned])
  // keel has the unit that merges images start kubelet
  const extended = (unit: string) => [...own].some((path) => path.startsWith(`/etc/systemd/system/${unit}.d/`))
  return units.filter(
    ({ unit, path, enabled, what }) =>
      !hasUnit(rendered.services, unit) &&
      !own.has(path) &&
      !enabled.startsWith('masked') &&
      !(what === startsService && extended(unit)),
  )
}

/**
 * A unit of keel's that systemd loads from another file: of folders that come before /etc/systemd/system
 * (systemd.unit(5), "Unit File Load Path"). The unit of an image is in /usr/lib, where more folders come before it.
 */
function shadows(rendered: Rendered, { units }: ForeignState): readonly ForeignUnit[] {
  if (rendered.kind === 'system') return []
  const own = new Set(writtenPaths(rendered))
  const ofImage = (unit: string) => !own.has(`/etc/systemd/system/${unit}`)
  return units.filter(
    ({ unit, path }) =>
      hasUnit(rendered.services, unit) &&
      (/^\/(etc|run)\/systemd\/(system\.control|transient|generator\.early)\//.test(path) ||
        (ofImage(unit) && /^\/(etc|run|usr\/local\/lib)\/systemd\/system\//.test(path))),
  )
}

export function startsItself({ active, enabled, startedBy }: ForeignUnit): boolean {
  return (
    !['inactive', 'failed', ''].includes(active) ||
    enabled === 'enabled' ||
    enabled === 'enabled-runtime' ||
    startedBy.length > 0
  )
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function unitRefusal(
  { host: at, services, kind }: Rendered,
  { unit, active, enabled, path, what, startedBy }: ForeignUnit,
): Fault {
  const states = [
    enabled === 'enabled' || enabled === 'enabled-runtime' ? 'enabled' : '',
    ['inactive', ''].includes(active) ? '' : active,
    startedBy.length > 0 && !enabled.startsWith('enabled') ? `started by ${startedBy.join(', ')}` : '',
  ].filter(Boolean)
  return {
    code: 'foreign-unit',
    at,
    found: `${unit} (${path === '' ? 'no file' : path}) is not from keel, and starts ${what}: it is ${states.join(' and ')}`,
    why: `it would run beside ${ofNode(services).unit} with the same ports and data, at the latest after the next boot`,
    todo:
      kind === 'system' && !path.startsWith('/run/')
        ? 'remove it from the NixOS configuration of the host'
        : `\`systemctl disable --now ${[unit, ...startedBy.filter((one) => /\.(timer|path|socket)$/.test(one))].map(shellQuote).join(' ')}\` on the host`,
  }
}

function shadowRefusal(at: Rendered['host'], { unit, path }: ForeignUnit): Fault {
  return {
    code: 'unit-shadowed',
    at,
    found: `systemd loads ${unit} from ${path}, and not from the file that keel brings`,
    why: 'that file has priority, so the unit from keel would have no effect',
    todo: `\`rm ${shellQuote(path)} && systemctl daemon-reload\` on the host`,
  }
}
