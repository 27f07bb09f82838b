import { ExitCode, KeelError } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { nodeFiles } from '../../plan/view/admissions.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { hostFailure } from '../host/host-failure.ts'
import { HostExit, noteSeen, refuseUnstaged, type Staging, scriptHead, stagingPlaces } from '../host/host-script.ts'
import { notePlacedAnew } from '../host/note-placed.ts'

/** A host that lets new nodes in before they come, and the way to it. */
export interface Admission {
  readonly host: Host
  readonly rendered: FilesRendered
  readonly transport: Transport
}

/**
 * Loads rules and peers, and nothing else, on a host that is perhaps not selected.
 * @param staging where this deploy has staged something on it: it is still the host that the deploy has seen
 * @throws KeelError `admit-nodes`, `locked`, `changed-meanwhile`
 */
export async function admit(
  { host, rendered, transport }: Admission,
  signal: AbortSignal,
  staging?: Staging,
): Promise<void> {
  const input = Buffer.from(
    nodeFiles(rendered)
      .map(({ file }) => file.content)
      .join(''),
  )
  const result = await transport.run(admitScript(rendered, staging), { name: 'admit-node', input, signal })
  const { exitCode, stderr } = result
  if (exitCode === 0) return
  if (exitCode === HostExit.Locked || exitCode === HostExit.Changed) throw hostFailure(rendered, 'stage', result)
  throw new KeelError({
    code: 'admit-nodes',
    at: host.name,
    found: `keel could not open its firewall for the new nodes: ${stderr.trim().split('\n').at(-1)}`,
    why: 'it would block the new nodes; no host was switched',
    todo: `fix this host (\`keel deploy ${host.name}\`), then deploy again`,
    exit: ExitCode.Failed,
  })
}

function admitScript(rendered: FilesRendered, staging: Staging | undefined): string {
  const files = nodeFiles(rendered).map((one, index) => ({ ...one, staged: `admitted/${index}` }))
  // a host with an empty plan has nothing staged
  const ifStaged = (script: (staging: Staging) => string) =>
    staging === undefined ? [] : [sh`if [ -d ${stagingPlaces(staging).folder} ]; then`, script(staging), 'fi']
  return [
    scriptHead(),
    ...ifStaged(refuseUnstaged),
    // who has the lock is alone: what is there is of one that was killed
    'cleanup() { rm -rf admitted; }; cleanup; mkdir admitted',
    ...files.map(({ file, staged }) => sh`head -c ${Buffer.byteLength(file.content)} > ${staged}`),
    // what the host does not have yet comes with its own deploy
    ...files.map(({ file: { path, mode, owner, group }, staged, check, load }) =>
      [
        sh`if [ -e ${path} ]; then`,
        check(staged),
        sh`place ${path} ${mode} ${`${owner}:${group}`} < ${staged}`,
        load,
        notePlacedAnew(path),
        'fi',
      ].join('\n'),
    ),
    ...ifStaged(noteSeen),
  ].join('\n')
}
