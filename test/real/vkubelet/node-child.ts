import { readFileSync } from 'node:fs'
import { availableParallelism, release, totalmem } from 'node:os'
import { ended } from '../../../src/agent/ended.ts'
import { logTo } from '../../../src/agent/log.ts'
import { PROVIDER_TAINT } from '../../../src/vkubelet/node/node-facts.ts'
import { hostImages } from '../../../src/vkubelet/program/images-of-host.ts'
import { runNode } from '../../../src/vkubelet/run-node.ts'

/**
 * The virtual kubelet as a test runs it on a host of the lab, until keel deploys one: with a credential and an address
 * from the command line.
 */
const [name = '', server = '', folder = '', address = ''] = process.argv.slice(2)
const fileOf = (file: string) => readFileSync(`${folder}/${file}`)
const ending = new AbortController()
void ended().then(() => ending.abort())

await runNode({
  read: async () => ({
    server: new URL(server),
    ca: fileOf('ca.crt'),
    cert: fileOf('client.crt'),
    key: fileOf('client.key'),
  }),
  facts: {
    name,
    labels: {},
    taints: [PROVIDER_TAINT],
    arch: 'amd64',
    cores: availableParallelism(),
    memory: totalmem(),
    disk: 2 ** 33,
    mostPods: 110,
    reserve: { milliCores: 100, memory: 2 ** 28 },
    addresses: [address],
    port: 10250,
    system: {
      machineId: readFileSync('/etc/machine-id').toString().trim(),
      bootId: '',
      kernel: release(),
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      systemd: '252',
      version: 'v1.34.4-keel',
    },
  },
  left: async () => ({
    memory: { total: 1e9, available: 9e8 },
    disk: { total: 1e9, available: 9e8, inodes: 0, inodesLeft: 0 },
    tasks: { most: 1000, now: 1 },
  }),
  images: (changed) =>
    hostImages(
      { packages: [], repositories: [], programs: ['/usr/bin/*', '/bin/*'] },
      { log: logTo(process.stderr, 'info'), signal: ending.signal, changed },
    ),
  host: { hidden: ['/etc/ssh', folder], mounts: [{ path: '/srv/shared', readOnly: false }], mostTasks: 200 },
  folders: {
    units: '/run/systemd/system',
    pods: '/run/keel-vkubelet/pods',
    disk: '/var/lib/keel-vkubelet/pods',
    directories: { state: '/var/lib', cache: '/var/cache', logs: '/var/log', runtime: '/run' },
  },
  log: logTo(process.stderr, 'info'),
  signal: ending.signal,
}).catch(() => undefined)
