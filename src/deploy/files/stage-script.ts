import { sha256 } from '../../model/digest.ts'
import { fileBytes } from '../../model/file-bytes.ts'
import { type FilesRendered, ownedDirectories } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { HostExit, noteSeen, refuseChanged, type Staging, scriptHead, stagingPlaces } from '../host/host-script.ts'
import type { Shipment } from './shipment.ts'
import { spaceNeeded } from './space-needed.ts'

/**
 * Exec 2: refuses a host that has changed since it was asked or has no room, then receives everything and puts nothing
 * in place. If it fails, it removes all of it. Prints `changed ID` for each credential whose value differs from the one
 * that the service runs with (or, if it does not run, from the one on the host).
 */
export function stageScript(
  rendered: FilesRendered,
  staging: Staging,
  expectedDigest: string,
  shipment: Shipment,
): string {
  const { folder, generation, credentials } = stagingPlaces(staging)
  return [
    scriptHead(),
    refuseChanged(staging.questions, expectedDigest),
    credentialFunction(credentials),
    receiveFunctions,
    sh`cleanup() { drop_staged ${folder}; }
mkdir -p -- ${credentials} ${generation} && connection > ${`${folder}/connection`} &&
  lines ${rendered.artifacts.map(({ path }) => path)} > ${`${generation}/artifacts`} &&
  lines ${ownedPaths(rendered)} > ${`${generation}/manifest`} || gave_up $? "$PWD/"${folder} 4096
sweep_staged ${staging.id}`,
    ...artifactFolders(rendered).map((path) => sh`sweep_folder ${path}`),
    ...spaceNeeded(rendered, shipment).map(({ path, bytes, files }) => sh`need ${path} ${bytes} ${files}`),
    'enough',
    ...shipment.credentials.map(({ id, path, readAtStartBy }) => sh`stage_credential ${id} ${path} ${readAtStartBy}`),
    ...rendered.files
      .map(fileBytes)
      .map((bytes, index) => sh`receive ${`${generation}/${index}`} ${bytes.length} ${sha256(bytes)}`),
    ...checkFirewall(rendered, generation),
    ...shipment.artifacts.map(
      ({ path, size, sha256: digest, mode }) =>
        sh`receive_artifact ${path} ${size} ${digest} ${mode} >> ${`${generation}/contents`} || gave_up $? ${path} ${size}`,
    ),
    noteSeen(staging),
    sh`sync -f ${folder}
cleanup() { :; }`,
  ].join('\n')
}

function artifactFolders({ artifacts }: FilesRendered): readonly string[] {
  return [...new Set(artifacts.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))]
}

/** The host's own nft reads the rules before anything is in its place. */
function checkFirewall({ parts: { firewall }, files }: FilesRendered, generation: string): readonly string[] {
  if (firewall === undefined) return []
  const index = files.findIndex(({ path }) => path === firewall.rules)
  return [sh`nft --check -f ${`${generation}/${index}`} || exit ${HostExit.FirewallRefused}`]
}

/**
 * Every path that this generation is responsible for. Artifacts stay longer: a rollback needs those of the previous
 * generation.
 */
export function ownedPaths(rendered: FilesRendered): readonly string[] {
  const { files, links, credentials } = rendered
  return [...[...files, ...links, ...credentials].map(({ path }) => path), ...ownedDirectories(rendered)].toSorted()
}

/** The generation's files as they follow the credentials on the stream. */
export function generationBytes({ files }: FilesRendered): Buffer {
  return Buffer.concat(files.map(fileBytes))
}

// stage_credential ID PATH UNIT
// `read`, `printf` and `[` are bash's own: a value never becomes an argument of a program
function credentialFunction(staged: string): string {
  return sh`stage_credential() {
  IFS= read -r value
  words=$(printf '%s' "$value" | base64 -d | systemd-creds encrypt --with-key=host --name="$1" - ${staged}/"$1" 2>&1) || { status=$?; printf '%s\n' "$words" >&2; gave_up "$status" "$PWD/"${staged}/"$1" 4096; }
  again=$(systemd-creds decrypt --name="$1" ${staged}/"$1" - | base64 -w0) || exit ${HostExit.CannotDecrypt}
  [ "$again" = "$value" ] || exit ${HostExit.CannotDecrypt}
  # what the service runs with counts; the file in the store may be damaged, or newer than its start
  if [ -f "/run/credentials/$3/$1" ]; then held=$(base64 -w0 < "/run/credentials/$3/$1")
  else held=$(systemd-creds decrypt --name="$1" "$2" - 2>/dev/null | base64 -w0) || held=
  fi
  [ "$held" = "$value" ] || printf 'changed %s\n' "$1"
}`
}

/** An artifact is named by its hash, so it can be in its place before anything uses it. */
const receiveFunctions = `lines() { [ $# = 0 ] || printf '%s\\n' "$@"; }
receive() {
  head -c "$2" > "$1" || gave_up $? "$PWD/$1" "$2"
  [ "$(sha256sum < "$1" | cut -c1-64)" = "$3" ] || exit ${HostExit.WrongHash}
}
receive_artifact() (
  path=$1
  enter "$(parent "$path")" make && workplace && head -c "$2" > file || exit
  [ "$(sha256_of file)" = "$3" ] || exit ${HostExit.WrongHash}
  chown root:root file && chmod -- "$4" file || exit
  # a line for know_contents (contents.sh), about this very file, whatever is at its path by then
  { mv -fT -- file "../\${path##*/}" && stat --printf "$3\\t%d %i %s %.9Y %.9Z\\n" -; } < file
)
# what was cut off there; *.partial is what an earlier keel left
sweep_folder() (
  path=$1
  ! enter "$1" || { sweep_workplaces; rm -f -- ./*.partial; }
)`
