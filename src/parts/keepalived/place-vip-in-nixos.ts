import { etcName, etcSource } from '../../templates/nix-etc.ts'
import { joinText, nix, nixText } from '../../templates/nix-text.ts'
import type { NixosPlacement, NixSet } from '../part.ts'
import { healthSettings } from './health-settings.ts'
import { type PlacedVip, placedVip, vipTexts } from './place-vip.ts'
import type { VrrpMember } from './vrrp-member.ts'

/** The checker needs its own list, because no unit of NixOS and no login has all of these programs. */
const runtimePath = nix`lib.makeBinPath [ pkgs.bash pkgs.coreutils pkgs.gnused pkgs.iproute2 pkgs.openssl ]`

/** A server's part in moving the address, by NixOS's own keepalived. */
export function placeVipInNixos(vip: VrrpMember): NixosPlacement<PlacedVip> {
  const placed = placedVip(vip, { os: 'nixos', distribution: 'k3s' })
  return {
    etc: files(vip, placed),
    // a file that is included: keepalived reads it again while it runs, and its unit's text stays the same
    services: { keepalived: { enable: true, extraConfig: `include ${placed.configuration}\n` } },
    units: units(placed),
    placed,
  }
}

/** The checker, and keepalived's configuration. */
function files(vip: VrrpMember, placed: PlacedVip): NixSet {
  const { program, configuration } = vipTexts(vip, placed)
  // bash from the store, instead of the one in the first line, because a unit's PATH has none
  const script = joinText([nixText`export PATH=${runtimePath}:$PATH\n`, program.slice(program.indexOf('\n') + 1)])
  return {
    [etcName(placed.program)]: { source: nix`pkgs.writeShellScript "keel-vip" ${script}` },
    [etcName(placed.configuration)]: { text: configuration },
  }
}

/** The checker's unit, and what keepalived's lacks (nixpkgs: services/networking/keepalived). */
function units({ program, configuration, health }: PlacedVip): NixSet {
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
