import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { until } from '../../support/until.ts'
import {
  cleanStop,
  closeApi,
  comeAndGo,
  openApi,
  powerCut,
  processKilled,
  readyzSays500,
  shutdownDelay,
  type VipFault,
} from '../../support/vip/faults.ts'
import { VipWatch } from '../../support/vip/watch.ts'

const servers = ['server-1', 'server-2', 'server-3'] as const
/** A stand-in for NixOS among Debian's: what it replaces, and for what not, is said in src/lab/nixos/stand-in.ts. */
const onNixos = 'server-3'
let cluster: LabCluster
let address: string
let watch: VipWatch

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vip', servers: 3, agents: 0, spare: 1, nixos: [onNixos] })
  address = cluster.host('server-1').described.nodeIP.replace(/\d+$/, '100')
  const file = join(cluster.inventory, 'hosts/cluster.ts')
  const written = await readFile(file, 'utf8')
  const options = `vip: { address: '${address}', manager: 'keepalived' },\n  k3s: {\n    'kube-apiserver-arg': ['${shutdownDelay}'],`
  await writeFile(file, written.replace('k3s: {', options))
  // certificates of the checker's that end again and again while this test runs, and nobody deploys
  for (const name of servers) await cluster.host(name).sh(shortLived)
  await cluster.keel.expect(0, 'render')
})
afterAll(async () => {
  await watch?.[Symbol.asyncDispose]()
  await cluster?.down()
})

const lifetime = 20
const shortLived = `mkdir -p /etc/systemd/system/keel-vip-health.service.d
printf '[Service]\\nEnvironment=KEEL_VIP_LIFETIME=${lifetime}\\n' > /etc/systemd/system/keel-vip-health.service.d/short.conf`

const program = (name: string) => (name === onNixos ? '/etc/keel/keel-vip' : '/usr/local/lib/keel/keel-vip')
const managerOn = (name: string) => (name === onNixos ? 'keepalived.service' : 'keel-vip.service')
const status = (name: string) => cluster.host(name).sh(`${program(name)} status`)
/** It is healthy, and keepalived is there to take the address. */
const isFit = async (name: string) => {
  const script = `systemctl is-active --quiet ${managerOn(name)} && ${program(name)} status`
  return (
    await cluster
      .host(name)
      .sh(script)
      .catch(() => '')
  ).includes('fit=yes')
}
const fitOnes = async () => {
  const fit = await Promise.all(servers.map(isFit))
  return servers.filter((_, index) => fit[index])
}
/** A server that has the address, and another that could take it. */
const ready = async () => {
  const owner = await watch.steady()
  await until('another server is fit', async () => (await fitOnes()).some((name) => name !== owner))
  return owner
}
const holders = async () => {
  const holding = await Promise.all(
    servers.map(async (name) => (await status(name).catch(() => '')).includes('holds=yes')),
  )
  return servers.filter((_, index) => holding[index])
}
const movedFrom = (owner: string, since: number) =>
  until('another server answers', () =>
    watch.attempts.some(
      ({ at, ready, by }) => at > since && ready && by !== undefined && by !== cluster.host(owner).described.nodeIP,
    ),
  )
