import { mkdirSync, rmdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { logTo } from '../../../src/agent/log.ts'
import { hostImages } from '../../../src/vkubelet/program/images-of-host.ts'
import { runNode } from '../../../src/vkubelet/run-node.ts'
import { PodsApi } from '../../support/vkubelet/pods-api.ts'

/**
 * Runs inside the namespaces of a real systemd (many-pods.test.ts): the whole program, with a stand-in for the API server.
 * Prints what became of many Pods, of which one fails.
 */
const NODE = 'ocean'
const MANY = 40
const api = new PodsApi()
const credentials = await api.listen()
const ending = new AbortController()
const { signal } = ending
const log: string[] = []
const units = '/run/user/0/systemd/user'

const running = runNode({
  read: async () => credentials,
  facts: {
    name: NODE,
    labels: {},
    taints: [],
    arch: 'amd64',
    cores: 2,
    memory: 2 ** 30,
    disk: 2 ** 33,
    mostPods: 110,
    reserve: { milliCores: 100, memory: 2 ** 28 },
    addresses: ['127.0.0.1'],
    port: 10350,
    system: { machineId: 'm', bootId: 'b', kernel: 'k', osImage: 'o', systemd: '252', version: 'v1.34.4' },
  },
  left: async () => ({
    memory: { total: 1e9, available: 9e8 },
    disk: { total: 1e9, available: 9e8, inodes: 0, inodesLeft: 0 },
    tasks: { most: 1000, now: 1 },
  }),
  images: (changed) =>
    hostImages(
      { packages: [], repositories: [], programs: ['/usr/bin/*'] },
      { log: logTo({ write: () => true }, 'error'), signal, changed },
    ),
  host: { hidden: [], mounts: [], mostPods: 110, mostTasks: 50, together: { milliCores: 1_900, memory: 3 * 2 ** 28 } },
  folders: {
    units,
    pods: '/run/keel-vkubelet/pods',
    disk: '/var/lib/keel-vkubelet/pods',
    directories: { state: '/srv/config', cache: '/srv/cache', logs: '/srv/config/log', runtime: '/run/user/0' },
  },
  log: logTo({ write: (line: string) => log.push(line) }, 'info'),
  signal,
}).catch(() => undefined)

const create = (name: string) =>
  api.create({
    metadata: { name, uid: `uid-${name}`, ...{ namespace: 'default', generation: 1 } },
    ...{ spec: { nodeName: NODE, containers: [{ name: 'main', image: 'exec:/usr/bin/sleep', args: ['1000'] }] } },
    status: { phase: 'Pending' },
  })
const isReady = (name: string) => api.pods.get(name)?.status.phase === 'Running'
async function until(what: string, condition: () => boolean): Promise<number> {
  const began = performance.now()
  for (const end = Date.now() + 90_000; Date.now() < end; await sleep(10))
    if (condition()) return Math.round(performance.now() - began)
  throw new Error(`in vain: ${what}: ${JSON.stringify([...api.pods.values()].slice(0, 3))} ${log.join('')}`)
}

const said: Record<string, unknown> = {}
create('first')
said.one = await until('one Pod runs', () => isReady('first'))
const before = api.patches
const inTheWay = `${units}/vks.default.fails.main.service`
mkdirSync(inTheWay)
create('fails')
const names = Array.from({ length: MANY }, (_, index) => `pod-${index}`)
for (const name of names) create(name)
said.many = await until('all Pods run', () => names.every(isReady))
said.patches = api.patches - before
said.mostAtOnce = api.mostAtOnce
await until('the other one says why', () => JSON.stringify(api.pods.get('fails')?.status).includes('EISDIR'))
said.failing = api.pods.get('fails')?.status.containerStatuses
await sleep(5_000)
said.logged = log.filter((line) => line.includes('default/fails')).length
said.told = api.events.filter(({ name }) => name === 'fails').map(({ reason, message }) => `${reason}: ${message}`)
rmdirSync(inTheWay)
said.recovered = await until('it runs after all', () => isReady('fails'))
said.rss = Math.round(process.memoryUsage().rss / 1e6)
const idle = process.cpuUsage()
await sleep(5_000)
const { user, system } = process.cpuUsage(idle)
said.idle = `${((user + system) / 5e4).toFixed(1)} % of a core, without the programs that it starts`
for (const name of [...api.pods.keys()]) api.delete(name, 5)
said.gone = await until('all are gone', () => api.pods.size === 0)
said.otherLines = log.filter((line) => !line.includes('default/fails'))
ending.abort()
await running
api.close()
console.log(JSON.stringify(said))
process.exit(0)
