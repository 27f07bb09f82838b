import type { HostState, WantedFile } from '../../desired/host-state.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../../model/keel-agent/agent-program.ts'
import { vkubeletNodeOptions, vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import { restartedAlways } from '../../parts/hardening.ts'
import type { PushedPrograms } from '../../parts/part.ts'
import { type Settings, serviceText } from '../../parts/service.ts'
import type { PlacedCredential } from '../rendered.ts'
import type { DistributionFiles } from './host-on-systemd.ts'
import { placedCredentials } from './placed-credentials.ts'

/** What a host has for keel-vkubelet: its unit, what that reads, its program. Nothing where it has another Node. */
export function vkubeletFiles(state: HostState, programs: PushedPrograms): DistributionFiles {
  const { vkubelet } = state.distribution
  if (vkubelet === undefined) return { files: [], links: [], directories: [] }
  const { unit, configuration, policy, program, sources, folders } = vkubeletPaths
  const credentials = placedCredentials(state).filter(({ id }) => vkubelet.credentials.includes(id))
  return {
    files: [
      readAtStart(`/etc/systemd/system/${unit}`, '0644', unitText(credentials)),
      readAtStart(configuration, '0600', vkubelet.configuration),
      ...vkubelet.files.map(({ path, content }) => readAtStart(path, '0644', content)),
      readAtStart(policy, '0755', '#!/bin/sh\nexit 101\n'),
      ...launcher(program, vkubelet.version, programs),
    ],
    links: [],
    directories: [
      { path: sources, mode: '0755', owned: true },
      { path: vkubeletPaths.state, mode: '0700', owned: true },
      ...Object.values(folders).map((path) => ({ path, mode: '0700' })),
    ],
  }
}

/**
 * The capabilities that neither the program nor a command that somebody runs in a container with it needs: a container
 * gets its own from systemd.
 */
const WITHOUT = [
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_BOOT',
  'CAP_SYS_TIME',
  'CAP_SYS_PACCT',
  'CAP_MAC_ADMIN',
  'CAP_MAC_OVERRIDE',
  'CAP_AUDIT_CONTROL',
  'CAP_WAKE_ALARM',
  'CAP_BPF',
  'CAP_PERFMON',
  'CAP_SYSLOG',
  'CAP_NET_ADMIN',
]

/**
 * As root, because it writes units and asks systemd for them: control of the program is control of the host. It has no
 * mount namespace of its own, because what it mounts for Pods has to be there for their units.
 */
const service: Settings = {
  Type: 'exec',
  ExecStart: vkubeletPaths.program,
  ...restartedAlways,
  StateDirectory: vkubeletPaths.state.slice('/var/lib/'.length),
  StateDirectoryMode: '0700',
  // Pods run on, and need what is there
  RuntimeDirectory: vkubeletPaths.run.slice('/run/'.length),
  RuntimeDirectoryMode: '0700',
  RuntimeDirectoryPreserve: 'yes',
  // it gives every file its mode itself: those of volumes are for the users of Pods
  UMask: '0022',
  CapabilityBoundingSet: `~${WITHOUT.join(' ')}`,
  NoNewPrivileges: 'yes',
  KeyringMode: 'private',
  LockPersonality: 'yes',
  RestrictRealtime: 'yes',
  RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  SystemCallArchitectures: 'native',
  SystemCallFilter: ['~@clock @module @reboot @swap @raw-io @obsolete @cpu-emulation'],
  SystemCallErrorNumber: 'EPERM',
  LimitNOFILE: '65536',
  MemoryMax: '512M',
  // a Pod that takes all memory ends before the program that reports it
  OOMScoreAdjust: '-500',
  LimitCORE: '0',
}

function unitText(credentials: readonly PlacedCredential[]): string {
  return serviceText({
    description: "keel's kubelet for Pods that are units of systemd",
    wants: ['network-online.target'],
    after: ['network-online.target'],
    unit: { ConditionFileIsExecutable: vkubeletPaths.program, StartLimitIntervalSec: '0' },
    environment: {},
    service: {
      ...service,
      ...(credentials.length === 0
        ? {}
        : { LoadCredentialEncrypted: credentials.map(({ id, path }) => `${id}:${path}`) }),
    },
  })
}

/** @returns nothing while the programs are not pinned */
function launcher(path: string, version: string, { paths }: PushedPrograms): readonly WantedFile[] {
  const [node, bundle] = [paths.get(NODE_ARTIFACT), paths.get(AGENT_ARTIFACT)]
  if (node === undefined || bundle === undefined) return []
  const text = `#!/bin/sh
if [ "\${1-}" = --version ]; then
  echo 'keel-vkubelet ${version}'
  exit
fi
exec ${node} ${vkubeletNodeOptions.join(' ')} ${bundle} vkubelet --config ${vkubeletPaths.configuration} "$@"
`
  return [readAtStart(path, '0755', text)]
}

function readAtStart(path: string, mode: string, content: string): WantedFile {
  return { path, content, mode, owner: 'root', group: 'root', readAtStartBy: vkubeletPaths.unit }
}
