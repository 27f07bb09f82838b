import { k3sDataDirectory } from '../desired/k3s-config.ts'
import type { Operation } from '../plan/operation.ts'
import type { HostPlan } from '../plan/plan.ts'
import type { Sources } from '../plan/plan-host.ts'
import { credentialRecords } from '../probes/credential-states.ts'
import { restartMarker, stateDirectory, unconfirmedMarker } from '../probes/generation.ts'
import type { Rendered } from '../targets/rendered.ts'
import { sh } from '../templates/shell-quote.ts'
import { generationDigest } from './generation-digest.ts'
import { HostExit, scriptHead, stagingPlaces } from './host-script.ts'
import { mergeExtensions, rememberExtensions } from './merge-script.ts'

/**
 * Exec 3: puts what was staged in place by rename, file by file, and has systemd act on it. A restart that was due and did not come is
 * remembered on the host's disk from before the first rename; so is that k3s has not been seen healthy with what is new.
 * @param changed the credentials whose value is new to the host
 */
export function activateScript(plan: HostPlan, rendered: Rendered, sources: Sources, changed: ReadonlySet<string>): string {
  const operations = plan.operations.filter((operation) => !skipped(operation, changed))
  const restarts = operations.some(({ op }) => op === 'restart-unit')
  return [
    scriptHead(),
    placeFunction,
    sh`: > ${unconfirmedMarker}`,
    ...(restarts ? [sh`: > ${restartMarker}`] : []),
    sh`sync -f ${stateDirectory}`,
    ...(operations.some(({ op }) => op === 'merge-extensions') ? [rememberExtensions(rendered)] : []),
    ...operations.map((operation) => step(operation, rendered, sources)),
    keepGeneration(rendered),
    ...(restarts ? [sh`rm -f -- ${restartMarker}`] : []),
    'printf activated\\\\n',
  ].join('\n')
}

/** A restart for a credential whose value the host already had is no restart. */
function skipped(operation: Operation, changed: ReadonlySet<string>): boolean {
  return operation.op === 'restart-unit' && operation.when === 'value-changed' && changed.size === 0
}

// a new file beside the old one, then one rename: a reader sees the old or the new, whole
const placeFunction = `place() {
  folder "$(dirname -- "$2")"
  cp -- "$1" "$2.keel-new"
  chown "$4" "$2.keel-new"
  chmod "$3" "$2.keel-new"
  mv -fT -- "$2.keel-new" "$2"
}`

function step(operation: Operation, rendered: Rendered, sources: Sources): string {
  switch (operation.op) {
    // done by the stage script, on another host, by the verification
    case 'push-artifact':
    case 'forget-node':
    case 'switch-system':
    case 'admit-node':
    case 'label-node':
    case 'finish-deploy':
      return ''
    case 'make-directory':
      return sh`folder ${operation.path}; chmod ${operation.mode} ${operation.path}`
    case 'write-file':
      return writeFile(operation.path, rendered)
    case 'set-link':
      return sh`folder ${parent(operation.path)}; ln -sfnT -- ${operation.target} ${`${operation.path}.keel-new`}; mv -fT -- ${`${operation.path}.keel-new`} ${operation.path}`
    case 'remove-path':
      return sh`rm -f -- ${operation.path}`
    case 'remove-directory':
      return sh`rm -rf -- ${operation.path}`
    case 'remove-unit':
      return sh`systemctl disable --now --quiet -- ${operation.unit} 2>/dev/null || true; rm -f -- ${operation.path}`
    case 'store-credential':
      return storeCredential(operation.id, rendered, sources)
    case 'place-ca':
      return placeCa(rendered)
    case 'merge-extensions':
      return mergeExtensions(rendered)
    case 'restart-reader':
      // masked, or not there at all: then nobody reads it
      return sh`! systemctl is-active --quiet -- ${operation.unit} || systemctl restart --no-block -- ${operation.unit}`
    case 'reload-systemd':
      return 'systemctl daemon-reload'
    case 'enable-unit':
      return sh`systemctl enable --quiet -- ${operation.unit} 2>/dev/null`
    case 'load-firewall':
      return sh`systemctl reload-or-restart -- ${operation.unit}`
    // not waited for: keepalived comes after k3s, which may have to join first; the verification waits for both
    case 'run-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl ${operation.by} --no-block -- ${operation.unit}`
    // an agent with a wrong token never becomes ready and never fails: ordered, then watched (docs/lookalike.md, Start)
    case 'start-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl start --no-block -- ${operation.unit}`
    case 'restart-unit':
      return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl restart --no-block -- ${operation.unit}`
  }
}

function writeFile(path: string, rendered: Rendered): string {
  const index = rendered.files.findIndex((file) => file.path === path)
  const file = rendered.files[index]
  if (file === undefined) return ''
  return sh`place ${`${stagingPlaces(generationDigest(rendered)).generation}/${index}`} ${path} ${file.mode} ${`${file.owner}:${file.group}`}`
}

function storeCredential(id: string, rendered: Rendered, sources: Sources): string {
  const path = rendered.credentials.find((credential) => credential.id === id)?.path ?? ''
  const staged = `${stagingPlaces(generationDigest(rendered)).credentials}/${id}`
  return sh`place ${staged} ${path} 0600 root:root
mkdir -p -- ${credentialRecords}; printf '%s %s\n' ${sources[id] ?? ''} "$(sha256sum < ${path} | cut -c1-64)" > ${`${credentialRecords}/${id}`}`
}

/** The key before its certificate: k3s overwrites a certificate whose key is missing (docs/lookalike.md, Tokens and the CA). Both come on stdin, in base64. */
function placeCa({ foundation }: Rendered): string {
  if (foundation === undefined) return ''
  const { keyPath, certificatePath } = foundation
  return sh`[ ! -e ${`${k3sDataDirectory}/server/db`} ] || exit ${HostExit.HasData}
folder ${k3sDataDirectory}; mkdir -p ${parent(keyPath)}
IFS= read -r value; printf '%s' "$value" | base64 -d > ${keyPath}.keel-new; mv -fT ${`${keyPath}.keel-new`} ${keyPath}
IFS= read -r value; printf '%s' "$value" | base64 -d > ${certificatePath}.keel-new; mv -fT ${`${certificatePath}.keel-new`} ${certificatePath}
unset value`
}

/** The generation before stays for the way back, with its artifacts; older ones go, with what only they had. */
function keepGeneration(rendered: Rendered): string {
  const { generation, credentials } = stagingPlaces(generationDigest(rendered))
  return sh`cd ${stateDirectory}
before=$(readlink current || true)
ln -sfnT ${`generations/${generationDigest(rendered)}`} current.new; mv -fT current.new current
for old in generations/*; do
  [ "$old" != "$before" ] && [ ${stateDirectory}/"$old" != ${generation} ] || continue
  while IFS= read -r path; do
    cat -- current/artifacts "$before"/artifacts 2>/dev/null | grep -qxF -- "$path" || rm -f -- "$path"
  done < <(cat -- "$old"/artifacts 2>/dev/null)
  rm -rf -- "$old"
done
rm -rf -- ${credentials}
sync -f ${stateDirectory}`
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
