import { ExitCode, KeelError } from '../../errors.ts'
import { parseCleanPath } from '../host-paths/host-file-path.ts'
import { k3sPaths } from '../k3s/paths.ts'
import { kubeadmPaths } from '../kubeadm/paths.ts'
import { quote } from '../names.ts'
import { vkubeletPaths } from '../systemd-kubelet/paths.ts'

/**
 * The paths at which the keel-agent's unit gives it an empty folder of its own (ProtectHome=, PrivateTmp=,
 * TemporaryFileSystem=).
 */
const REPLACED = ['/home', '/root', '/tmp', '/var/tmp', '/run', '/var/run']

/** Where kubeadm has its credentials. */
const kubernetes = '/etc/kubernetes'

/**
 * Paths that root on a node may read and the agent may not, because they contain other identities: that of the machine
 * (its host key decrypts its secrets), the administrator and the cluster's CAs, the tokens of k3s, the service accounts
 * of Pods.
 */
export const hiddenFromAgent = [
  '/etc/ssh',
  '/etc/shadow',
  k3sPaths.roots.configuration,
  '/etc/credstore',
  '/etc/credstore.encrypted',
  '/var/lib/systemd/credential.secret',
  k3sPaths.server,
  '/var/lib/kubelet',
  kubernetes,
  kubeadmPaths.etcd,
  vkubeletPaths.state,
]

/** Where the approver's token is, in memory; only root can enter it. */
export const approverFolder = '/run/keel-approver'

/** What the keel-approver does not see: it needs nothing of k3s but the API server, and nothing of the agent. */
export const hiddenFromApprover = [...hiddenFromAgent, k3sPaths.roots.data, '/var/lib/keel']

/** The same for the part of its helper that compares files with what keel placed: nothing of this is ever placed. */
export const hiddenFromHelper = [
  ...['rsa', 'ecdsa', 'ed25519'].map((kind) => `/etc/ssh/ssh_host_${kind}_key`),
  '/etc/shadow',
  '/etc/credstore',
  '/var/lib/systemd/credential.secret',
  `${k3sPaths.server}/tls`,
  `${k3sPaths.server}/cred`,
  '/var/lib/kubelet',
  kubernetes,
  // not its folder, by which the helper sees that the host has a member
  ...['snap', 'wal'].map((folder) => `${kubeadmPaths.etcd}/member/${folder}`),
  '/run/credentials',
  '/run/agenix',
  approverFolder,
]

/** Where a server keeps its member of etcd: whether it has one is all that the helper tells. */
export const etcdData = [`${k3sPaths.server}/db/etcd`, `${kubeadmPaths.etcd}/member`]

/**
 * In bytes. Butane and Ignition accept lines of a unit below 2,048 bytes (go-systemd's unit/deserialize.go), and the
 * line has a few words besides the path.
 */
const LONGEST = 1024

/**
 * A path on a host that the keel-agent can see, and that needs no escaping in a unit.
 * @throws KeelError `file-path` or `keel-agent-path` (exit 2).
 */
export function parseVisiblePath(text: string): string {
  const path = parseCleanPath(text)
  if (!/^[A-Za-z0-9_@.:/=+-]+$/.test(path)) {
    const why = 'use only letters, digits and _ @ . : = + -, which need no quotes in a unit'
    throw new KeelError({
      code: 'keel-agent-path',
      found: `${quote(path)} as a path in the keel-agent's unit`,
      why,
      exit: ExitCode.Usage,
    })
  }
  if (path.length > LONGEST) {
    throw new KeelError({
      code: 'keel-agent-path',
      found: `a path of ${path.length} bytes in the keel-agent's unit`,
      why: 'Flatcar refuses a unit with a line that is too long',
      todo: `choose a path of at most ${LONGEST} bytes`,
      exit: ExitCode.Usage,
    })
  }
  const hidden = [...REPLACED, ...hiddenFromAgent].find((folder) => path === folder || path.startsWith(`${folder}/`))
  if (hidden === undefined) return path
  throw new KeelError({
    code: 'keel-agent-path',
    found: `${quote(path)}, which the keel-agent does not see`,
    why: `its unit hides ${hidden} from it`,
    todo: 'choose another place: below /etc, /opt, /usr or /var/lib',
    exit: ExitCode.Usage,
  })
}
