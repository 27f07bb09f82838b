import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { placeVip } from '../../../src/parts/keepalived/place-vip.ts'
import { vrrpMemberOf } from '../../../src/parts/keepalived/vrrp-member.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { until } from '../../support/until.ts'
import { makeCertificates } from '../../support/vip/certificates.ts'
import type { Attempt } from '../../support/vip/client.ts'
import { FakeClock } from '../../support/vip/fake-clock.ts'
import { openWorld, type World } from '../../support/vip/world.ts'

/**
 * Two servers and a client in namespaces of their own: keepalived, the checker, and a stand-in for the API server that
 * looks at certificates as a real one does. The clock of all that runs on the servers is one that jumps: a lab's hosts
 * share the kernel's, and kube-apiserver asks it directly.
 */
const folder = await mkdtemp(join(tmpdir(), 'keel-vip-clock-'))
const source = (name: string) => new URL(`../../support/vip/${name}`, import.meta.url).pathname
const address = '10.9.0.100'
const hosts = ['a', 'b'].map((name, index) =>
  sampleHost({ name, role: 'server', firstServer: index === 0, nodeIPs: [`10.9.0.${index + 1}`] }),
)
const cluster = sampleCluster(hosts, { vip: { address, manager: 'keepalived' } })
const worlds: World[] = []
afterAll(async () => {
  for (const world of worlds) world.end()
  await rm(folder, { recursive: true, force: true })
})

const attempts: Attempt[] = []
const clientFiles = `cp server-ca.crt ca
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=client -keyout key -out client.csr
openssl x509 -req -in client.csr -CA client-ca.crt -CAkey client-ca.key -days 9 -out certificate`
const day = 86_400

test('a clock that jumps by a day, forth and back, moves the address nowhere and leaves no gap', async () => {
  const clock = await FakeClock.start(folder)
  clock.jump(-3 * day)
  await makeCertificates(folder, ['127.0.0.1', address], clock.env)
  await execa('bash', ['-euc', clientFiles], { cwd: folder, env: clock.env })
  clock.jump(0)
  await writeFile(join(folder, 'answer'), '200')
  const [a, b] = [await boot(0, clock), await boot(1, clock)]
  const client = await openWorld()
  worlds.push(client)
  await client.sh('ip link add br0 type bridge; ip address add 10.9.0.9/24 dev br0; ip link set br0 up')
  for (const [index, { world }] of [a, b].entries()) {
    const pair = ['type', 'veth', 'peer', 'name', `to-${index}`, 'netns', client.pid]
    await execa('ip', ['link', 'add', 'eth0', 'netns', world.pid, ...pair])
    await world.sh(`ip link set lo up; ip address add 10.9.0.${index + 1}/24 dev eth0; ip link set eth0 up`)
    await client.sh(`ip link set to-${index} master br0 up`)
  }
  await Promise.all([a.start(), b.start()])
  await until('both are fit', async () => (await a.says('fit')) === 'yes' && (await b.says('fit')) === 'yes', 30)
  await until('one has it', async () => (await a.says('holds')) === 'yes' || (await b.says('holds')) === 'yes', 30)
  watchFrom(client)
  await until('it answers', () => attempts.at(-1)?.ready === true, 30)

  const before = [await a.changes(), await b.changes()]
  const begun = attempts.length
  for (const seconds of [day, -day, 0]) {
    const asked = await answers()
    clock.jump(seconds)
    // the certificate of before is of another time
    await until('both have been refused, and let in at once', async () => {
      const since = (await answers()).map((list, index) => list.slice(asked[index]?.length).join(' '))
      return since.every((list) => /401 200/.test(list))
    })
  }
  const seen = attempts.slice(begun)
  expect(seen.length).toBeGreaterThan(60)
  expect(seen.filter(({ ready }) => !ready)).toEqual([])
  expect([await a.changes(), await b.changes()]).toEqual(before)
})

/** What each API server has answered its own checker. */
async function answers(): Promise<readonly (readonly string[])[]> {
  const printed = await Promise.all(hosts.map(({ name }) => readFile(join(folder, `${name}.answers`), 'utf8')))
  return printed.map((text) => [...text.matchAll(/^(\d+) keel-vip-checker$/gm)].map(([, status = '']) => status))
}

/** A server, on which nothing runs yet. */
async function boot(index: number, clock: FakeClock) {
  const host = hosts[index] ?? expect.unreachable()
  const world = await openWorld()
  worlds.push(world)
  const program = join(folder, `${host.name}.sh`)
  const configuration = join(folder, `${host.name}.conf`)
  const [script, keepalived] = placeVip(
    vrrpMemberOf(clusterStateOf(cluster), host) ?? expect.unreachable(),
    program,
  ).files
  await writeFile(program, (script?.content ?? '').replace('/etc/keel/keepalived.conf', configuration))
  await chmod(program, 0o755)
  await writeFile(configuration, keepalived?.content ?? '')
  const status = async () => (await world.sh(`${program} status`, clock.env)).split('\n')
  return {
    world,
    says: async (what: string) => (await status()).find((line) => line.startsWith(`${what}=`))?.slice(what.length + 1),
    changes: async () => (await status()).filter((line) => line.startsWith('change=')),
    start: () =>
      world.sh(
        `mount -t tmpfs none /var/lib; mkdir -p /var/lib/rancher/k3s/server; ln -s ${folder}/tls /var/lib/rancher/k3s/server/tls
${process.execPath} ${source('api-server.ts')} ${folder} 0.0.0.0 > ${folder}/${host.name}.answers 2>&1 &
${program} watch > /dev/null 2>&1 &
${program} prepare
exec keepalived --dont-respawn --vrrp --use-file=${configuration} --pid=/run/k.pid --vrrp_pid=/run/v.pid`,
        clock.env,
      ),
  }
}

function watchFrom(client: World): void {
  const run = [process.execPath, source('client.ts'), address, folder]
  const child = execa('nsenter', ['--all', '--target', client.pid, ...run], { reject: false, buffer: false })
  void (async () => {
    for await (const line of child.iterable()) attempts.push(JSON.parse(line))
  })()
}
