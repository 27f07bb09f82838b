/**
 * How long the cluster's address does not answer, fault by fault: moved by keel's keepalived and checker, and by
 * keepalived as it is mostly set up (advertisements every second, a check every two that counts when it failed twice,
 * multicast, preemption), on the same three hosts, seen by a client on a fourth that connects every 50 ms; in a deploy
 * that restarts k3s on all of them, and of an API server that comes and goes. Run as root: `npm run bench:vip [runs]`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { LabOf } from '../src/lab/description.ts'
import { readK3sLab } from '../test/support/lab/k3s-lab.ts'
import { LabHost } from '../test/support/lab/lab-host.ts'
import { until } from '../test/support/until.ts'
import {
  cleanStop,
  comeAndGo,
  powerCut,
  processKilled,
  readyzSays500,
  shutdownDelay,
  type VipFault,
} from '../test/support/vip/faults.ts'
import { type VipLab, VipWatch } from '../test/support/vip/watch.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const name = 'bench-vip'
const servers = ['server-1', 'server-2', 'server-3'] as const
const runs = Number(process.argv[2] ?? 3)
const faults: readonly VipFault[] = [readyzSays500, processKilled, powerCut, cleanStop]

const keel = async (...args: readonly string[]) => (await execa(`${root}bin/keel.js`, args)).stdout

const folder = await mkdtemp(join(tmpdir(), 'keel-bench-vip-'))
const inventory = join(folder, 'inventory')
const file = join(inventory, 'hosts/cluster.ts')
try {
  await keel('lab', 'down', '--name', name)
  await keel('lab', 'up', '--name', name, '--servers', '3', '--agents', '0', '--spare', '1')
  const lab = await readK3sLab(name)
  const address = lab.hosts[0]?.nodeIP.replace(/\d+$/, '100') ?? ''
  await keel('init', inventory, '--lab', name, '--yes')
  const options = `vip: { address: '${address}' },\n  k3s: {\n    'kube-apiserver-arg': ['${shutdownDelay}'],`
  await writeFile(file, (await readFile(file, 'utf8')).replace('k3s: {', options))
  await keel('deploy', '-C', inventory, '--identity', lab.identity)
  const vipLab = labOf(lab)
  print('set-up', ...faults.map(({ what, goal }) => `${what} (goal ${goal} s)`))
  for (const [setUp, script] of [
    ['keel', undefined],
    ['keepalived by default', byDefault(address)],
  ] as const) {
    if (script !== undefined) for (const server of servers) await vipLab.host(server).sh(script)
    await using watch = await VipWatch.start(vipLab, address, 'spare-1')
    const gaps = new Map<VipFault, number[]>(faults.map((fault) => [fault, []]))
    for (let run = 0; run < runs; run += 1)
      for (const fault of faults) gaps.get(fault)?.push(await gap(vipLab, watch, fault))
    print(setUp, ...faults.map((fault) => (gaps.get(fault) ?? []).map((one) => one.toFixed(1)).join(' ')))
    if (script === undefined) {
      await rollingChange(vipLab, watch)
      await flapping(vipLab, watch)
    }
  }
} finally {
  await keel('lab', 'down', '--name', name)
  await rm(folder, { recursive: true, force: true })
}
process.exit(0)

async function allReady(lab: VipLab): Promise<void> {
  const ready = async () => (await Promise.all(servers.map((server) => isReady(lab, server)))).every(Boolean)
  await until('all API servers are ready', ready, 120)
}

/** Seconds without service. */
async function gap(lab: VipLab, watch: VipWatch, fault: VipFault): Promise<number> {
  await allReady(lab)
  // and have been for as long as it takes to be fit
  const since = Date.now()
  await until('they have been for a while', () => Date.now() - since > 8000)
  const owner = await watch.steady()
  const injected = Date.now()
  await fault.inject(lab, owner)
  const own = lab.host(owner).described.nodeIP
  await until('another one answers', () =>
    watch.attempts.some(({ at, ready, by }) => at > injected && ready && by !== undefined && by !== own),
  )
  await watch.steady()
  const seconds = watch.outage(injected)
  if (fault.heal !== undefined) {
    await until('the host is off', async () => (await lab.host(owner).processes()).length === 0)
    await fault.heal(lab, owner)
    watch.follow(owner)
  }
  return seconds
}

/** A flag of k3s that changes on all three. */
async function rollingChange(lab: VipLab, watch: VipWatch): Promise<void> {
  await allReady(lab)
  await watch.steady()
  const since = Date.now()
  await writeFile(file, (await readFile(file, 'utf8')).replace(shutdownDelay, `${shutdownDelay}', 'v=1`))
  await keel('deploy', '-C', inventory, '--identity', lab.lab.identity)
  await watch.steady()
  const each = watch.gaps(since).map((one) => one.toFixed(1))
  print(
    'a deploy that restarts k3s everywhere',
    `gaps ${each.join(' ')}`,
    `${watch.moves(since)} moves`,
    `two owners for ${watch.overlap(since)} ms`,
  )
}

/** An API server that comes and goes, ten changes in a minute. */
async function flapping(lab: VipLab, watch: VipWatch): Promise<void> {
  await allReady(lab)
  const owner = await watch.steady()
  const since = Date.now()
  await comeAndGo(lab.host(owner), 60)
  await watch.steady()
  print(
    '10 changes of the API server in 60 s',
    `${watch.moves(since)} moves`,
    `two owners for ${watch.overlap(since)} ms`,
  )
}

async function isReady(lab: VipLab, server: string): Promise<boolean> {
  return (
    (await lab
      .host(server)
      .sh('k3s kubectl get --raw /readyz')
      .catch(() => '')) === 'ok'
  )
}

function labOf(lab: LabOf<'k3s'>): VipLab {
  const hosts = new Map(lab.hosts.map((host) => [host.name, new LabHost(name, host)]))
  const host = (wanted: string) => {
    const found = hosts.get(wanted)
    if (found === undefined) throw new Error(`no host ${wanted}`)
    return found
  }
  return { lab, host, power: async (verb, of) => void (await keel('lab', verb, of, '--name', name)) }
}

/**
 * In place of keel's. The firewall would keep multicast VRRP of others out, but these are the inventory's own servers.
 */
function byDefault(address: string): string {
  return `systemctl disable --now --quiet keel-vip.service keel-vip-health.service
mkdir -p /etc/keepalived
cat > /etc/keepalived/check.sh <<'END'
#!/bin/sh
exec k3s kubectl get --raw /readyz
END
chmod 755 /etc/keepalived/check.sh
cat > /etc/keepalived/keepalived.conf <<'END'
global_defs {
  script_user root
  enable_script_security
}
vrrp_script check {
  script "/etc/keepalived/check.sh"
  interval 2
  fall 2
}
vrrp_instance api {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority 100
  advert_int 1
  virtual_ipaddress {
    ${address}
  }
  track_script {
    check
  }
}
END
systemctl enable --now --quiet keepalived.service`
}

function print(...columns: readonly string[]): void {
  process.stdout.write(`${columns.join(' | ')}\n`)
}
