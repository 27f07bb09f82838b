import { hasUnit, ofNode } from '../../model/distribution/service.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { HostNote } from '../plan.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** What else changes how keel's units run. Those of the distribution's services are noted by `foreignDropIns`. Pure. */
export function foreignSettingNotes({ rendered, facts }: SeenHost): readonly HostNote[] {
  const { foreign } = facts
  if (foreign === undefined) return []
  const at = rendered.host
  const noted = new Set(facts.services.flatMap(({ dropIns }) => dropIns))
  const others = foreign.dropIns.filter(({ unit, path }) => !hasUnit(rendered.services, unit) && !noted.has(path))
  const units = [...new Set(others.map(({ unit }) => unit))]
  return [
    ...units.map((unit): HostNote => {
      const own = others.filter((one) => one.unit === unit)
      return {
        code: 'foreign-drop-in',
        at,
        found: own.map(({ path, sets }) => `${path}: not from keel${listed(sets)}`).join('; '),
        why: `systemd runs ${unit} with these settings, and keel leaves them alone`,
        todo: `if nobody needs them: remove them, then \`systemctl daemon-reload\` and \`systemctl restart ${unit}\` on the host`,
      }
    }),
    ...foreign.defaults.map(
      ({ path, sets }): HostNote => ({
        code: 'foreign-default',
        at,
        found: `${path}: not from keel${listed(sets)}`,
        why: 'systemd gives these defaults to every service, and so to those of keel',
        todo: `if nobody needs them: remove them from ${path}, then \`systemctl daemon-reexec\` on the host`,
      }),
    ),
    ...foreign.variables
      .filter(({ path }) => !path.startsWith('/nix/'))
      .map(
        ({ path, isRead, names }): HostNote => ({
          code: 'foreign-variables',
          at,
          found: `${path}: not from keel${listed(names)}`,
          why: isRead
            ? `${ofNode(rendered.services).unit} reads it`
            : 'an installer of k3s left it here; nothing of keel reads it, and it may hold a token in clear',
          todo: `if nobody needs it: \`rm ${shellQuote(path)}\` on the host`,
        }),
      ),
  ]
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '' : `; sets ${names.map((name) => name.replace(':', ' ')).join(', ')}`
}
