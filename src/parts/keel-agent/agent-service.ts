import { helperFolder } from '../../model/keel-agent/helper.ts'
import { hiddenFromAgent } from '../../model/keel-agent/keel-agent-path.ts'
import { callsClosed, machineClosed, restartedAlways } from '../hardening.ts'
import type { Service, Settings } from '../service.ts'
import type { NodeAgent } from './node-agent.ts'

/** The sockets of its helper. */
const helperUnits = ['keel-agent-look.socket', 'keel-agent-act.socket']

/**
 * The keel-agent's service, for every system alike. It runs before and without Kubernetes, as root without any
 * capability: only root can read the kubelet's key, and everything with which it could get more rights is hidden. What
 * systemd makes of it all is a figure in docs/keel-agent.md.
 * @param installed the path of keel's program, which runs where the inventory names no other
 * @param visible of /run, besides what every system has: where the program is
 */
export function agentService(
  { nodeName, configuration, state, program: own, credentialFolders }: NodeAgent,
  installed: string,
  visible: readonly string[] = [],
): Service {
  const program = own ?? installed
  const { around, hidden, shown } = hiddenAround(credentialFolders)
  return {
    description: "keel's agent on this node",
    // not network-online.target, because the agent must also answer without a network
    after: ['network.target', ...helperUnits],
    unit: {
      // they need nobody else, so nothing else has to enable them
      Wants: helperUnits.join(' '),
      // Flatcar enables the unit at its first boot, and the program comes over SSH; an own program may come later
      ConditionFileIsExecutable: program,
      StartLimitIntervalSec: '0',
    },
    environment: { NODE_NAME: nodeName },
    service: {
      Type: 'exec',
      ExecStart: `${program} --config ${configuration}`,
      ...restartedAlways,
      StateDirectory: state.path.slice('/var/lib/'.length),
      StateDirectoryMode: state.mode,
      UMask: '0077',
      CapabilityBoundingSet: '',
      NoNewPrivileges: 'yes',
      // all sockets that root commands the machine by (systemd's, D-Bus's, containerd's), and what others decrypted
      // into memory
      TemporaryFileSystem: around.length === 0 ? '/run:ro' : ['/run:ro', ...around.map((path) => `${path}:ro`)],
      BindReadOnlyPaths: ['-/run/systemd/resolve', `-${helperFolder}`, ...shown.map((path) => `-${path}`), ...visible],
      InaccessiblePaths: hidden.map((path) => `-${path}`),
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      PrivateDevices: 'yes',
      PrivateMounts: 'yes',
      PrivateUsers: 'yes',
      ...machineClosed,
      ...(own === undefined ? withoutJit : withJit),
      MemoryMax: '256M',
      LockPersonality: 'yes',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      ...callsClosed,
    },
  }
}

/** Folders that are hidden as a whole; those around a credential, of which it sees empty ones; and what it sees in these. */
function hiddenAround(credentialFolders: readonly string[]) {
  const isIn = (folder: string, path: string) => folder.startsWith(`${path}/`)
  const isAround = (path: string) => credentialFolders.some((folder) => isIn(folder, path))
  const around = hiddenFromAgent.filter(isAround)
  return {
    around,
    hidden: hiddenFromAgent.filter((path) => !isAround(path)),
    shown: credentialFolders.filter((folder) => around.some((path) => isIn(folder, path))),
  }
}

/** keel's program runs without a JIT. It reads the machine's free memory in /proc/meminfo, which `ProcSubset=pid` hides. */
const withoutJit: Settings = { MemoryDenyWriteExecute: 'yes', ProcSubset: 'all' }
/** Another program may have an engine that writes the code which it runs. */
const withJit: Settings = { ProcSubset: 'pid' }
