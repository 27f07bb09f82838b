import { ExitCode, KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import { differenceOfFile } from '../plan/plan-host.ts'
import type { Facts } from '../probes/facts.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Rendered } from '../targets/rendered.ts'
import { sh } from '../templates/shell-quote.ts'
import { scriptHead } from './host-script.ts'

/**
 * A host that has to know of new nodes before they come: its firewall lets none in that it does not name, and an etcd member that can't reach the
 * others joins nothing; a server that hears no VRRP from the others, as they do not know it, takes the cluster's address beside them.
 */
export interface Admission {
  readonly host: Host
  readonly rendered: Rendered
  readonly transport: Transport
}

/** Those of the hosts that have rules or VRRP peers of keel's, and others than the inventory's. One that has none yet lets everybody in. */
export function admissionsOf(seen: readonly (Admission & { readonly facts: Facts })[]): readonly Admission[] {
  return seen.filter(({ rendered, facts }) =>
    [rulesOf(rendered), peersOf(rendered)].some((file) => {
      const state = file === undefined ? undefined : facts.paths[file.path]
      return file !== undefined && state?.kind === 'file' && differenceOfFile(file, state) === 'content'
    }),
  )
}

/** One after the other: no more than one of the servers is ever busy with its address. @throws KeelError `admit-nodes` */
export async function admitAll(admissions: readonly Admission[], signal: AbortSignal): Promise<void> {
  for (const admission of admissions) await admit(admission, signal)
}

/** Loads rules and peers, and nothing else, on a host that is perhaps not selected. @throws KeelError `admit-nodes` */
export async function admit({ host, rendered, transport }: Admission, signal: AbortSignal): Promise<void> {
  const input = Buffer.from([rulesOf(rendered), peersOf(rendered)].map((file) => file?.content ?? '').join(''))
  const { exitCode, stderr } = await transport.run(admitScript(rendered), { input, signal })
  if (exitCode === 0) return
  throw new KeelError({
    code: 'admit-nodes',
    at: host.name,
    found: `it could not be told of the new nodes: ${stderr.trim().split('\n').at(-1)}`,
    why: 'it would let nothing in that comes from them; no host was switched',
    todo: `mend it (\`keel deploy ${host.name}\`), then deploy again`,
    exit: ExitCode.Failed,
  })
}

function rulesOf({ firewall, files }: Rendered) {
  return files.find(({ path }) => path === firewall?.rules)
}

function peersOf({ vip, files }: Rendered) {
  return files.find(({ path }) => path === vip?.configuration)
}

function admitScript(rendered: Rendered): string {
  const { firewall, vip } = rendered
  const files = [
    {
      file: rulesOf(rendered),
      check: (path: string) => sh`nft --check -f ${path}`,
      load: `systemctl reload-or-restart -- ${firewall?.unit}`,
    },
    { file: peersOf(rendered), check: () => 'true', load: `systemctl try-reload-or-restart -- ${vip?.manager}` },
  ].flatMap(({ file, ...rest }) => (file === undefined ? [] : [{ ...rest, path: file.path, content: file.content }]))
  const staged = (path: string) => `${path}.keel-new`
  return [
    scriptHead(),
    'umask 022; mkdir -p /etc/keel',
    ...files.map(({ path, content }) => sh`head -c ${Buffer.byteLength(content)} > ${staged(path)}`),
    // what the host does not have yet comes with its own deploy
    ...files.map(({ path, check, load }) =>
      [
        sh`if [ ! -e ${path} ]; then rm -f -- ${staged(path)}; else`,
        check(staged(path)),
        sh`mv -fT -- ${staged(path)} ${path}`,
        load,
        'fi',
      ].join('\n'),
    ),
  ].join('\n')
}
