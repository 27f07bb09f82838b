import type { ForeignUnit } from '../../probes/foreign.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { HostNote } from '../plan.ts'
import { foreignUnits, startsItself, startsService } from '../refusals/foreign-units.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** What could start another Kubernetes, but does not by itself. Pure. */
export function foreignUnitNotes({ rendered, facts }: SeenHost): readonly HostNote[] {
  const { foreign } = facts
  if (foreign === undefined) return []
  const at = rendered.host
  // a unit from a package that nobody enabled is harmless
  const [helpers, units] = partition(foreignUnits(rendered, facts, foreign), ({ what }) => what === startsService)
  const idle = units.filter((one) => !startsItself(one) && isByHand(one))
  return [
    ...idle.map(
      ({ unit, path, what }): HostNote => ({
        code: 'foreign-unit',
        at,
        found: `${path === '' ? unit : path}: not from keel, and starts ${what}; it is neither enabled nor running now`,
        why: 'if somebody starts it, the machine runs Kubernetes twice',
        todo: `if nobody needs it: \`rm ${shellQuote(path === '' ? unit : path)} && systemctl daemon-reload\` on the host`,
      }),
    ),
    ...helpers.map(
      ({ unit, path }): HostNote => ({
        code: 'foreign-starter',
        at,
        found: `${path === '' ? unit : path}: not from keel, and starts or restarts a Kubernetes service`,
        why: 'Kubernetes may start without keel, or restart during a deploy',
        todo: `if nobody needs it: \`systemctl disable --now ${shellQuote(unit)}\` on the host`,
      }),
    ),
    ...foreign.starters.map(
      ({ place, what }): HostNote => ({
        code: 'foreign-starter',
        at,
        found: `${place}: not from keel, and runs ${what}`,
        why: 'it starts or restarts Kubernetes without keel',
        todo: `if nobody needs it: remove line ${place.split(':').at(-1)} of ${place.replace(/:\d+$/, '')} on the host`,
      }),
    ),
    ...foreign.containers.map(
      ({ name, what, state }): HostNote => ({
        code: 'foreign-starter',
        at,
        found: `the container ${name} is not from keel, and is ${what} (${state})`,
        why: 'it is a second Kubernetes on this machine',
        todo: `if nobody needs it: \`docker rm --force ${shellQuote(name)}\` on the host`,
      }),
    ),
  ]
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

function isByHand({ path }: ForeignUnit): boolean {
  return !/^\/(usr\/lib|lib|nix)\//.test(path)
}
