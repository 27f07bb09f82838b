import { registriesId } from '../../desired/distribution/k3s/state.ts'
import type { HostState } from '../../desired/host-state.ts'
import { stepOf } from '../../model/distribution/once-step.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import type { NixosPlacement } from '../../parts/part.ts'
import { etcSource } from '../../templates/nix-etc.ts'
import {
  NixCommented,
  type NixExpression,
  type NixValue,
  nix,
  nixCode,
  nixFile,
  nixText,
} from '../../templates/nix-text.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import { ageSecrets, secretPath } from './age-secrets.ts'
import { folders } from './folders.ts'
import { environmentOf, filesByActivation, filesByService, ownerAssertions } from './host-files.ts'
import { newerOptions, plainFlags, typedOrFlags } from './k3s-flags.ts'
import { placementsOf, together } from './placements.ts'
import { certificateVariable, composedPath, preStart, restartIfChanged, runtimeDirectory } from './start-scripts.ts'

/**
 * HostState → `hosts/<name>/k3s.nix`: a module for NixOS 24.11 and later with agenix, to be imported beside what the
 * machine's owner wrote. Pure. It sets nothing that a hand-written module could not override, and holds references to
 * secrets only.
 */
export function k3sModule(wanted: HostState, placements: readonly NixosPlacement[] = placementsOf(wanted)): string {
  // the files of parts are placed as those of the inventory are
  const state = { ...wanted, files: [...wanted.files, ...placements.flatMap(({ files = [] }) => files)] }
  const definitions = placements.flatMap((placement) => placement.definitions ?? [])
  const placesCa = stepOf(state.distribution.once, 'place-ca')
  const certificate =
    placesCa === undefined
      ? nixCode('')
      : nix`
# public; its key comes from agenix
${certificateVariable} = pkgs.writeText "server-ca.crt" ${placesCa.certificatePem};`
  return nixFile(nix`{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  ${agenixIsService} = config.systemd.sysusers.enable || config.services.userborn.enable;${definitions.reduce((before, one) => nix`${before}\n${one}`, nixCode(''))}${certificate}
in
{
  config =
    if !(options ? age) then
      throw ${missingAgenix(state)}
    else
      ${settings(state, placements)};
}`)
}

function missingAgenix({ host }: HostState): string {
  return `hosts/${host}/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports.`
}

function settings(state: HostState, placements: readonly NixosPlacement[]): NixValue {
  const networking = together(...placements.map((placement) => placement.networking))
  const sockets = together(...placements.map((placement) => placement.sockets))
  return {
    age: { secrets: ageSecrets(state) },
    services: together(
      {
        k3s: nix`lib.mkMerge ${[common(state), ...agentToken(state), ...newerOptions(k3sServiceOf(state).config)]}`,
        logind: inhibitDelay,
      },
      ...placements.map(({ services }) => services),
    ),
    ...containerd(state),
    ...(Object.keys(networking).length === 0 ? {} : { networking }),
    ...environmentOf(state, placements),
    systemd: {
      services: together(units(state), ...placements.map((placement) => placement.units)),
      ...(Object.keys(sockets).length === 0 ? {} : { sockets }),
      ...folders(state, placements),
    },
    system: { activationScripts: activationScripts(state) },
    assertions: assertions(state, placements),
  }
}

function common(state: HostState): NixValue {
  const k3s = k3sServiceOf(state)
  const token = k3s.credentialFiles.K3S_TOKEN_FILE ?? ''
  return {
    enable: true,
    role: state.role,
    package: packageOf(state),
    tokenFile: secretPath(token),
    ...(k3s.join.kind === 'join' ? { serverAddr: k3s.join.server } : {}),
    ...(k3s.join.kind === 'found' ? { clusterInit: true } : {}),
    gracefulNodeShutdown: new NixCommented('k3s data was damaged by ordinary shutdowns (nixpkgs#255783)', {
      enable: nix`lib.mkDefault true`,
    }),
    ...manifestFiles(state),
    extraFlags: [...plainFlags(k3s.config), ...registriesFlag(state)],
  }
}

/** nixpkgs throws for a minor version that it no longer has; the assertion below says what to do. */
function packageOf(state: HostState): NixValue {
  const name = nixCode(`k3s_${minor(state).replace('.', '_')}`)
  return nix`
  let
    found = builtins.tryEval (pkgs.${name} or pkgs.k3s);
  in
  lib.mkDefault (if found.success then found.value else pkgs.k3s)`
}

function minor(state: HostState): string {
  const k3s = k3sServiceOf(state)
  return /^v(\d+\.\d+)\./.exec(k3s.version)?.[1] ?? ''
}

