import { ExitCode, KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import { differenceOfFile } from '../plan/plan-host.ts'
import type { Facts } from '../probes/facts.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Rendered } from '../targets/rendered.ts'
import { sh } from '../templates/shell-quote.ts'
import { scriptHead } from './host-script.ts'

/** A host whose firewall has to let new nodes in before they come: an etcd member that can't reach the others joins nothing. */
export interface Admission {
  readonly host: Host
  readonly rendered: Rendered
  readonly transport: Transport
}

/** Those of the hosts that have keel's firewall, with other rules than the inventory's. One that has none yet lets everybody in. */
export function admissionsOf(seen: readonly (Admission & { readonly facts: Facts })[]): readonly Admission[] {
  return seen.filter(({ rendered, facts }) => {
    const rules = rulesOf(rendered)
    const state = rules === undefined ? undefined : facts.paths[rules.path]
    return rules !== undefined && state?.kind === 'file' && differenceOfFile(rules, state) === 'content'
  })
}

/** Loads the rules, and nothing else, on a host that is perhaps not selected. @throws KeelError `admit-nodes`; the host has its old rules then */
export async function admit({ host, rendered, transport }: Admission, signal: AbortSignal): Promise<void> {
  const input = rulesOf(rendered)?.content ?? ''
  const { exitCode, stderr } = await transport.run(admitScript(rendered), { input: Buffer.from(input), signal })
  if (exitCode === 0) return
  throw new KeelError({
    code: 'admit-nodes',
    at: host.name,
    found: `its firewall could not be changed: ${stderr.trim().split('\n').at(-1)}`,
    why: 'it would let nothing in that comes from the new node; no host was switched',
    todo: `mend it (\`keel deploy ${host.name}\`), then deploy again`,
    exit: ExitCode.Failed,
  })
}

function rulesOf({ firewall, files }: Rendered) {
  return files.find(({ path }) => path === firewall?.rules)
}

function admitScript({ firewall }: Rendered): string {
  if (firewall === undefined) return ''
  const { rules, unit } = firewall
  const staged = `${rules}.keel-new`
  return `${scriptHead()}
${sh`umask 022; cat > ${staged}; nft --check -f ${staged}; mv -fT -- ${staged} ${rules}
systemctl reload-or-restart -- ${unit}`}`
}
