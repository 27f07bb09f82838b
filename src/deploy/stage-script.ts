import { createHash } from 'node:crypto'
import type { HostPlan } from '../plan/plan.ts'
import { factsDigestScript, type Questions } from '../probes/facts.ts'
import { ownedDirectories, type PlacedArtifact, type PlacedCredential, type Rendered } from '../targets/rendered.ts'
import { sh } from '../templates/shell-quote.ts'
import { generationDigest } from './generation-digest.ts'
import { HostExit, scriptHead, stagingPlaces } from './host-script.ts'

/** What of a plan travels in exec 2, in the order of the stream: credentials by line, then generation files, then artifacts, by length. */
export interface Shipment {
  readonly credentials: readonly PlacedCredential[]
  readonly artifacts: readonly (PlacedArtifact & { readonly size: number })[]
}

/** The parts of a host's plan that have to be shipped. `sizeOf` gives an artifact's bytes. */
export function shipmentOf(plan: HostPlan, rendered: Rendered, sizeOf: (artifact: PlacedArtifact) => number): Shipment {
  const named = (op: string, key: 'id' | 'path') =>
    new Set(
      plan.operations.flatMap((operation) => (operation.op === op && key in operation ? [Reflect.get(operation, key)] : [])),
    )
  const credentials = named('store-credential', 'id')
  const artifacts = named('push-artifact', 'path')
  return {
    credentials: rendered.credentials.filter(({ id }) => credentials.has(id)),
    artifacts: rendered.artifacts
      .filter(({ path }) => artifacts.has(path))
      .map((artifact) => ({ ...artifact, size: sizeOf(artifact) })),
  }
}

/**
 * Exec 2: refuses a host that has changed since it was asked, then takes everything in and puts nothing in place.
 * Prints `changed ID` for each credential whose value is not the one the service runs with, or where it does not run the one the host holds.
 */
export function stageScript(rendered: Rendered, questions: Questions, expectedDigest: string, shipment: Shipment): string {
  const { generation, credentials } = stagingPlaces(generationDigest(rendered))
  return [
    scriptHead(),
    `seen=$(\n${factsDigestScript(questions)}\n)`,
    sh`[ "$seen" = ${expectedDigest} ] || exit ${HostExit.Changed}`,
    credentialFunction(credentials, rendered.unit),
    sh`rm -rf -- ${credentials} ${generation}; mkdir -p -- ${credentials} ${generation}`,
    ...shipment.credentials.map(({ id, path }) => sh`stage_credential ${id} ${path}`),
    ...rendered.files.map(({ content }, index) => receive(`${generation}/${index}`, Buffer.byteLength(content), sha256(content))),
    ...checkFirewall(rendered, generation),
    sh`printf '%s\n' ${ownedPaths(rendered)} > ${`${generation}/manifest`}`,
    sh`printf '%s\n' ${rendered.artifacts.map(({ path }) => path)} > ${`${generation}/artifacts`}`,
    ...shipment.artifacts.flatMap(receiveArtifact),
    'sync -f /var/lib/keel',
  ].join('\n')
}

/** The host's own nft reads the rules before anything stands in its place. */
function checkFirewall({ firewall, files }: Rendered, generation: string): readonly string[] {
  if (firewall === undefined) return []
  const index = files.findIndex(({ path }) => path === firewall.rules)
  return [sh`nft --check -f ${`${generation}/${index}`} || exit ${HostExit.FirewallRefused}`]
}

/** Every path that this generation is responsible for. Artifacts live longer: the way back needs those of the generation before. */
export function ownedPaths(rendered: Rendered): readonly string[] {
  const { files, links, credentials } = rendered
  return [...[...files, ...links, ...credentials].map(({ path }) => path), ...ownedDirectories(rendered)].toSorted()
}

/** The generation's files as they follow the credentials on the stream. */
export function generationBytes({ files }: Rendered): Buffer {
  return Buffer.concat(files.map(({ content }) => Buffer.from(content)))
}

// `read`, `printf` and `[` are bash's own: a value never becomes an argument of a program
function credentialFunction(staged: string, unit: string): string {
  return sh`stage_credential() {
  IFS= read -r value
  printf '%s' "$value" | base64 -d | systemd-creds encrypt --with-key=host --name="$1" - ${staged}/"$1" 2>/dev/null
  again=$(systemd-creds decrypt --name="$1" ${staged}/"$1" - | base64 -w0) || exit ${HostExit.CannotDecrypt}
  [ "$again" = "$value" ] || exit ${HostExit.CannotDecrypt}
  # what the service runs with counts; the file in the store may be damaged, or newer than its start
  if [ -f ${`/run/credentials/${unit}`}/"$1" ]; then held=$(base64 -w0 < ${`/run/credentials/${unit}`}/"$1")
  else held=$(systemd-creds decrypt --name="$1" "$2" - 2>/dev/null | base64 -w0) || held=
  fi
  [ "$held" = "$value" ] || printf 'changed %s\n' "$1"
}`
}

function receive(path: string, bytes: number, digest: string): string {
  return sh`head -c ${bytes} > ${path}; [ "$(sha256sum < ${path} | cut -c1-64)" = ${digest} ] || exit ${HostExit.WrongHash}`
}

/** Named by its hash, so it can stand in its place before anything uses it. */
function receiveArtifact({ path, size, sha256: digest, mode }: Shipment['artifacts'][number]): readonly string[] {
  const partial = `${path}.partial`
  return [
    sh`folder ${path.slice(0, path.lastIndexOf('/'))}`,
    receive(partial, size, digest),
    sh`chmod ${mode} ${partial}; chown root:root ${partial}; mv -fT -- ${partial} ${path}`,
  ]
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
