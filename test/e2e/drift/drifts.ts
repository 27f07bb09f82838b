import type { Difference, Operation } from '../../../src/plan/operation.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'

/** One thing that somebody changes on a host by hand, and what the plan must say of it. */
export interface Drift {
  readonly what: string
  /** Bash on the host. What it moves out of the way is at `$backup`. */
  readonly change: string
  readonly undo: string
  /** The operations that fix it, in the plan's order, without those that only act on the service afterwards. */
  readonly mends: readonly Operation[]
  /** Whether what k3s reads at its start is another one. */
  readonly restarts: boolean
}

const act: ReadonlySet<Operation['op']> = new Set([
  'reload-systemd',
  'restart-unit',
  'enable-unit',
  'load-firewall',
  'start-unit',
])

/** An operation of a plan that puts something in place. */
export const isMend = ({ op }: Operation): boolean => !act.has(op)

/** So many changes does one plan show. */
const AT_ONCE = 5
/** Those of one path, or of one credential, follow one another, and are no more than these. */
const OF_ONE_PATH = 6

/**
 * Several at a time, because a plan takes longer than what it asks. They are of different paths, and all or none of them
 * restarts k3s: so what the plan says of a path still comes from one of them. Those that only act on a service stay
 * alone.
 */
export function inGroups(drifts: readonly Drift[]): readonly (readonly Drift[])[] {
  const grouped = [true, false].flatMap((restarts) => {
    const alike = drifts.filter((drift) => drift.mends.every(isMend) && drift.restarts === restarts)
    const groups = Math.max(OF_ONE_PATH, Math.ceil(alike.length / AT_ONCE))
    return Array.from({ length: groups }, (_, group) => alike.filter((_, index) => index % groups === group))
  })
  return [...grouped, ...drifts.filter(({ mends }) => !mends.every(isMend)).map((drift) => [drift])]
}

/** A third of them: two of each path, each time others, so that every kind of change is among them. */
export function someOf(drifts: readonly Drift[]): readonly Drift[] {
  return drifts.filter((_, index) => (index + Math.floor(index / OF_ONE_PATH)) % 3 === 0)
}

/** Every drift of a host, from the plan of its first deploy: whatever keel puts there can be changed there. */
export function driftsOf({ operations }: HostPlan): readonly Drift[] {
  const unit = operations.flatMap((operation) => (operation.op === 'start-unit' ? [operation.unit] : []))[0] ?? ''
  return operations.flatMap((operation): readonly Drift[] => {
    switch (operation.op) {
      case 'write-file':
        return fileDrifts(operation)
      case 'push-artifact':
        return fileDrifts(operation).filter(({ what }) => !what.startsWith('a link'))
      case 'set-link':
        return linkDrifts(operation)
      case 'store-credential':
        return credentialDrifts(operation)
      case 'enable-unit':
        return [serviceDrift(operation.unit, 'disable', 'enable', operation)]
      case 'load-firewall':
        return firewallDrifts(operation)
      case 'start-unit':
        return [serviceDrift(unit, 'stop', 'start', { op: 'start-unit', unit })]
      case 'reload-systemd':
        return [
          {
            what: `a touched /etc/systemd/system/${unit}`,
            change: `touch /etc/systemd/system/${unit}`,
            undo: 'systemctl daemon-reload',
            mends: [{ op: 'reload-systemd' }],
            restarts: false,
          },
        ]
      default:
        return []
    }
  })
}

/** Ways to change what is at a path. */
const changes = {
  'other content in': { bash: (path: string) => `echo '# by hand' >> ${path}`, why: 'content' },
  'another mode of': { bash: (path: string) => `chmod g+w ${path}`, why: 'mode' },
  'another owner of': { bash: (path: string) => `chown daemon ${path}`, why: 'owner' },
  'another group of': { bash: (path: string) => `chgrp daemon ${path}`, why: 'owner' },
  'no longer there:': { bash: (path: string) => `rm ${path}`, why: 'missing' },
  'a link in place of': { bash: (path: string) => `ln -sfn $backup ${path}`, why: 'kind' },
} as const satisfies Record<string, { bash: (path: string) => string; why: Difference }>

function fileDrifts(operation: Operation & { readonly op: 'write-file' | 'push-artifact' }): readonly Drift[] {
  const { path } = operation
  return Object.entries(changes).map(([what, { bash, why }]) => ({
    what: `${what} ${path}`,
    // what runs can't be written to, and is not: a copy takes its place
    change: `cp -a ${path} $backup; cp -a ${path} ${path}.copy; mv -T ${path}.copy ${path}; ${bash(path)}`,
    undo: `mv -T $backup ${path}`,
    mends: [{ ...operation, why }],
    restarts: why !== 'mode' && why !== 'owner' && restartsK3s(operation, why),
  }))
}

/** k3s reads these at its start; manifests it watches, and the user's own files are not its business. */
function restartsK3s({ op, path }: { readonly op: string; readonly path: string }, why: Difference): boolean {
  if (op === 'push-artifact') return why === 'content'
  return path.startsWith('/etc/rancher/') || path.startsWith('/etc/systemd/system/k3s')
}

function linkDrifts(operation: Operation & { readonly op: 'set-link' }): readonly Drift[] {
  const { path, target } = operation
  const cases = [
    [`another target of ${path}`, `ln -sfn /bin/true ${path}`, 'content'],
    [`no longer there: ${path}`, `rm ${path}`, 'missing'],
    [`a file in place of ${path}`, `rm ${path}; touch ${path}`, 'kind'],
  ] as const
  return cases.map(([what, change, why]) => ({
    what,
    change,
    undo: `ln -sfn ${target} ${path}`,
    mends: [{ ...operation, why }],
    restarts: true,
  }))
}

function credentialDrifts({ id }: { readonly id: string }): readonly Drift[] {
  const path = `/etc/credstore.encrypted/${id}`
  const cases = [
    [path, 'other content in', 'damaged'],
    [path, 'another mode of', 'damaged'],
    [path, 'another owner of', 'damaged'],
    [path, 'no longer there:', 'missing'],
    [`/var/lib/keel/credentials/${id}`, 'other content in', 're-encrypted'],
    [`/var/lib/keel/credentials/${id}`, 'no longer there:', 'damaged'],
  ] as const
  return cases.map(([file, what, why]) => ({
    what: `${what} ${file}`,
    // a record's first line is what counts
    change: `cp -a ${file} $backup; ${what === 'other content in' ? `sed -i '1s/./x/' ${file}` : changes[what].bash(file)}`,
    undo: `mv -T $backup ${file}`,
    mends: [{ op: 'store-credential', id, why }],
    // the value is the one that the host had, or had lost: only the host can tell
    restarts: false,
  }))
}

function firewallDrifts(operation: Operation & { readonly op: 'load-firewall' }): readonly Drift[] {
  const cases = [
    ['nft flush ruleset', 'gone'],
    ['nft add rule inet keel input tcp dport 9 accept', 'differs'],
    ['nft flush chain inet keel input', 'differs'],
  ] as const
  return cases.map(([change, why]) => ({
    what: change,
    change,
    undo: `systemctl reload ${operation.unit}`,
    mends: [{ ...operation, why }],
    restarts: false,
  }))
}

function serviceDrift(unit: string, change: string, undo: string, mend: Operation): Drift {
  return {
    what: `systemctl ${change} ${unit}`,
    change: `systemctl ${change} --quiet ${unit} 2>&1`,
    undo: `systemctl ${undo} --quiet ${unit} 2>&1`,
    mends: [mend],
    restarts: false,
  }
}
