import { hiddenFromApprover } from '../../model/keel-agent/keel-agent-path.ts'
import { callsClosed, machineClosed, restartedAlways } from '../hardening.ts'
import type { Service, Settings } from '../service.ts'
import { credential } from './credential.ts'
import type { NodeApprover } from './node-approver.ts'

/** The names of the two units, without the ending. */
export const APPROVER_UNIT = 'keel-approver'
export const TOKEN_UNIT = 'keel-approver-token'

/**
 * The keel-approver's service, for every system alike. It runs as a user that systemd makes for it, without any
 * capability. It sees its policy, its token, and the API server of this host.
 * @param visible of /run, besides what every system has: where the program is
 */
export function approverService(
  { nodeName, policy, program: own }: NodeApprover,
  program: string,
  visible: readonly string[] = [],
): Service {
  return {
    description: "keel's approver of the agents' certificates",
    // it makes the folder with the token, which this unit shows to the approver
    wants: [`${TOKEN_UNIT}.service`],
    after: ['network.target', `${TOKEN_UNIT}.service`],
    unit: { ConditionFileIsExecutable: program, StartLimitIntervalSec: '0' },
    environment: { NODE_NAME: nodeName },
    service: {
      Type: 'exec',
      ExecStart: `${program} approve --config ${policy.path}`,
      ...restartedAlways,
      DynamicUser: 'yes',
      User: APPROVER_UNIT,
      TemporaryFileSystem: '/run:ro',
      BindReadOnlyPaths: [`${credential.folder}:${credential.seenFolder}`, ...visible],
      InaccessiblePaths: hiddenFromApprover.map((path) => `-${path}`),
      // keel's program runs without a JIT; another one may have an engine that writes the code which it runs
      ...(own === undefined ? { MemoryDenyWriteExecute: 'yes' } : {}),
      MemoryMax: '256M',
      ...closed,
    },
  }
}

/**
 * Root's half: it reads the administrator's kubeconfig, and writes nothing but the token.
 * @param program without it, there is nobody to have a token
 */
export function tokenService({ tokenScript }: NodeApprover, program: string): Service {
  return {
    description: "The token of keel's approver, requested and renewed",
    after: ['network.target'],
    unit: { ConditionFileIsExecutable: program, StartLimitIntervalSec: '0', PartOf: `${APPROVER_UNIT}.service` },
    environment: {},
    service: {
      Type: 'exec',
      ExecStartPre: `/bin/sh -c "mkdir -p -m 0755 ${credential.folder}"`,
      ExecStart: `/bin/sh ${tokenScript.path}`,
      ExecStopPost: `/bin/sh -c "rm -f ${credential.folder}/token"`,
      ...restartedAlways,
      RuntimeDirectory: credential.runtime,
      RuntimeDirectoryMode: '0700',
      // the approver's unit shows the folder, which must be there whenever that unit starts: also while this one restarts
      RuntimeDirectoryPreserve: 'yes',
      InaccessiblePaths: ['/etc/ssh', '/etc/shadow', '/var/lib/keel'].map((path) => `-${path}`),
      MemoryDenyWriteExecute: 'yes',
      ...closed,
    },
  }
}

const closed: Settings = {
  // the API server of this host, and nobody else
  IPAddressAllow: 'localhost',
  IPAddressDeny: 'any',
  UMask: '0077',
  CapabilityBoundingSet: '',
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  PrivateTmp: 'yes',
  PrivateDevices: 'yes',
  PrivateMounts: 'yes',
  ...machineClosed,
  ProcSubset: 'pid',
  PrivateUsers: 'yes',
  LockPersonality: 'yes',
  RestrictAddressFamilies: 'AF_INET AF_INET6',
  ...callsClosed,
}
