import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { ended } from '../../../src/agent/ended.ts'
import { logTo } from '../../../src/agent/log.ts'
import { parseHostName } from '../../../src/model/names.ts'
import { PodsOfNode } from '../../../src/vkubelet/api/pods-of-node.ts'
import { k3sIssuer } from '../../../src/vkubelet/credentials/k3s-issuer.ts'
import { allocatableOf, PROVIDER_TAINT } from '../../../src/vkubelet/node/node-facts.ts'
import { hostImages } from '../../../src/vkubelet/program/images-of-host.ts'
import { runNode } from '../../../src/vkubelet/run-node.ts'
import { serveNode } from '../../../src/vkubelet/serve-node.ts'

/** The virtual kubelet with its API and its certificates, as a test runs it on a host of the lab (test/e2e/vkubelet/). */
const [name = '', server = '', folder = '', address = '', port = ''] = process.argv.slice(2)
const ending = new AbortController()
void ended().then(() => ending.abort())
const { signal } = ending
const log = logTo(process.stderr, 'info')
const pods = new PodsOfNode()
const at = (file: string) => `${folder}/${file}`
const pair = (kind: string) => ({ certificate: at(`${kind}.crt`), key: at(`${kind}.key`) })
const node = parseHostName(name)
/** Small, so that a Pod reaches it soon, and the machine of the test never. */
const size = { cores: availableParallelism(), memory: 640 * 2 ** 20, reserve: { milliCores: 100, memory: 2 ** 28 } }

const served = await serveNode({
  node,
  addresses: [address],
  port: Number(port),
  issuer: k3sIssuer({
    node,
    server: async () => new URL(server),
    token: () => readFile(at('token'), 'utf8'),
    addresses: [address],
    passwordFile: at('password'),
  }),
  folders: { units: '/run/systemd/system', execs: '/run/keel-vkubelet/exec' },
  paths: { client: pair('client'), serving: pair('serving'), clientCa: at('client-ca.crt') },
  pods,
  log,
  signal,
})
const running = runNode({
  read: served.read,
  facts: {
    name,
    labels: {},
    taints: [PROVIDER_TAINT],
    arch: 'amd64',
    ...size,
    disk: 2 ** 33,
    mostPods: 110,
    addresses: [address],
    port: Number(port),
    system: {
      machineId: readFileSync('/etc/machine-id').toString().trim(),
      bootId: '',
      kernel: release(),
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      systemd: '252',
      version: 'v1.36.3-keel',
    },
  },
  left: async () => ({
    memory: { total: 1e9, available: 9e8 },
    disk: { total: 1e9, available: 9e8, inodes: 0, inodesLeft: 0 },
    tasks: { most: 1000, now: 1 },
  }),
  images: (changed) =>
    hostImages({ packages: [], repositories: [], programs: ['/usr/bin/*', '/bin/*'] }, { log, signal, changed }),
  host: {
    hidden: ['/etc/ssh', folder],
    mounts: [{ path: '/srv/shared', readOnly: false }],
    mostTasks: 200,
    mostPods: 110,
    together: allocatableOf(size),
  },
  folders: {
    units: '/run/systemd/system',
    pods: '/run/keel-vkubelet/pods',
    disk: '/var/lib/keel-vkubelet/pods',
    directories: { state: '/var/lib', cache: '/var/cache', logs: '/var/log', runtime: '/run' },
  },
  pods,
  log,
  signal,
})
await Promise.all([served.ended.catch(() => undefined), running.catch(() => undefined)])
