/**
 * What Pods that are units of systemd cost, beside Pods in containerd on an agent of k3s, in one lab and in turn: from a
 * Pod's creation until it is Ready, as a watch of the API sees both (goal: 1 s with the package there, 30 s for 100 Pods),
 * and while 100 Pods of each kind are idle: memory (goal: 120 MB) and processor time (goal: 2 % of a core).
 * Run as root: `npm run bench:vkubelet [rounds] [pods]`.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { edit } from '../test/support/edit.ts'
import type { LabHost } from '../test/support/lab/lab-host.ts'
import { inLab } from './support/in-lab.ts'
import { keel, median, say } from './support/paired.ts'

const rounds = Number(process.argv[2] ?? 10)
const many = Number(process.argv[3] ?? 100)
/** Seconds: until what follows a start is over, and how long the idle hosts are measured. */
const [settling, idle] = [30, 60]

interface Kind {
  readonly name: string
  readonly host: string
  readonly container: object
  /** The programs that run its Pods, by their names in /proc. */
  readonly programs: string
}
const units: Kind = {
  name: 'units of systemd',
  host: 'agent-2',
  // every Debian has the package
  container: { image: 'coreutils', imagePullPolicy: 'IfNotPresent', command: ['/usr/bin/sleep', '86400'] },
  programs: 'keel-vkubelet',
}
const containers: Kind = {
  name: 'containerd',
  host: 'agent-1',
  container: { image: 'localhost/tiny:1', imagePullPolicy: 'Never', args: ['sleep', '86400'] },
  programs: 'k3s|kubelet|kube-proxy|containerd|containerd-shim',
}

await inLab('vk-cost', ['--servers', '1', '--agents', '2'], async ({ inventory, there, hosts: booted }) => {
  await edit(
    join(inventory, `hosts/${units.host}/host.ts`),
    "role: 'agent',",
    "role: 'agent',\n  kubelet: 'systemd',\n  systemdKubelet: { packages: ['coreutils'] },",
  )
  await execa(keel, ['pin', '-C', inventory])
  await execa(keel, ['deploy', '--yes', ...there])
  const hosts = new Map((await booted()).map((host) => [host.name, host]))
  const on = (name: string) => hosts.get(name) ?? fail(`no host ${name}`)
  const server = on('server-1')
  await server.sh('until k3s kubectl get serviceaccount default >/dev/null 2>&1; do sleep 0.2; done')

  const one = new Map<Kind, number[]>([
    [units, []],
    [containers, []],
  ])
  // the first of each is not counted
  for (let round = 0; round <= rounds; round += 1)
    for (const [kind, times] of one) {
      const time = await untilReady(server, kind, `one-${round}`, 1)
      if (round > 0) times.push(time)
      await server.sh(`k3s kubectl delete pods -l bench=${labelOf(kind, `one-${round}`)} --now >/dev/null`)
    }
  const [single, other] = [median(one.get(units) ?? []), median(one.get(containers) ?? [])]
  say(`one Pod Ready after ${seconds(single)} (goal 1 s; worst ${seconds(Math.max(...(one.get(units) ?? [])))})`)
  say(`  = ${(single / other).toFixed(2)} × containerd's ${seconds(other)}; median of ${rounds} each, in turn`)

  const [all, others] = [
    await untilReady(server, units, 'many', many),
    await untilReady(server, containers, 'many', many),
  ]
  say(
    `${many} Pods Ready after ${seconds(all)} (goal 30 s) = ${(all / others).toFixed(2)} × containerd's ${seconds(others)}`,
  )

  await sleep(settling * 1000)
  const kinds = [units, containers]
  const [before, began] = [await Promise.all(kinds.map((kind) => used(on(kind.host), kind))), performance.now()]
  await sleep(idle * 1000)
  const [after, passed] = [
    await Promise.all(kinds.map((kind) => used(on(kind.host), kind))),
    (performance.now() - began) / 1000,
  ]
  kinds.forEach((kind, index) => {
    const [first, last] = [before[index], after[index]]
    if (first === undefined || last === undefined) return
    const share = (from: number, to: number) => `${(((to - from) / passed) * 100).toFixed(2)} % of a core`
    const goal = kind === units ? ' (goal 2 %)' : ''
    say(`${many} idle ${kind.name}, over ${Math.round(passed)} s: ${share(first.programs, last.programs)}${goal}`)
    say(`  and PID 1 ${share(first.init, last.init)}; ${last.megabytes.toFixed(0)} MB of memory, shared pages in parts`)
    if (kind === units) say(`  ${last.resident.toFixed(0)} MB resident (goal 120 MB)`)
  })
})

/** Milliseconds from the creation of the first Pod until all are Ready, by the events of one watch on the server. */
async function untilReady(server: LabHost, kind: Kind, series: string, count: number): Promise<number> {
  const bench = labelOf(kind, series)
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${bench}-${index}`, labels: { bench } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': kind.host },
      tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', ...kind.container }],
    },
  }))
  const template = '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}'
  const said = await server.sh(
    `pods=$(cat)
exec {events}< <(exec k3s kubectl get pods --watch-only --selector=bench=${bench} --output='jsonpath=${template}')
watcher=$!
sleep 2 # until it watches
k3s kubectl create -f - <<<"$pods" >/dev/null & creating=$!
declare -A ready=()
began=
while read -r -t 300 name is <&"$events"; do
  now=\${EPOCHREALTIME/./}
  : "\${began:=$now}"
  [ "$is" != True ] || ready[$name]=1
  [ "\${#ready[@]}" -lt ${count} ] || break
done
kill "$watcher"; wait "$creating"
[ "\${#ready[@]}" -eq ${count} ] || { echo "\${#ready[@]} of ${count} Pods are Ready" >&2; exit 1; }
echo "$((now - began))"`,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  )
  return Number(said) / 1000
}

interface Used {
  /** Seconds of processor time so far, of the programs and what they have started and waited for, and of PID 1. */
  readonly programs: number
  readonly init: number
  /** Of the programs: proportional, and resident. */
  readonly megabytes: number
  readonly resident: number
}

/** Times in ticks of 10 ms (proc(5)). */
async function used(host: LabHost, { programs }: Kind): Promise<Used> {
  const said = await host.sh(`main=$(systemctl show -p MainPID --value keel-vkubelet.service)
ticks=0 pss=0 rss=0
for folder in /proc/[0-9]*; do
  name=$(cat "$folder/comm" 2>/dev/null) || continue
  [ "$folder" != "/proc/$main" ] || name=keel-vkubelet
  [[ $name =~ ^(${programs})$ ]] || continue
  read -r own < <(sed 's/.*) //' "$folder/stat" 2>/dev/null | awk '{ print $12 + $13 + $14 + $15 }') || continue
  ticks=$((ticks + own))
  pss=$((pss + $(awk '/^Pss:/ { print $2 }' "$folder/smaps_rollup" 2>/dev/null || echo 0)))
  rss=$((rss + $(awk '/^VmRSS:/ { print $2 }' "$folder/status" 2>/dev/null || echo 0)))
done
echo "$ticks $(sed 's/.*) //' /proc/1/stat | awk '{ print $12 + $13 }') $pss $rss"`)
  const [ticks = 0, init = 0, pss = 0, rss = 0] = said.split(' ').map(Number)
  return { programs: ticks / 100, init: init / 100, megabytes: pss / 1024, resident: rss / 1024 }
}

function labelOf({ host }: Kind, series: string): string {
  return `${host}-${series}`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

function fail(text: string): never {
  throw new Error(text)
}
