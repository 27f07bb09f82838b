import { hiddenFromAgent } from '../../model/keel-agent/keel-agent-path.ts'
import type { NodeAgent } from './node-agent.ts'

/** A section of a unit: a list means a setting that is there several times. */
export type Settings = Readonly<Record<string, string | readonly string[]>>

export interface AgentService {
  readonly description: string
  readonly after: readonly string[]
  readonly unit: Settings
  readonly environment: Readonly<Record<string, string>>
  readonly service: Settings
}

/**
 * The keel-agent's service, for every system alike. It runs before and without Kubernetes, as root without any
 * capability: only root can read the kubelet's key, and everything with which it could get more rights is hidden. What
 * systemd makes of it all is a figure in docs/keel-agent.md.
 * @param visible of /run, besides what every system has: where the program is
 */
export function agentService(
  { nodeName, configuration, state }: NodeAgent,
  program: string,
  visible: readonly string[] = [],
): AgentService {
  return {
    description: "keel's agent on this node",
    // not network-online.target, because the agent must also answer without a network
    after: ['network.target'],
    unit: {
      // the program comes with a later version of keel; until then the unit is enabled but does not start
      ConditionFileIsExecutable: program,
      StartLimitIntervalSec: '0',
    },
    environment: { NODE_NAME: nodeName },
    service: {
      Type: 'exec',
      ExecStart: `${program} --config ${configuration}`,
      Restart: 'always',
      RestartSec: '2s',
      // since systemd 254; an older one logs that it does not know them, and keeps the 2 s
      RestartSteps: '5',
      RestartMaxDelaySec: '1min',
      StateDirectory: state.path.slice('/var/lib/'.length),
      StateDirectoryMode: state.mode,
      UMask: '0077',
      CapabilityBoundingSet: '',
      NoNewPrivileges: 'yes',
      // all sockets that root commands the machine by (systemd's, D-Bus's, containerd's), and what others decrypted
      // into memory
      TemporaryFileSystem: '/run:ro',
      BindReadOnlyPaths: ['-/run/systemd/resolve', ...visible],
      InaccessiblePaths: hiddenFromAgent.map((path) => `-${path}`),
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      PrivateDevices: 'yes',
      PrivateMounts: 'yes',
      PrivateUsers: 'yes',
      DevicePolicy: 'closed',
      ProtectClock: 'yes',
      ProtectControlGroups: 'yes',
      ProtectHostname: 'yes',
      ProtectKernelLogs: 'yes',
      ProtectKernelModules: 'yes',
      ProtectKernelTunables: 'yes',
      ProtectProc: 'invisible',
      ProcSubset: 'pid',
      // no MemoryDenyWriteExecute: the agent is JavaScript, whose engine writes the code that it runs
      LockPersonality: 'yes',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      RestrictNamespaces: 'yes',
      RestrictRealtime: 'yes',
      RestrictSUIDSGID: 'yes',
      KeyringMode: 'private',
      SystemCallArchitectures: 'native',
      SystemCallFilter: ['@system-service', '~@privileged @resources'],
      SystemCallErrorNumber: 'EPERM',
    },
  }
}
