import { stepOf } from '../../model/distribution/once-step.ts'
import { type HostOperation, hasOperation, operationsOf } from '../../plan/operation.ts'
import type { HostPlan } from '../../plan/plan.ts'
import { credentialRecords } from '../../probes/host/credential-notes.ts'
import { restartMarker, stateDirectory, unconfirmedMarker } from '../../probes/host/generation.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { HostExit, refuseUnstaged, type Staging, scriptHead, stagingPlaces } from '../host/host-script.ts'
import { notePlaced } from '../host/note-placed.ts'
import { generationDigest } from './generation-digest.ts'
import { mergeExtensions, rememberExtensions } from './merge-script.ts'
import { operationsOnHost } from './operations-on-host.ts'
import { ownedPaths } from './stage-script.ts'

export interface Activation {
  readonly plan: HostPlan
  readonly rendered: FilesRendered
  /** By id, what each credential was made from. */
  readonly sources: Readonly<Record<string, string>>
  readonly staging: Staging
  /** The credentials whose value is new to the host. */
  readonly changed: ReadonlySet<string>
}

/**
 * Exec 3: puts what this deploy has staged in place by rename, file by file, and has systemd act on it; does nothing if
 * another keel has been here since. Before the first rename, the script notes on the host's disk that a restart is due,
 * and that k3s was not yet healthy with the new files.
 */
export function activateScript(activation: Activation): string {
  const { plan, rendered, staging, changed } = activation
  const { folder, generation } = stagingPlaces(staging)
  const operations = operationsOnHost(plan, rendered, changed)
  const restarts = hasOperation(operations, 'restart-unit')
  return [
    scriptHead(),
    sh`cleanup() { drop_staged ${folder}; }`,
    refuseUnstaged(staging),
    putFunction,
    // from here on the new programs belong to this generation, even if this script is interrupted
    sh`mkdir -p generations; mv -T -- ${generation} ${generationOf(activation)}`,
    sh`: > ${unconfirmedMarker}`,
    ...(restarts ? [sh`: > ${restartMarker}`] : []),
    sh`sync -f ${stateDirectory}`,
    ...(hasOperation(operations, 'merge-extensions', 'unmerge-extensions') ? [rememberExtensions(rendered)] : []),
    ...operations.map((operation) => step(operation, operations, activation)),
    keepGeneration(activation),
    ...(restarts ? [sh`rm -f -- ${restartMarker}`] : []),
    'printf activated\\\\n',
  ].join('\n')
}

/** Below keel's folder. Named by content and deploy, so that keel never writes to one that is in use. */
function generationOf({ rendered, staging }: Pick<Activation, 'rendered' | 'staging'>): string {
  return `generations/${generationDigest(rendered)}-${staging.id}`
}

// put STAGED PATH MODE OWNER
const putFunction = `put() { place "$2" "$3" "$4" < "$1" || gave_up $? "$2" "$(stat -c %s -- "$1")"; }`

function step(operation: HostOperation, all: readonly HostOperation[], activation: Activation): string {
  const { rendered } = activation
  switch (operation.op) {
    case 'make-directory':
      return sh`own_folder ${operation.path} ${operation.mode}`
    case 'write-file':
      return writeFile(operation.path, activation)
    case 'set-link':
      return sh`place_link ${operation.path} ${operation.target} || gave_up $? ${operation.path} 0`
    case 'remove-path':
      return sh`take_away ${operation.path}`
    case 'remove-directory':
      return sh`take_away ${operation.path} -r`
    case 'remove-unit':
      return sh`systemctl disable --now --quiet -- ${operation.unit} 2>/dev/null || true; take_away ${operation.path}`
    case 'store-credential':
      return storeCredential(operation.id, activation)
    case 'place-ca':
      return placeCa(rendered)
    case 'merge-extensions':
    case 'unmerge-extensions':
      return mergeExtensions(rendered)
    case 'restart-reader':
      // masked or missing: then nothing reads the file
      return sh`! systemctl is-active --quiet -- ${operation.unit} || systemctl restart --no-block -- ${operation.unit}`
    case 'reload-systemd':
      return [...enableBeforeReload(operationsOf(all, 'enable-unit')), 'systemctl daemon-reload'].join('\n')
    case 'enable-unit':
      return hasOperation(all, 'reload-systemd') ? '' : sh`systemctl enable --quiet -- ${operation.unit} 2>/dev/null`
    case 'load-firewall':
      return sh`systemctl reload-or-restart -- ${operation.unit}`
    // not waited for: keepalived comes after k3s, which may have to join first; the verification waits for both
    case 'run-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl ${operation.by} --no-block -- ${operation.unit}`
    // an agent with a wrong token never becomes ready and never fails: ordered, then watched (docs/k3s.md, Start)
    case 'start-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl start --no-block -- ${operation.unit}`
    case 'upgrade-node':
    case 'restart-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl restart --no-block -- ${operation.unit}`
  }
}

