import type { HostState } from '../../desired/host-state.ts'
import { healthSettings } from '../../parts/keepalived/health-settings.ts'
import { placedVip, vipTexts } from '../../parts/keepalived/place-vip.ts'
import { etcName, etcSource } from '../../templates/nix-etc.ts'
import { joinText, type NixValue, nix, nixText } from '../../templates/nix-text.ts'

/** The checker needs its own list, because no unit of NixOS and no login has all of these programs. */
const runtimePath = nix`lib.makeBinPath [ pkgs.bash pkgs.coreutils pkgs.gnused pkgs.iproute2 pkgs.openssl ]`

/** The checker, and keepalived's configuration, under /etc: `environment.etc`. */
export function vipFiles({ parts: { keepalived: vip } }: HostState): Readonly<Record<string, NixValue>> {
  if (vip === undefined) return {}
  const placed = placedVip(vip, 'nixos')
  const { program, configuration } = vipTexts(vip, placed)
  // bash from the store, instead of the one in the first line, because a unit's PATH has none
  const script = joinText([nixText`export PATH=${runtimePath}:$PATH\n`, program.slice(program.indexOf('\n') + 1)])
  return {
    [etcName(placed.program)]: { source: nix`pkgs.writeShellScript "keel-vip" ${script}` },
    [etcName(placed.configuration)]: { text: configuration },
  }
}

/** NixOS's keepalived, with keel's address besides those that it may have. */
export function keepalived({ parts: { keepalived: vip } }: HostState): { readonly keepalived?: NixValue } {
  if (vip === undefined) return {}
  // a file that is included: keepalived reads it again while it runs, and its unit's text stays the same
  return { keepalived: { enable: true, extraConfig: `include ${placedVip(vip, 'nixos').configuration}\n` } }
}

/** The checker's unit, and what keepalived's lacks (nixpkgs: services/networking/keepalived): `systemd.services`. */
export function vipServices({ parts: { keepalived: vip } }: HostState): Readonly<Record<string, NixValue>> {
  if (vip === undefined) return {}
  const { program, configuration, health } = placedVip(vip, 'nixos')
  return {
    [health.replace(/\.service$/, '')]: {
      description: "Whether this server is fit for the cluster's address",
      wantedBy: ['multi-user.target'],
      startLimitIntervalSec: 0,
      restartTriggers: [etcSource(program)],
      serviceConfig: healthSettings(program),
    },
    keepalived: {
      wants: [health],
      // after k3s, so that a host that shuts down first hands over the address and then ends its API
      after: [health, 'k3s.service'],
      startLimitIntervalSec: 0,
      reloadTriggers: [etcSource(configuration)],
      serviceConfig: {
        // an address that a crash left behind must not stay beside its new owner, and keepalived must not continue to
        // move it
        ExecStartPre: [`${program} release`, `${program} prepare`],
        ExecReload: nix`lib.mkForce ${`${program} reload $MAINPID`}`,
        ExecStopPost: `${program} release`,
        KillMode: nix`lib.mkForce "control-group"`,
        TimeoutStopSec: '5s',
      },
    },
  }
}
