/**
 * What the keel-agent, its helper and the keel-approver cost a host on which nobody asks anything: from the start until
 * an answer by mTLS (goal: 0.5 s), memory (100 MB), processor time (1 % of a core), and what systemd thinks of their
 * units. Run as root: `npm run bench:agent [seconds]`.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { edit } from '../test/support/edit.ts'
import type { LabHost } from '../test/support/lab/lab-host.ts'
import { until } from '../test/support/until.ts'
import { inLab } from './support/in-lab.ts'
import { keel, say } from './support/paired.ts'

const seconds = Number(process.argv[2] ?? 150)
const starts = 8
/**
 * The helper is a process for each question, which systemd starts and reaps: so its time is that of PID 1, of its
 * children that have ended, and of the helper that watches units. On an idle host there are few others.
 */
const units = ['keel-agent', 'keel-approver', 'keel-approver-token', 'systemd and the helper'] as const

await inLab('agent-cost', ['--servers', '1', '--agents', '1'], async ({ folder, inventory, there, hosts: booted }) => {
  await edit(
    join(inventory, 'hosts/cluster.ts'),
    "  firstServer: 'server-1',",
    "  firstServer: 'server-1',\n  keelAgent: true,",
  )
  await execa(keel, ['rekey', ...there])
  await execa(keel, ['deploy', ...there])
  const client = join(folder, 'node.pem')
  await execa(keel, ['node', 'login', '--for', '1h', '--out', client, ...there])
  const hosts = await booted()
  for (const host of hosts) {
    await until('it has its certificate', () => isThere(host, '/var/lib/keel/crypto/operational.pem'))
    await host.sh('umask 077; cat > /root/node.pem', await readFile(client, 'utf8'))
    say(`${host.name}: answers ${await answersAfter(host)} ms after its start (the best and the median of ${starts})`)
  }
  // the first look of the agent after its start compares files, which it does again every 15 minutes
  await sleep(35_000)
  const [before, began] = [await Promise.all(hosts.map(used)), performance.now()]
  await sleep(seconds * 1000)
  const [after, passed] = [await Promise.all(hosts.map(used)), (performance.now() - began) / 1000]
  for (const [index, host] of hosts.entries()) {
    for (const [at, unit] of units.entries()) {
      const spent = (after[index]?.[at] ?? 0) - (before[index]?.[at] ?? 0)
      say(
        `${host.name}: ${unit}: ${((spent / passed) * 100).toFixed(2)} % of a core (${spent.toFixed(2)} s in ${Math.round(passed)} s)`,
      )
    }
    say(
      await host.sh(`for unit in keel-agent keel-approver keel-approver-token; do
  pid=$(systemctl show -p MainPID --value $unit.service)
  [ "$pid" = 0 ] || echo "${host.name}: $unit: $(awk '/^VmRSS/ { print $2 }' /proc/$pid/status) kB resident"
done
for unit in keel-agent keel-agent-look@1 keel-agent-act@1 keel-approver keel-approver-token; do
  [ "$(systemctl show -p LoadState --value $unit.service)" != loaded ] || systemd-analyze security --no-pager $unit.service 2>&1 | tail -n 1
done`),
    )
  }
})

function isThere(host: LabHost, path: string): Promise<boolean> {
  return host.sh(`test -e ${path}`).then(
    () => true,
    () => false,
  )
}

/** Seconds of processor time of each of `units` so far; 0 for one that the host does not have. In ticks of 10 ms (proc(5)). */
async function used(host: LabHost): Promise<readonly number[]> {
  const said = await host.sh(`for unit in keel-agent keel-approver keel-approver-token; do
  systemctl show -p MainPID --value -- $unit.service
done
echo 1 $(systemctl show -p MainPID --value 'keel-agent-look@*')`)
  return Promise.all(
    said.split('\n').map(async (pids) => {
      const all = await Promise.all(pids.split(' ').map((pid) => usedBy(host, pid)))
      return all.reduce((sum, one) => sum + one, 0)
    }),
  )
}

/** Of a process and its children that have ended. */
async function usedBy(host: LabHost, pid: string): Promise<number> {
  if (pid === '0') return 0
  const fields = (await host.sh(`sed 's/.*) //' /proc/${pid}/stat`)).split(' ').map(Number)
  // fields 14 to 17, the third one is the first here
  return fields.slice(11, 15).reduce((sum, one) => sum + one, 0) / 100
}

/** Milliseconds from the start of the agent's process to the end of the first answer, its connection by mTLS included. */
async function answersAfter(host: LabHost): Promise<string> {
  const took: number[] = []
  for (let start = 0; start < starts; start++) {
    const said = await host.sh(`systemctl restart keel-agent
until curl --silent --max-time 2 --cert /root/node.pem --cacert /root/node.pem --resolve ${host.name}:50051:127.0.0.1 https://${host.name}:50051/v1/health > /dev/null; do sleep 0.01; done
read -r now _ < /proc/uptime
echo "$now $(systemctl show -p ExecMainStartTimestampMonotonic --value keel-agent)"`)
    const [now = 0, started = 0] = said.split(' ').map(Number)
    took.push(now * 1000 - started / 1000)
  }
  const sorted = took.toSorted((one, other) => one - other).map(Math.round)
  return `${sorted[0]} and ${sorted[sorted.length >> 1]}`
}