/**
 * Enables units, of which systemd then learns with all others. By itself each `systemctl enable` has it read all units
 * again: 0.3 s of a processor.
 */
function enableBeforeReload(enabled: readonly { readonly unit: string }[]): readonly string[] {
  if (enabled.length === 0) return []
  return [sh`systemctl enable --quiet --no-reload -- ${enabled.map(({ unit }) => unit)} 2>/dev/null`]
}

function writeFile(path: string, activation: Activation): string {
  const { files } = activation.rendered
  const index = files.findIndex((file) => file.path === path)
  const file = files[index]
  if (file === undefined) throw new Error(`${path} is in the plan and not in the host's state`)
  return sh`put ${`${generationOf(activation)}/${index}`} ${path} ${file.mode} ${`${file.owner}:${file.group}`}`
}

function storeCredential(id: string, { rendered, sources, staging }: Activation): string {
  const path = rendered.credentials.find((credential) => credential.id === id)?.path
  if (path === undefined) throw new Error(`${id} is in the plan and not in the host's state`)
  return sh`put ${`${stagingPlaces(staging).credentials}/${id}`} ${path} 0600 root:root
mkdir -p -- ${credentialRecords}; printf '%s %s\n' ${sources[id] ?? ''} "$(sha256sum < ${path} | cut -c1-64)" > ${`${credentialRecords}/${id}`}`
}

/**
 * The key before its certificate: k3s overwrites a certificate whose key is missing (docs/k3s.md, The CA). Both come on
 * stdin, in base64.
 */
function placeCa({ once, places, past }: FilesRendered): string {
  const step = stepOf(once, 'place-ca')
  if (step === undefined) throw new Error("a CA is in the plan and not in the host's state")
  const { keyPath, certificatePath } = step
  return sh`[ ! -e ${past.server} ] || exit ${HostExit.HasData}
(umask 022; mkdir -p ${places.data}); mkdir -p ${parent(keyPath)}
for path in ${[keyPath, certificatePath]}; do
  IFS= read -r value; printf '%s' "$value" | base64 -d | place "$path" 0600 root:root || gave_up $? "$path" "\${#value}"
done
unset value`
}

/** The previous generation stays with its artifacts, for a rollback; older ones are removed with what only they had. */
function keepGeneration(activation: Activation): string {
  const { rendered } = activation
  const generation = generationOf(activation)
  return `${notePlaced(ownedPaths(rendered), rendered.artifacts, generation)}
${sh`before=$(readlink current || true)
ln -sfnT ${generation} current.new; mv -fT current.new current
for old in generations/*; do
  [ "$old" != "$before" ] && [ "$old" != ${generation} ] || continue
  while IFS= read -r path; do
    cat -- current/artifacts "$before"/artifacts 2>/dev/null | grep -qxF -- "$path" || take_away "$path"
  done < <(cat -- "$old"/artifacts 2>/dev/null)
  rm -rf -- "$old"
done
sync -f ${stateDirectory}`}`
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