/** Servers only: all of them must be given the same agent token. */
function agentToken(state: HostState): readonly NixExpression[] {
  const k3s = k3sServiceOf(state)
  const name = k3s.credentialFiles.K3S_AGENT_TOKEN_FILE
  if (name === undefined) return []
  return [typedOrFlags('agentTokenFile', secretPath(name), [nixText`--agent-token-file=${secretPath(name)}`])]
}

function registriesFlag({ distribution: { credentials } }: HostState): readonly string[] {
  return credentials.flatMap(({ id }) => (id === registriesId ? [`--private-registry=${composedPath(id)}`] : []))
}

function manifestFiles({ manifests }: HostState): { readonly manifests?: NixValue } {
  if (manifests.length === 0) return {}
  return {
    manifests: Object.fromEntries(
      manifests.map(({ name, content }) => [name, { source: nix`pkgs.writeText ${name} ${content}`, target: name }]),
    ),
  }
}

/** systemd lets the kubelet's shutdown manager delay a shutdown for only 5 s, unless logind allows more. */
const inhibitDelay = new NixCommented(
  'the grace period above (30 s by default) is cut off by logind otherwise',
  nix`
  if options.services.logind ? settings then
    ${{ settings: { Login: { InhibitDelayMaxSec: nix`lib.mkDefault 30` } } }}
  else
    ${{ extraConfig: nix`lib.mkBefore ${'InhibitDelayMaxSec=30\n'}` }}`,
)

/** Where k3s is told to use the system's containerd. */
function containerd(state: HostState): { readonly virtualisation?: NixValue } {
  return usesContainerd(state) ? { virtualisation: { containerd: { enable: nix`lib.mkDefault true` } } } : {}
}

function usesContainerd(state: HostState): boolean {
  const k3s = k3sServiceOf(state)
  return /^(unix:\/\/)?\/run\/containerd\/containerd\.sock$/.test(String(k3s.config['container-runtime-endpoint']))
}

function units(state: HostState): Readonly<Record<string, NixValue>> {
  const wanted = usesContainerd(state) ? ['containerd.service'] : []
  // not `requires`: a rekey restarts that unit, and must not restart k3s
  const agenix = nix`lib.optional ${agenixIsService} "agenix-install-secrets.service"`
  const after = [...wanted, ...(k3sServiceOf(state).interface === undefined ? [] : ['tailscaled.service'])]
  return {
    k3s: {
      after: after.length === 0 ? agenix : nix`${after} ++ ${agenix}`,
      wants: wanted.length === 0 ? agenix : nix`${wanted} ++ ${agenix}`,
      preStart: preStart(state),
      ...restartTriggers(state),
      serviceConfig: { RuntimeDirectory: runtimeDirectory, RuntimeDirectoryMode: '0700' },
    },
    'keel-k3s-secrets': new NixCommented(
      'what the activation script below does elsewhere',
      nix`lib.mkIf ${agenixIsService} ${{
        description: 'Restart k3s if the value of one of its secrets is another',
        wantedBy: ['multi-user.target'],
        wants: ['agenix-install-secrets.service'],
        after: ['agenix-install-secrets.service', 'k3s.service'],
        restartTriggers: nix`lib.mapAttrsToList (_: secret: secret.file) config.age.secrets`,
        serviceConfig: { Type: 'oneshot', RemainAfterExit: true },
        script: restartIfChanged(state, 'systemctl try-restart --no-block k3s.service'),
      }}`,
    ),
    ...filesByService(state, agenixIsService),
  }
}

/** Where systemd.sysusers or userborn make users, too: both are services that run after the activation. */
const agenixIsService = nixCode('agenixIsService')

/** k3s reads these at its start only. */
function restartTriggers(state: HostState): { readonly restartTriggers?: NixValue } {
  const k3s = k3sServiceOf(state)
  const { credentials } = state.distribution
  if (k3s.registries === undefined || credentials.some(({ id }) => id === registriesId)) return {}
  return { restartTriggers: [etcSource(k3sPaths.registries)] }
}

function activationScripts(state: HostState): NixValue {
  return {
    ...filesByActivation(state, agenixIsService),
    'keel-k3s-secrets': nix`lib.mkIf (!${agenixIsService}) ${{
      deps: ['agenix'],
      text: restartIfChanged(state, 'echo k3s.service >> /run/nixos/activation-restart-list'),
    }}`,
  }
}

function assertions(state: HostState, placements: readonly NixosPlacement[]): NixValue {
  const found = minor(state)
  return [
    {
      assertion: nix`lib.versions.majorMinor config.services.k3s.package.version == ${found}`,
      message: nixText`hosts/${state.host}/k3s.nix: services.k3s.package is k3s ${nix`config.services.k3s.package.version`}, and hosts/cluster says ${found}: update nixpkgs, set services.k3s.package, or change the version there.`,
    },
    ...placements.flatMap((placement) => placement.assertions ?? []),
    ...ownerAssertions(state, agenixIsService),
  ]
}
