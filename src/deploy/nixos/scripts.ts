import type { NixosSystem } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { type Operation, operationsOf } from '../../plan/operation.ts'
import { stateDirectory, unconfirmedMarker } from '../../probes/host/generation.ts'
import { channelsLink, nixosDirectory } from '../../probes/host/nixos-system.ts'
import type { SystemRendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { version } from '../../version.ts'
import {
  HostExit,
  noteSeen,
  refuseChanged,
  refuseUnstaged,
  type Staging,
  scriptHead,
  stagingPlaces,
} from '../host/host-script.ts'
import type { SourceTree } from './source-tree.ts'

/** Milliseconds for a switch, however many services start with it. */
export const SWITCH_MS = 20 * 60_000

/** Each deploy builds in a folder of its own, so that no other's system is switched to. */
function placesOf(id: string) {
  const folder = `${stateDirectory}/${stagingPlaces({ id }).folder}`
  return {
    folder,
    sources: `${folder}/source`,
    /** A link to the system that was checked: nixos-rebuild's own `result` is made anew by each of its verbs. */
    proven: `${folder}/proven`,
  } as const
}

/**
 * The arguments that tell nixos-rebuild what to build, on a machine with the sources in a folder. If they are not a
 * flake, an option must say so: otherwise it would build /etc/nixos/flake.nix, if the machine has one.
 */
export function whatToBuild(
  { source }: NixosSystem,
  directory: string,
  scheme: 'path:' | '' = 'path:',
): readonly string[] {
  return source.kind === 'flake'
    ? ['--flake', `${scheme}${directory}#${source.attribute}`]
    : ['--no-flake', ...configuration(source.file, directory)]
}

/** The same for Nix's own programs, which have no flake to imply. */
export function configuration(file: string, directory: string): readonly string[] {
  return ['-I', `nixos-config=${directory}/${file}`]
}

/** What exec 2 brings to a host, which answered as `digest` of these questions says. */
export interface NixosStaging extends Staging {
  readonly host: string
  readonly rendered: SystemRendered
  readonly tree: SourceTree
  readonly digest: string
}

/**
 * Exec 2 where the system is built on the host: takes the sources in, builds, and proves that the host can decrypt.
 * Switches nothing.
 */
export function buildScript(staging: NixosStaging): string {
  return [
    ...takeIn(staging),
    ...rebuild('build', staging.rendered.system, staging.id, HostExit.BuildFailed),
    sh`system=$(readlink -f ${`${placesOf(staging.id).folder}/result`})`,
    ...proveSystem(staging),
    ...keepStaged(staging),
  ].join('\n')
}

/** The same where it was built elsewhere and copied here: only the encrypted files are taken in, for the proof. */
export function proveScript(staging: NixosStaging, systemPath: string): string {
  return [...takeIn(staging), sh`system=${systemPath}`, ...proveSystem(staging), ...keepStaged(staging)].join('\n')
}

/** Receives nothing on a host that has changed since keel asked it, and leaves nothing if it fails. */
function takeIn({ id, tree, questions, digest }: NixosStaging): readonly string[] {
  const { folder, sources } = placesOf(id)
  const files = tree.files.flatMap((file) => (file.kind === 'file' ? [file.bytes.length] : []))
  const bytes = files.reduce((sum, length) => sum + Math.ceil(length / 4096) * 4096, 0)
  return [
    scriptHead(),
    refuseChanged(questions, digest),
    sh`mkdir -p -- ${sources} ${nixosDirectory} || gave_up $? ${sources} 0
cleanup() { drop_staged ${folder}; }
connection > ${`${folder}/connection`}
sweep_staged ${id}
rm -rf -- ${`${nixosDirectory}/source`} ${`${nixosDirectory}/proven`} ${`${nixosDirectory}/result`}
need ${folder} ${bytes} ${tree.files.length}; enough`,
    ...tree.files.map((file) => receiveSource(file, sources)),
  ]
}

function keepStaged(staging: NixosStaging): readonly string[] {
  return [noteSeen(staging), 'cleanup() { :; }']
}

/** Exec 3: activated as a test, so that any reboot returns to the previous system. */
export function testScript({ system }: SystemRendered, staging: Staging): string {
  return [
    scriptHead(),
    refuseUnstaged(staging),
    sh`: > ${unconfirmedMarker}`,
    ...rebuild('test', system, staging.id, HostExit.SwitchFailed),
    isProven('/run/current-system', staging.id),
  ].join('\n')
}

/** The same where nixos-rebuild did it from elsewhere, after it. */
export function testedScript({ id }: Staging): string {
  return [scriptHead(), isProven('/run/current-system', id)].join('\n')
}

/**
 * What nixos-rebuild has evaluated once more may be another system by then: a file was changed meanwhile, or another
 * keel has switched the host.
 */
function isProven(link: string, id: string): string {
  const { proven } = placesOf(id)
  return sh`[ -e ${proven} ] && [ "$(readlink -f ${link})" = "$(readlink -f ${proven})" ] || { echo ${`${link} is another system than the one that was built and proven`} >&2; exit ${HostExit.SwitchFailed}; }`
}

/** Exec 4, once the host is healthy: the next boot takes the system, too, and keel notes what it was made from. */
export function bootScript({ system, module }: SystemRendered, tree: SourceTree, { id }: Staging): string {
  return [
    scriptHead(),
    isProven('/run/current-system', id),
    ...rebuild('boot', system, id, HostExit.SwitchFailed),
    recordScript(module, tree, id),
  ].join('\n')
}

/** Of a system that was made the boot entry from elsewhere. */
export function recordSystemScript({ module }: SystemRendered, tree: SourceTree, { id }: Staging): string {
  return [scriptHead(), recordScript(module, tree, id)].join('\n')
}

function recordScript(module: string, tree: SourceTree, id: string): string {
  return [
    isProven('/nix/var/nix/profiles/system', id),
    sh`printf '%s' ${module} > ${`${nixosDirectory}/k3s.nix`}
printf 'sources\t%s\nsystem\t%s\nbuilt-from\t%s\nkeel\t%s\ndeployed\t%s\n' ${tree.digest} "$(readlink -f /run/current-system)" "$(readlink -e ${channelsLink})" ${version} "$(date +%s)" > ${`${nixosDirectory}/record.new`}
mv -fT -- ${`${nixosDirectory}/record.new`} ${`${nixosDirectory}/record`}
rm -rf -- ${placesOf(id).folder}
rm -f -- ${unconfirmedMarker}`,
  ].join('\n')
}

/** For a system that is current, if some of its services do not run. */
export function startScript(operations: readonly Operation[]): string | undefined {
  const orders = operationsOf(operations, 'start-unit', 'run-unit', 'restart-unit').map((operation) => {
    const verb = operation.op === 'run-unit' ? operation.by : operation.op === 'start-unit' ? 'start' : 'restart'
    return sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl ${verb} --no-block -- ${operation.unit}`
  })
  return orders.length === 0 ? undefined : [scriptHead(), ...orders].join('\n')
}

/** The rollback: to the system of the boot entry, which is still the previous one. */
export function backScript(): string {
  return `${scriptHead()}
/nix/var/nix/profiles/system/bin/switch-to-configuration test > ${nixosDirectory}/back.log 2>&1 || { tail -n 5 ${nixosDirectory}/back.log >&2; exit ${HostExit.SwitchFailed}; }
rm -f -- ${unconfirmedMarker}`
}

/** What a build or proof script has printed: the version of the k3s that the system has. */
export function builtVersion(stdout: string): string | undefined {
  return /^k3s (v\S+)$/m.exec(stdout)?.[1]
}

export function sourceBytes({ files }: SourceTree): Buffer {
  return Buffer.concat(files.flatMap((file) => (file.kind === 'file' ? [file.bytes] : [])))
}

/**
 * --fast: no newer nixos-rebuild is built first. The environment comes from /etc/set-environment, not from the login:
 * NixOS writes it from its configuration, with NIX_PATH, certificates and proxies
 * (modules/config/shells-environment.nix, networking.proxy).
 */
function rebuild(
  verb: 'build' | 'test' | 'boot',
  system: NixosSystem,
  id: string,
  otherwise: number,
): readonly string[] {
  const { folder, sources } = placesOf(id)
  const log = `${folder}/${verb}.log`
  return [
    sh`(set +eu; cd ${folder} || exit; [ ! -r /etc/set-environment ] || . /etc/set-environment; exec nixos-rebuild ${verb} --fast ${whatToBuild(system, sources)}) > ${log} 2>&1 || { tail -n 12 ${log} >&2; exit ${otherwise}; }`,
  ]
}

function receiveSource(file: SourceTree['files'][number], sources: string): string {
  const path = `${sources}/${file.path}`
  const folder = sh`mkdir -p -- ${path.slice(0, path.lastIndexOf('/'))}`
  if (file.kind === 'link') return `${folder}; ${sh`ln -s -- ${file.target} ${path}`}`
  const digest = sha256(file.bytes)
  const received = sh`head -c ${file.bytes.length} > ${path} || gave_up $? ${path} ${file.bytes.length}; [ "$(sha256sum < ${path} | cut -c1-64)" = ${digest} ] || exit ${HostExit.WrongHash}`
  return [folder, received, ...(file.isProgram ? [sh`chmod u+x ${path}`] : [])].join('\n')
}

/**
 * Checks a built system for three mistakes before the switch: keel's module is not part of it, it belongs to another
 * host, or the host can't decrypt its secrets. Uses the age and the identities that agenix put into that very system
 * (modules/age.nix; before 2024 the identities were arguments).
 */
export function proveSystem({
  id,
  host,
  rendered: { secrets },
}: Pick<NixosStaging, 'id' | 'host'> & { readonly rendered: Pick<SystemRendered, 'secrets'> }): readonly string[] {
  const { sources, proven } = placesOf(id)
  return [
    sh`printf 'system %s\n' "$system"
for word in RuntimeDirectory=keel-k3s ${`--node-name=${host}`}; do
  grep -qsE "(^|[ \\"])$word([ \\"]|$)" "$system/etc/systemd/system/k3s.service" || exit ${HostExit.NotImported}
done
scripts=$system/activate
if [ -f "$system/etc/systemd/system/agenix-install-secrets.service" ]; then
  scripts="$scripts $(sed -n 's/^ExecStart=//p' "$system/etc/systemd/system/agenix-install-secrets.service")"
fi
age=$(grep -Eoh '[^ ]+ --decrypt' $scripts | head -n 1)
identities=()
for identity in $(sed -n 's/^ *for identity in \\(.*\\); do$/\\1/p' $scripts | head -n 1) $(grep -Eoh -- '--decrypt( -i [^ ]+)+' $scripts | head -n 1 | grep -Eo '/[^ ]+'); do
  [ ! -s "$identity" ] || identities+=(-i "$identity")
done
for secret in ${secrets}; do
  "\${age% --decrypt}" --decrypt "\${identities[@]}" ${sources}/secrets/"$secret.age" > /dev/null 2>&1 || { printf '%s\n' "$secret" >&2; exit ${HostExit.CannotDecryptSecret}; }
done
ln -sfn -- "$system" ${proven}
k3s=$(sed -n 's/^ExecStart=\\([^ ]*\\).*/\\1/p' "$system/etc/systemd/system/k3s.service" | tail -n 1)
timeout 10 "$k3s" --version < /dev/null 2> /dev/null | sed -n '1s/^k3s version \\([^ ]*\\).*/k3s \\1/p'`,
  ]
}
