import { type Probe, rows } from '../../model/probe.ts'

export const nixosDirectory = '/var/lib/keel/nixos'
/** Where `nix-channel` keeps root's channels, and the system's nixpkgs among them (Nix's manual, Files: Channels). */
export const channelsLink = '/nix/var/nix/profiles/per-user/root/channels'

export interface NixosState {
  /**
   * What keel switched this host to last: the digest of its sources, the system they became, keel's module among them.
   */
  readonly record?: NixosRecord
  /** The system that runs, and the one that the next boot takes. */
  readonly current: string
  readonly boot: string
  /** What root's channels lead to; empty where there are none. */
  readonly channels: string
}

interface NixosRecord {
  readonly sources: string
  readonly system: string
  readonly module: string
  /** What `NixosState.channels` was then; absent where an earlier keel wrote the record. */
  readonly channels?: string
}

/** What a NixOS host runs, and what keel made of it. The module holds no secret. */
export const nixosSystem: Probe<void, NixosState> = {
  name: 'nixos-system',
  script: () => `
printf 'current\\t%s\\n' "$(readlink -f /run/current-system)"
printf 'boot\\t%s\\n' "$(readlink -f /nix/var/nix/profiles/system)"
printf 'channels\\t%s\\n' "$(readlink -e ${channelsLink})"
if [ -f ${nixosDirectory}/record ] && [ -f ${nixosDirectory}/k3s.nix ]; then
  cat ${nixosDirectory}/record
  printf 'module\\t%s\\n' "$(base64 -w0 < ${nixosDirectory}/k3s.nix)"
fi
true`,
  parse: (stdout) => {
    const found = Object.fromEntries(rows(stdout).map(([key = '', value = '']) => [key, value]))
    const { sources, system, module, current = '', boot = '', channels = '', 'built-from': builtFrom } = found
    if (sources === undefined || system === undefined || module === undefined) return { current, boot, channels }
    const record = { sources, system, module: Buffer.from(module, 'base64').toString('utf8') }
    return { current, boot, channels, record: builtFrom === undefined ? record : { ...record, channels: builtFrom } }
  },
}
