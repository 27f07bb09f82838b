import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { placeVip } from '../../../src/parts/keepalived/place-vip.ts'
import { vrrpMemberOf } from '../../../src/parts/keepalived/vrrp-member.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { until } from '../../support/until.ts'
import { openWorld, type World } from '../../support/vip/world.ts'

const folder = await mkdtemp(join(tmpdir(), 'keel-vrrp-'))
const worlds: World[] = []
afterAll(async () => {
  for (const world of worlds) world.end()
  await rm(folder, { recursive: true, force: true })
})

const hosts = [
  sampleHost({ name: 'a', role: 'server', firstServer: true, nodeIPs: ['10.9.0.1', 'fd09::1'] }),
  sampleHost({ name: 'b', role: 'server', nodeIPs: ['10.9.0.2', 'fd09::2'] }),
] as const

/** A host's network and /run, with keepalived in it as keel configures it, on a checker that has found it fit. */
async function boot(address: string, host: (typeof hosts)[number]) {
  const member = vrrpMemberOf(clusterStateOf(sampleCluster(hosts, { vip: { address, manager: 'keepalived' } })), host)
  const prefix = join(folder, `${address}-${host.name}`.replaceAll(':', '_'))
  const program = `${prefix}.sh`
  const [script, configuration] = placeVip(member ?? expect.unreachable(), program).files
  await writeFile(program, (script?.content ?? '').replace('/etc/keel/keepalived.conf', `${prefix}.conf`), {
    mode: 0o755,
  })
  await writeFile(`${prefix}.conf`, configuration?.content ?? '')
  const world = await openWorld()
  worlds.push(world)
  const { pid, sh } = world
  return {
    pid,
    prefix,
    sh,
    holds: async () => (await sh(`ip address show to ${address}`)) !== '',
    start: () =>
      sh(`mkdir -p /run/keel/vip; echo 0 > /run/keel/vip/verdict; echo 99999999999 yes > /run/keel/vip/beat
${program} prepare
keepalived --dont-respawn --vrrp --use-file=${prefix}.conf --pid=/run/k.pid --vrrp_pid=/run/v.pid`),
    program,
  }
}

describe.each(['10.9.0.100', 'fd09::100'])('keepalived with keel’s configuration for %s', (address) => {
  test('has it stand on one host, on the other when that one is unfit, and nowhere when both are', async () => {
    const [a, b] = [await boot(address, hosts[0]), await boot(address, hosts[1])]
    await execa('ip', ['link', 'add', 'eth0', 'netns', a.pid, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', b.pid])
    for (const [index, one] of [a, b].entries())
      await one.sh(
        `ip link set lo up; ip address add 10.9.0.${index + 1}/24 dev eth0; ip address add fd09::${index + 1}/64 dev eth0 nodad; ip link set eth0 up`,
      )
    await Promise.all([a.start(), b.start()])
    await until('a has it, and b has not', async () => (await a.holds()) && !(await b.holds()), 15)
    await until('it has noted so', async () => (await a.sh(`${a.program} status`)).includes(' MASTER'))
    await a.sh('echo 1 > /run/keel/vip/verdict')
    await until('b has it, and a has not', async () => (await b.holds()) && !(await a.holds()), 15)
    // no packet of the host's own goes out from it
    const from = await b.sh(`ip route get ${address.includes(':') ? 'fd09::1' : '10.9.0.1'}`)
    expect(from).not.toContain(address)
    await b.sh('echo 1 > /run/keel/vip/verdict')
    await until('nobody has it', async () => !(await a.holds()) && !(await b.holds()), 15)
    await a.sh('echo 0 > /run/keel/vip/verdict')
    await until('it comes back', a.holds, 15)
    // a crash: its child, which has the address, is not asked; first, as it goes cleanly when its parent does
    await a.sh('kill -9 $(cat /run/v.pid) $(cat /run/k.pid)')
    expect(await a.holds()).toBe(true)
    await a.sh(`${a.program} release`)
    expect(await a.holds()).toBe(false)
  })
})

describe('keel’s configuration included after a user’s own, as NixOS has it', () => {
  test('is taken without a complaint, and leaves the user’s instance of VRRP 2 its password', async () => {
    const { sh, prefix } = await boot('10.9.0.100', hosts[0])
    await writeFile(
      `${prefix}.outer.conf`,
      `global_defs {
}
vrrp_instance own {
  state BACKUP
  interface eth0
  virtual_router_id 7
  priority 100
  authentication {
    auth_type PASS
    auth_pass secret
  }
  virtual_ipaddress {
    10.9.0.77
  }
}
include ${prefix}.conf
`,
    )
    await sh(`ip link add eth0 type veth peer name other; ip link set other up
ip address add 10.9.0.1/24 dev eth0; ip link set eth0 up
mkdir -p /run/keel/vip; echo 1 > /run/keel/vip/verdict; ${prefix}.sh prepare`)
    expect(await sh(`keepalived --config-test --use-file=${prefix}.outer.conf 2>&1`)).toBe('')
  })
})
