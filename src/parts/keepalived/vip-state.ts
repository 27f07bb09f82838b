import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { namedUnitState, type UnitState } from '../unit-state.ts'

/** What a server says of the cluster's address. */
export interface VipState {
  /** Programs that moving it needs and that are not there. */
  readonly missing: readonly string[]
  /** The interface that it would be on here; absent where no interface has its network. */
  readonly interface?: string
  /** It is on this host. */
  readonly holds: boolean
  /** Whether the checker allows it here, and why. */
  readonly fit: boolean
  readonly reason: string
  /** keepalived runs with the configuration that is on the disk. */
  readonly loaded: boolean
  /** Newest last. */
  readonly changes: readonly VipChange[]
  readonly manager: UnitState
  readonly health: UnitState
}

interface VipChange {
  /** Seconds since 1970, by the host's clock. */
  readonly at: number
  /** `MASTER`, `BACKUP`, `FAULT` (keepalived's words), `fit`, `unfit: …`. */
  readonly what: string
}

interface VipQuestion {
  readonly address: string
  /** The one that the inventory names. */
  readonly interface?: string
  readonly program: string
  readonly needed: readonly string[]
  readonly manager: string
  readonly health: string
}

/** Who has the address, who might, and since when. If keel's program is missing, what it will need. */
export const vipState: PartProbe<VipQuestion, VipState> = {
  isLasting: false,
  shapes: { interface: /^[^\s/]{1,15}$/, 'missing.*': /^[\w.+-]{1,64}$/ },
  units: ({ manager, health }) => [manager, health],
  script: ({ address, interface: name = '', program, needed, manager, health }) => `${sh`
for needed in ${needed}; do command -v "$needed" >/dev/null || printf 'missing=%s\n' "$needed"; done
if [ -x ${program} ]; then ${program} status
else
  [ -z "$(ip -oneline address show to ${address} 2>/dev/null)" ] || printf 'holds=yes\n'
  if [ -n ${name} ]; then [ ! -e /sys/class/net/${name} ] || printf 'interface=%s\n' ${name}
  else ip -oneline route get ${address} 2>/dev/null | sed -nE '/ via /!s#.* dev ([^ ]*).*#interface=\\1#p'
  fi
fi`}
${namedUnitState.script('manager', manager)}
${namedUnitState.script('health', health)}`,
  parse: (stdout) => {
    const pairs = stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    })
    const all = (name: string) => pairs.flatMap(([key, value]) => (key === name ? [value] : []))
    const one = (name: string) => all(name)[0] ?? ''
    return {
      missing: all('missing'),
      ...(one('interface') === '' ? {} : { interface: one('interface') }),
      holds: one('holds') === 'yes',
      fit: one('fit') === 'yes',
      reason: one('reason'),
      loaded: one('loaded') === 'yes',
      changes: all('change').map((line) => ({
        at: Number(line.split(' ')[0]) || 0,
        what: line.slice(line.indexOf(' ') + 1),
      })),
      manager: namedUnitState.parse(stdout, 'manager'),
      health: namedUnitState.parse(stdout, 'health'),
    }
  },
}
