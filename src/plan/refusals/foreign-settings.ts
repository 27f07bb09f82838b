import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { hasUnit, ofNode } from '../../model/distribution/service.ts'
import { flagOfVariable, ownedFlag } from '../../model/k3s/k3s-flags.ts'
import type { ForeignState } from '../../probes/foreign.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** Variables and options that somebody gives k3s and that decide what only keel may decide. Pure. */
export function foreignSettingRefusals({ host, rendered, facts }: SeenHost): readonly Fault[] {
  const { foreign } = facts
  if (foreign === undefined) return []
  return [...variableRefusals(rendered, foreign), ...commandRefusals(host, rendered, foreign)]
}

/** A drop-in that has keel's unit run something else. On NixOS the options are the module's. */
function commandRefusals({ name, role }: Host, { services, kind }: Rendered, foreign: ForeignState): readonly Fault[] {
  const { unit } = ofNode(services)
  const own = foreign.units.find((one) => one.unit === unit)
  const paths = foreign.dropIns
    .filter((one) => one.unit === unit && one.sets.includes('ExecStart'))
    .map(({ path }) => path)
  if (own === undefined || kind === 'system' || paths.length === 0) return []
  const decisive = own.flags.filter((flag) => ownedFlag(flag) !== undefined)
  if (own.what === `k3s ${role}` && decisive.length === 0) return []
  return [
    {
      code: 'foreign-command',
      at: name,
      found: `${paths.join(', ')}: not from keel; ${unit} runs ${own.what}${decisive.map((flag) => ` --${flag}`).join('')}`,
      why:
        own.what === `k3s ${role}`
          ? decisive.map((flag) => `--${flag}: ${ownedFlag(flag)}`).join('; ')
          : `the inventory says that this host is ${role === 'server' ? 'a server' : 'an agent'}`,
      todo: `\`rm ${paths.map(shellQuote).join(' ')} && systemctl daemon-reload\` on the host`,
    },
  ]
}

function variableRefusals(rendered: Rendered, foreign: ForeignState): readonly Fault[] {
  const given = [
    ...foreign.dropIns
      .filter(({ unit }) => hasUnit(rendered.services, unit))
      .map(({ path, sets }) => ({ path, names: variablesOf(sets), todo: `remove that line from ${path}` })),
    ...foreign.defaults.map(({ path, sets }) => ({
      path,
      names: variablesOf(sets),
      todo: `remove that line from ${path}`,
    })),
    ...foreign.variables
      .filter(({ isRead }) => isRead)
      .map(({ path, names }) => ({
        path,
        names,
        todo: `remove the drop-in that has ${ofNode(rendered.services).unit} read ${path}`,
      })),
  ]
  const said = new Set(given.flatMap(({ names }) => names))
  const manager = {
    path: "the environment of systemd's manager",
    names: foreign.environment.filter((name) => !said.has(name)),
    todo: `\`systemctl unset-environment ${foreign.environment.join(' ')}\``,
  }
  return [...given, manager].flatMap(({ path, names, todo }): Fault[] => {
    const decisive = names.filter((name) => whyOwned(name) !== undefined)
    if (decisive.length === 0) return []
    return [
      {
        code: 'foreign-variable',
        at: rendered.host,
        found: `${path} gives k3s ${decisive.join(', ')}, which is not from keel`,
        why: [...new Set(decisive.map((name) => whyOwned(name)))].join('; '),
        todo: `${todo} on the host, then \`systemctl daemon-reload\``,
      },
    ]
  })
}

function variablesOf(sets: readonly string[]): readonly string[] {
  return sets.flatMap((one) => (one.includes('Environment:') ? [one.slice(one.indexOf(':') + 1)] : []))
}

function whyOwned(variable: string): string | undefined {
  const flag = flagOfVariable(variable)
  const why = flag === undefined ? undefined : ownedFlag(flag)
  return why === undefined ? undefined : `${variable} is \`${flag}\`: ${why}`
}
