import {
  type HelperSocket,
  helperSockets,
  keelUnits,
  keepalivedUnit,
  nodeUnits,
  systemUnits,
} from '../../model/keel-agent/helper.ts'
import { approverFolder, etcdData, hiddenFromAgent, hiddenFromHelper } from '../../model/keel-agent/keel-agent-path.ts'
import contentsFunctions from '../../templates/host/contents.sh'
import placedFunction from '../../templates/host/placed.sh'
import { template } from '../../templates/template.ts'
import { callsClosed, machineClosed } from '../hardening.ts'
import type { Settings } from '../service.ts'
import programTemplate from './keel-agent-root.sh.hbs'

/** One of the two forms of the helper: a socket, and the service that systemd starts for each connection to it. */
export interface AgentHelper {
  /** Without its suffix. */
  readonly name: string
  readonly description: string
  readonly socketUnit: Settings
  readonly socket: Settings
  readonly serviceUnit: Settings
  readonly service: Settings
}

/** Below /etc, because every system can have a program of keel's there, and so that a plan sees it. */
export const helperProgram = '/etc/keel/keel-agent-root'

const programText = template<{
  keelUnits: readonly string[]
  systemUnits: readonly string[]
  nodeUnits: readonly string[]
  systemLinks: readonly string[]
  etcdData: readonly string[]
  state: string
  contentsFunctions: string
  placedFunction: string
}>(programTemplate)

/** The helper's program, in bash. */
export function helperText({ isNixos }: { readonly isNixos: boolean }): string {
  return programText({
    keelUnits: isNixos ? [...keelUnits, keepalivedUnit] : keelUnits,
    systemUnits: isNixos ? systemUnits : [...systemUnits, keepalivedUnit],
    nodeUnits,
    // the system that runs, and the one that the next boot takes
    systemLinks: ['/run/current-system', '/nix/var/nix/profiles/system'],
    etcdData,
    state: '/var/lib/keel',
    contentsFunctions,
    placedFunction,
  })
}

const own: Readonly<Record<HelperSocket, Settings>> = {
  look: {
    // it compares files of all owners
    CapabilityBoundingSet: 'CAP_DAC_READ_SEARCH',
    ProtectHome: 'read-only',
    InaccessiblePaths: hiddenFromHelper.map((path) => `-${path}`),
    // a journal is followed for an hour at most
    RuntimeMaxSec: '65min',
  },
  act: {
    CapabilityBoundingSet: '',
    PrivateUsers: 'yes',
    ProtectHome: 'yes',
    ProcSubset: 'pid',
    InaccessiblePaths: [...hiddenFromAgent, '/var/lib/keel', '/run/credentials', '/run/agenix', approverFolder].map(
      (path) => `-${path}`,
    ),
    RuntimeMaxSec: '1min',
  },
}

const descriptions: Readonly<Record<HelperSocket, string>> = {
  look: 'what the keel-agent may ask of this host',
  act: 'what the keel-agent may do on this host',
}

/** The helper as units, for every system alike. */
export const agentHelpers: readonly AgentHelper[] = (['look', 'act'] as const).map((kind) => ({
  name: `keel-agent-${kind}`,
  description: descriptions[kind],
  // it stops and restarts with the agent, which nobody else asks for
  socketUnit: { PartOf: 'keel-agent.service' },
  socket: {
    ListenStream: helperSockets[kind],
    SocketMode: '0600',
    DirectoryMode: '0700',
    Accept: 'yes',
    MaxConnections: '24',
    // many requests at once are no reason to give up the socket: the agent itself asks for few at a time
    TriggerLimitIntervalSec: '0',
    RemoveOnStop: 'yes',
  },
  serviceUnit: { CollectMode: 'inactive-or-failed' },
  service: {
    ExecStart: `${helperProgram} ${kind}`,
    StandardInput: 'socket',
    StandardOutput: 'socket',
    StandardError: 'journal',
    // of what systemd itself says, else the journal has two lines for each request; not of what the program says
    LogLevelMax: 'notice',
    SyslogLevel: 'warning',
    // one that nobody listens to any more ends, and has nothing to clean up
    IgnoreSIGPIPE: 'no',
    KillSignal: 'SIGKILL',
    TimeoutStopSec: '5s',
    UMask: '0077',
    MemoryMax: '256M',
    TasksMax: '32',
    CPUWeight: '20',
    NoNewPrivileges: 'yes',
    ProtectSystem: 'strict',
    PrivateTmp: 'yes',
    PrivateDevices: 'yes',
    PrivateMounts: 'yes',
    // systemd and the journal are reached by sockets with a path
    PrivateNetwork: 'yes',
    IPAddressDeny: 'any',
    RestrictAddressFamilies: 'AF_UNIX',
    ...machineClosed,
    LockPersonality: 'yes',
    MemoryDenyWriteExecute: 'yes',
    ...callsClosed,
    ...own[kind],
  },
}))