const sampleServer = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
/** What `keel vip status --json` says of a server. */
interface Told {
  readonly server: string
  readonly state?: { readonly fit: boolean; readonly reason: string }
}
/** @returns the server that had the address before */
const answersAfter = async (fault: VipFault) => {
  const owner = await ready()
  const since = Date.now()
  await fault.inject(cluster, owner)
  if (fault === powerCut) watch.gone(owner)
  await movedFrom(owner, since)
  const next = await watch.steady()
  console.log(
    `${fault.what}: ${watch.outage(since).toFixed(2)} s without service; ${owner} → ${next}; two owners for ${watch.overlap(since)} ms`,
  )
  expect(watch.outage(since)).toBeLessThanOrEqual(fault.goal)
  expect(watch.overlap(since)).toBe(0)
  return owner
}
/** Of the server that has the address. */
const killed = async (unitOn: (owner: string) => string) => {
  const owner = await ready()
  const since = Date.now()
  const { MainPID } = await cluster.host(owner).unit(unitOn(owner))
  await cluster.host(owner).sh(`kill -9 ${MainPID}`)
  await movedFrom(owner, since)
  await watch.steady()
  console.log(
    `${unitOn(owner)} killed on ${owner}: ${watch.outage(since).toFixed(2)} s without service; two owners for ${watch.overlap(since)} ms`,
  )
  expect(await holders()).toHaveLength(1)
  expect(watch.overlap(since)).toBe(0)
}
describe('an address for the API that three servers share', () => {
  test('comes with the first deploy, and everybody joins through it', async () => {
    const { seconds } = await cluster.keel.expect(0, 'deploy')
    console.log(`deploy of 3 servers with a virtual IP: ${seconds.toFixed(1)} s`)
    watch = await VipWatch.start(cluster, address, 'spare-1')
    expect(await cluster.host('server-2').sh('cat /etc/rancher/k3s/config.yaml.d/10-keel-join.yaml')).toContain(
      `https://${address}:6443`,
    )
    await until('server-1 is named as the owner', async () => (await watch.steady()) === 'server-1')
    expect(await holders()).toEqual(['server-1'])
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const { stdout } = await cluster.keel.expect(0, 'vip', 'status')
    expect(stdout).toContain(`${address} is on server-1 (keepalived)`)
    const told = JSON.parse((await cluster.keel.expect(0, 'vip', 'status', '--json')).stdout)
    expect(told.holders).toEqual(['server-1'])
    expect(told.servers.map((one: Told) => one.state?.fit)).toEqual([true, true, true])
  })

  test('moves when its checker is killed', async () => {
    await killed(() => 'keel-vip-health.service')
  })

  test.each<VipFault>([readyzSays500, processKilled])('$what: within $goal s another server answers', async (fault) => {
    await answersAfter(fault)
  })

  test('moves, and leaves nothing behind, when keepalived is killed', async () => {
    await killed(managerOn)
  })

  test('power cut: within 3 s another server answers', async () => {
    const owner = await answersAfter(powerCut)
    await powerCut.heal?.(cluster, owner)
    watch.follow(owner)
  })

  test('moves at most twice for an API server that comes and goes ten times in a minute, and not to one that comes back', async () => {
    const owner = await ready()
    const watching = cluster.keel.start(['vip', 'status', '--watch', '--json'])
    const since = Date.now()
    await comeAndGo(cluster.host(owner), 60)
    console.log(
      `10 changes in ${((Date.now() - since) / 1000).toFixed(0)} s moved the address ${watch.moves(since)} times`,
    )
    expect(watch.moves(since)).toBeLessThanOrEqual(2)
    expect(watch.moves(since)).toBeGreaterThan(0)
    // the one whose power was cut has booted meanwhile
    await until('all are fit', async () => (await fitOnes()).length === servers.length)
    expect(watch.moves(since)).toBeLessThanOrEqual(2)
    const holder = await watch.steady()
    expect(await holders()).toEqual([holder])
    watching.child.kill('SIGINT')
    const { exitCode, stdout } = await watching.ended
    expect(exitCode).toBe(130)
    const told = stdout.split('\n').map((line) => JSON.parse(line))
    expect(told.pop()).toMatchObject({ event: 'end', exit: 130 })
    expect(told.at(-1).holders).toEqual([holder])
    const reasons = told.flatMap(({ servers }) =>
      servers.flatMap((one: Told) => (one.server === owner ? one.state?.reason : [])),
    )
    expect(reasons).toEqual(expect.arrayContaining(['port is closed', 'healthy, not for long enough']))
  })

  test('stands nowhere while nobody is healthy, and comes back with the first who is', async () => {
    await ready()
    for (const name of servers) await closeApi(cluster.host(name))
    await until('nobody is fit', async () => (await fitOnes()).length === 0)
    await until('nobody has it', async () => (await holders()).length === 0)
    const since = Date.now()
    await openApi(cluster.host('server-3'))
    await until('it answers', () => watch.attempts.some(({ at, ready }) => at > since && ready))
    console.log(
      `one of none recovers: it answers ${(((watch.attempts.find(({ at, ready }) => at > since && ready)?.at ?? 0) - since) / 1000).toFixed(1)} s later`,
    )
    expect(await watch.steady()).toBe('server-3')
    for (const name of ['server-1', 'server-2']) await openApi(cluster.host(name))
  })

  test('a cut cable leaves the holder alone with it for as long as it takes to see that', async () => {
    const owner = await ready()
    const since = Date.now()
    await cluster.power('cut', owner)
    await movedFrom(owner, since)
    await until('the cut-off server has given it up', () => !watch.holds(owner))
    console.log(
      `network cut: ${watch.outage(since).toFixed(2)} s without service; two owners for ${watch.overlap(since)} ms, one of them with nobody near`,
    )
    expect(watch.outage(since)).toBeLessThanOrEqual(3)
    const healed = Date.now()
    await cluster.power('heal', owner)
    await until('the cut-off server is fit again', () => isFit(owner))
    expect(await holders()).toHaveLength(1)
    expect(watch.outage(healed)).toBe(0)
  })

  test('nobody has deployed for many times longer than the checker’s certificate lasts', async () => {
    const shown = await cluster
      .host('server-3')
      .sh('openssl x509 -noout -dates -subject -in /run/keel/vip/credential/certificate')
    const ends = Date.parse(/notAfter=(.*)/.exec(shown)?.[1] ?? '')
    expect(ends - Date.now()).toBeLessThanOrEqual(lifetime * 1000)
    expect(ends).toBeGreaterThan(Date.now())
    await until('it is fit by that', () => isFit('server-3'))
  })

  test('an API server takes what the other managers are rendered as, every field of it', async () => {
    const managed = (manager: 'kube-vip' | 'ha-vip') => {
      const vip = { address, manager, interface: 'eth0', image: `registry.example/${manager}:v1.0.1` } as const
      return hostStateOf(clusterStateOf(sampleCluster([sampleServer], { vip })), sampleServer, sampleSurroundings)
    }
    const texts = [managed('kube-vip'), managed('ha-vip')].map(({ manifests }) => manifests[0]?.content)
    const check = 'k3s kubectl apply --dry-run=server --validate=strict -f - | cut -d " " -f 1'
    const taken = await cluster.host('server-1').sh(check, texts.join('---\n'))
    expect(taken.split('\n').filter((name) => name.startsWith('daemonset'))).toEqual([
      'daemonset.apps/kube-vip',
      'daemonset.apps/ha-vip',
    ])
  })

  test('clean stop: within 1 s another server answers', async () => {
    await answersAfter(cleanStop)
  })
})
