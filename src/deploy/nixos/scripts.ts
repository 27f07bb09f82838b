import { createHash } from 'node:crypto'
import type { NixosSystem } from '../../model/cluster.ts'
import type { Operation } from '../../plan/operation.ts'
import type { Questions } from '../../probes/facts.ts'
import { factsDigestScript } from '../../probes/facts.ts'
import { unconfirmedMarker } from '../../probes/generation.ts'
import { nixosDirectory } from '../../probes/nixos-system.ts'
import type { PlacedNixos } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { HostExit, scriptHead } from '../host-script.ts'
import type { SourceTree } from './source-tree.ts'

const sources = `${nixosDirectory}/source`

/** What nixos-rebuild is told to build, on a machine where the sources lie in a folder. */
export function whatToBuild({ source }: NixosSystem, directory: string): readonly string[] {
  return source.kind === 'flake'
    ? ['--flake', `path:${directory}#${source.attribute}`]
    : ['-I', `nixos-config=${directory}/${source.file}`]
}

/** Exec 2 where the system is built on the host: takes the sources in, builds, and proves that the host can decrypt. Switches nothing. */
export function buildScript(
  { system, secrets }: PlacedNixos,
  tree: SourceTree,
  questions: Questions,
  expectedDigest: string,
): string {
  return [
    ...takeIn(tree, questions, expectedDigest),
    ...rebuild('build', system, HostExit.BuildFailed),
    sh`system=$(readlink -f ${`${nixosDirectory}/result`})`,
    ...proveSystem(secrets),
  ].join('\n')
}

/** The same where it was built elsewhere and copied here: only the encrypted files are taken in, for the proof. */
export function proveScript(
  { secrets }: PlacedNixos,
  systemPath: string,
  tree: SourceTree,
  questions: Questions,
  expectedDigest: string,
): string {
  return [...takeIn(tree, questions, expectedDigest), sh`system=${systemPath}`, ...proveSystem(secrets)].join('\n')
}

/** Nothing is taken in on a host that has changed since it was asked. */
function takeIn(tree: SourceTree, questions: Questions, expectedDigest: string): readonly string[] {
  return [
    scriptHead(),
    refuseChanged(questions, expectedDigest),
    sh`rm -rf -- ${sources}; mkdir -p -- ${sources}`,
    ...tree.files.map(receiveSource),
  ]
}

/** Exec 3: activated as a test, so that a reboot, whoever orders it, leads back. */
export function testScript({ system }: PlacedNixos): string {
  return [
    scriptHead(),
    sh`: > ${unconfirmedMarker}`,
    ...rebuild('test', system, HostExit.SwitchFailed),
    sh`[ "$(readlink -f /run/current-system)" = "$(readlink -f ${`${nixosDirectory}/result`})" ] || exit ${HostExit.SwitchFailed}`,
  ].join('\n')
}

/** Exec 4, once the host is healthy: the next boot takes the system, too, and keel notes what it was made from. */
export function bootScript({ system, module }: PlacedNixos, tree: SourceTree): string {
  return [scriptHead(), ...rebuild('boot', system, HostExit.SwitchFailed), recordScript(module, tree)].join('\n')
}

/** Of a system that was made the boot entry from elsewhere. */
export function recordSystemScript({ module }: PlacedNixos, tree: SourceTree): string {
  return [scriptHead(), recordScript(module, tree)].join('\n')
}

function recordScript(module: string, tree: SourceTree): string {
  return sh`printf '%s' ${module} > ${`${nixosDirectory}/k3s.nix`}
printf 'sources\t%s\nsystem\t%s\n' ${tree.digest} "$(readlink -f /run/current-system)" > ${`${nixosDirectory}/record.new`}
mv -fT -- ${`${nixosDirectory}/record.new`} ${`${nixosDirectory}/record`}
rm -rf -- ${sources} ${`${nixosDirectory}/result`}
rm -f -- ${unconfirmedMarker}`
}

