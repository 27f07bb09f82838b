import { unitWord } from '../../templates/unit-quote.ts'

/**
 * [Service] of the unit that runs the checker, as every system has it.
 * @param program the path of keel-vip
 */
export function healthSettings(program: string): Readonly<Record<string, string>> {
  return {
    ExecStart: `${unitWord(program)} watch`,
    // no matter who ended it, and how
    ExecStopPost: `${unitWord(program)} unfit`,
    TimeoutStopSec: '2s',
    Restart: 'always',
    RestartSec: '1s',
    RuntimeDirectory: 'keel/vip',
    RuntimeDirectoryMode: '0700',
    RuntimeDirectoryPreserve: 'yes',
    NoNewPrivileges: 'yes',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
    PrivateTmp: 'yes',
    PrivateDevices: 'yes',
    ProtectKernelModules: 'yes',
    ProtectKernelTunables: 'yes',
    ProtectControlGroups: 'yes',
    RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    RestrictNamespaces: 'yes',
    LockPersonality: 'yes',
    SystemCallArchitectures: 'native',
    CapabilityBoundingSet: '',
  }
}
