import { registriesId, secretFlagsId } from '../../desired/distribution/k3s/state.ts'
import type { HostState } from '../../desired/host-state.ts'
import type { HostFile } from '../../model/cluster.ts'
import type { NixosPlacement } from '../../parts/part.ts'
import placeFunctions from '../../templates/host/place.sh'
import { etcName } from '../../templates/nix-etc.ts'
import { joinText, type NixExpression, type NixText, type NixValue, nix, nixText } from '../../templates/nix-text.ts'
import { sh } from '../../templates/shell-quote.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import { together } from './placements.ts'
import { composedPath } from './start-scripts.ts'

/**
 * `environment`: files under /etc, and the programs of parts. Files elsewhere are put in their places at each switch.
 */
export function environmentOf(
  state: HostState,
  placements: readonly NixosPlacement[],
): { readonly environment?: NixValue } {
  const etc = together(
    Object.fromEntries(filesInEtc(state).map(etcFile)),
    k3sFiles(state),
    ...placements.map((placement) => placement.etc),
  )
  const systemPackages = placements.flatMap(({ packages = [] }) => packages)
  const environment = {
    ...(Object.keys(etc).length === 0 ? {} : { etc }),
    ...(systemPackages.length === 0 ? {} : { systemPackages }),
  }
  return Object.keys(environment).length === 0 ? {} : { environment }
}

/** Files that are not under /etc are written at each switch, after users were made. */
export function filesByActivation(
  state: HostState,
  usersAreService: NixExpression,
): Readonly<Record<string, NixValue>> {
  const text = placeFiles(state)
  if (text === undefined) return {}
  return { 'keel-files': nix`lib.mkIf (!${usersAreService}) ${{ deps: ['users', 'groups'], text }}` }
}

/**
 * The same if a service makes users: then the activation is already over, and with nixos-init no activation script
 * runs.
 */
export function filesByService(state: HostState, usersAreService: NixExpression): Readonly<Record<string, NixValue>> {
  const script = placeFiles(state)
  if (script === undefined) return {}
  return {
    'keel-files': nix`lib.mkIf ${usersAreService} ${{
      description: "Put the inventory's files outside of /etc in their places",
      wantedBy: ['sysinit.target'],
      // userborn has that name, too
      after: ['local-fs.target', 'systemd-sysusers.service'],
      before: ['sysinit.target', 'shutdown.target', 'k3s.service'],
      conflicts: ['shutdown.target'],
      unitConfig: { DefaultDependencies: false },
      serviceConfig: { Type: 'oneshot', RemainAfterExit: true },
      script,
    }}`,
  }
}

/**
 * Where users are made after /etc, or /etc is an image, NixOS silently gives a file with a named owner to root
 * (setup-etc.pl).
 */
export function ownerAssertions(state: HostState, usersAreService: NixExpression): readonly NixValue[] {
  return filesInEtc(state).flatMap(({ path, owner, group }) => {
    const names = [...new Set([owner, group])].filter((name) => numberOf(name) === undefined)
    if (names.length === 0) return []
    return [
      {
        assertion: nix`!(${usersAreService} || config.system.etc.overlay.enable)`,
        message: `hosts/${state.host}/k3s.nix: on this system files.${JSON.stringify(path)} can't have the owner ${names.join(':')} by name (NixOS would make it root's): write its number in hosts/${state.host}, and set the same one as users.users.<name>.uid and users.groups.<name>.gid.`,
      },
    ]
  })
}

function filesInEtc({ files }: HostState): readonly HostFile[] {
  return files.filter(isInEtc)
}

/** The script, in bash; undefined where there is nothing. */
export function placeFiles({ files }: Pick<HostState, 'files'>): NixText | undefined {
  const elsewhere = files.filter((file) => !isInEtc(file))
  if (elsewhere.length === 0) return undefined
  // the functions end with the parentheses, as the snippets of all modules are one script; and so does what shellcheck
  // is told
  return joinText([
    `# shellcheck disable=all\n(\n${placeFunctions}\nstatus=0\n`,
    ...elsewhere.map(
      ({ path, content, mode, owner, group }) =>
        nixText`${sh`place ${path} ${mode} ${`${owner}:${group}`}`} < ${nix`pkgs.writeText "file" ${content}`} || status=1\n`,
    ),
    'exit "$status"\n)\n',
  ])
}

function k3sFiles(state: HostState): Readonly<Record<string, NixValue>> {
  const k3s = k3sServiceOf(state)
  const { credentials } = state.distribution
  const composed = new Set(credentials.map(({ id }) => id))
  return {
    ...(k3s.registries === undefined || composed.has(registriesId)
      ? {}
      : { 'rancher/k3s/registries.yaml': { text: `${JSON.stringify(k3s.registries, null, 2)}\n` } }),
    ...(composed.has(secretFlagsId)
      ? { 'rancher/k3s/config.yaml.d/90-keel-secrets.yaml': { source: composedPath(secretFlagsId) } }
      : {}),
  }
}

function isInEtc({ path }: HostFile): boolean {
  return path.startsWith('/etc/')
}

function etcFile({ path, content, mode, owner, group }: HostFile): readonly [string, NixValue] {
  const isPlain = mode === '0644' && numberOf(owner) === 0 && numberOf(group) === 0
  return [
    etcName(path),
    { text: content, ...(isPlain ? {} : { mode, ...account('u', owner), ...account('g', group) }) },
  ]
}

/** NixOS does not know a number as a name, and would give the file to root. */
function account(kind: 'u' | 'g', name: string): NixValue & object {
  const number = numberOf(name)
  if (number !== undefined) return { [`${kind}id`]: number }
  return kind === 'u' ? { user: name } : { group: name }
}

function numberOf(name: string): number | undefined {
  return name === 'root' ? 0 : /^\d+$/.test(name) ? Number(name) : undefined
}