/** Of a system that is right, and some of whose services do not run. */
export function startScript(operations: readonly Operation[]): string | undefined {
  const orders = operations.flatMap((operation) => {
    if (operation.op !== 'start-unit' && operation.op !== 'run-vip') return []
    const verb = operation.op === 'run-vip' ? operation.by : 'start'
    return [
      sh`systemctl reset-failed -- ${operation.unit} 2>/dev/null || true; systemctl ${verb} --no-block -- ${operation.unit}`,
    ]
  })
  return orders.length === 0 ? undefined : [scriptHead(), ...orders].join('\n')
}

/** The way back: the system of the boot entry, which is still the one before. */
export function backScript(): string {
  return `${scriptHead()}
/nix/var/nix/profiles/system/bin/switch-to-configuration test > ${nixosDirectory}/back.log 2>&1 || { tail -n 5 ${nixosDirectory}/back.log >&2; exit ${HostExit.SwitchFailed}; }
rm -f -- ${unconfirmedMarker}`
}

export function sourceBytes({ files }: SourceTree): Buffer {
  return Buffer.concat(files.flatMap((file) => (file.kind === 'file' ? [file.bytes] : [])))
}

function refuseChanged(questions: Questions, expectedDigest: string): string {
  return `seen=$(\n${factsDigestScript(questions)}\n)
${sh`[ "$seen" = ${expectedDigest} ] || exit ${HostExit.Changed}`}`
}

function rebuild(verb: 'build' | 'test' | 'boot', system: NixosSystem, otherwise: number): readonly string[] {
  return [
    sh`cd ${nixosDirectory}
nixos-rebuild ${verb} ${whatToBuild(system, sources)} > ${verb}.log 2>&1 || { tail -n 12 ${verb}.log >&2; exit ${otherwise}; }`,
  ]
}

function receiveSource(file: SourceTree['files'][number]): string {
  const path = `${sources}/${file.path}`
  const folder = sh`mkdir -p -- ${path.slice(0, path.lastIndexOf('/'))}`
  if (file.kind === 'link') return `${folder}; ${sh`ln -s -- ${file.target} ${path}`}`
  const digest = createHash('sha256').update(file.bytes).digest('hex')
  const received = sh`head -c ${file.bytes.length} > ${path}; [ "$(sha256sum < ${path} | cut -c1-64)" = ${digest} ] || exit ${HostExit.WrongHash}`
  return [folder, received, ...(file.isProgram ? [sh`chmod u+x ${path}`] : [])].join('\n')
}

/**
 * A system that was built is held against two mistakes before it is switched to: keel's module is not part of it (or another host's is), and the host
 * can't decrypt what it would be given. With the age and the identities that agenix put into that very system (modules/age.nix).
 */
function proveSystem(secrets: readonly string[]): readonly string[] {
  return [
    sh`printf 'system %s\n' "$system"
grep -qs 'RuntimeDirectory=keel-k3s' "$system/etc/systemd/system/k3s.service" || exit ${HostExit.NotImported}
scripts=$system/activate
if [ -f "$system/etc/systemd/system/agenix-install-secrets.service" ]; then
  scripts="$scripts $(sed -n 's/^ExecStart=//p' "$system/etc/systemd/system/agenix-install-secrets.service")"
fi
age=$(grep -Eoh '/nix/store/[^" ]+/bin/r?age' $scripts | head -n 1)
identities=()
for identity in $(sed -n 's/^ *for identity in \\(.*\\); do$/\\1/p' $scripts | head -n 1); do
  [ ! -r "$identity" ] || identities+=(-i "$identity")
done
for secret in ${secrets}; do
  "$age" --decrypt "\${identities[@]}" ${sources}/secrets/"$secret.age" > /dev/null 2>&1 || { printf '%s\n' "$secret" >&2; exit ${HostExit.CannotDecryptSecret}; }
done`,
  ]
}
