import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { doOnHost } from '../../../src/vkubelet/host/do-on-host.ts'
import { look } from '../../../src/vkubelet/host/look.ts'
import { systemctl } from '../../../src/vkubelet/host/systemctl.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import { preparationKey } from '../../../src/vkubelet/reconcile/world.ts'
import { statusPatch } from '../../../src/vkubelet/state/status-patch.ts'
import { mergedStatus } from '../../support/vkubelet/merged-status.ts'

/**
 * Runs inside the namespaces of a real systemd (own-systemd.test.ts): the reconciler and the host's half of the shell,
 * with Pods in memory instead of an API server. Prints what became of each Pod.
 */
const folders = { units: '/run/user/0/systemd/user', pods: '/run/keel-vkubelet/pods' }
const SECRET = `pa$$"\\\`w\n%n \${HOME} ord `

interface PodObject {
  readonly metadata: { readonly name: string; readonly uid: string; deletionTimestamp?: string }
  status: Record<string, unknown>
}

const pods = new Map<string, PodObject>()
let signalled = new Set<string>()
const kinds: string[] = []
const said: Record<string, unknown> = {}

function create(name: string, command: readonly string[], restartPolicy = 'Never'): void {
  const metadata = { name, namespace: 'default', uid: `uid-${name.replaceAll('.', '-')}` }
  const env = [{ name: 'SECRET', value: 'x' }]
  const spec = {
    nodeName: 'ocean',
    restartPolicy,
    containers: [{ name: 'main', image: 'exec:/bin/true', command, env }],
  }
  pods.set(name, { metadata, spec, status: { phase: 'Pending' } } as unknown as PodObject)
}

async function step(): Promise<void> {
  const seen = await look(folders)
  const read = [...pods.values()].map((object) => readPod(object, 'ocean'))
  const preparations = new Map(
    read.flatMap((one) =>
      one.kind === 'pod'
        ? [[preparationKey(one.pod, 'main'), { kind: 'ready', program: [], variables: new Set(['SECRET']) } as const]]
        : [],
    ),
  )
  const host = { hidden: ['/srv/hidden'], mostTasks: 50 }
  const world = { pods: read, ...seen, preparations, signalled, host, now: Date.now() }
  for (const operation of reconcile(world)) {
    kinds.push(operation.kind)
    if (operation.kind === 'delete-pod') {
      said.ending = statusOf(operation.pod.name).containerStatuses[0]?.state
      pods.delete(operation.pod.name)
    } else if (operation.kind === 'report') {
      const { pod: asked, status } = operation
      const object = pods.get(asked.name)
      const of = read.find((one) => one.kind === 'pod' && one.pod.uid === asked.uid)
      const pod = of?.kind === 'pod' ? of.pod : asked
      if (object !== undefined)
        object.status = mergedStatus(
          object.status,
          statusPatch({ pod, status, addresses: ['10.0.0.1'], now: Date.now() }),
        )
    } else await doOnHost(operation, { folders, variablesOf: () => new Map([['SECRET', SECRET]]) })
    const invocation = operation.kind === 'signal' ? seen.units.get(operation.unit)?.shown?.invocation : undefined
    if (invocation !== undefined) signalled.add(invocation)
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    await step()
    if (await condition()) return
  }
  throw new Error(`in vain: ${what}: ${JSON.stringify([...pods.values()].map(({ status }) => status))}`)
}

const statusOf = (name: string) =>
  pods.get(name)?.status as {
    phase: string
    containerStatuses: { restartCount: number; state: object; lastState: object }[]
  }
const unitOf = (name: string) => unitName({ namespace: 'default', pod: name, container: 'main' })
const tell = (name: string) => {
  said[name] = JSON.parse(JSON.stringify(statusOf(name)))
}

mkdirSync('/srv/hidden')
writeFileSync('/srv/hidden/credential', 'secret')
const odd: readonly string[] = JSON.parse(process.argv[2] ?? '[]')
const write = 'printf "%s\\0" "$@" > /srv/args; printf "%s" "$SECRET" > /srv/secret; exec sleep 1000'
create('odd', ['/bin/bash', '-c', write, 'bash', ...odd, 'x$(SECRET)y'])
create('good', ['/bin/true'])
create('bad', ['/bin/bash', '-c', 'exit 3'])
create('killed', ['/bin/bash', '-c', 'kill -9 $BASHPID'])
create('absent', ['/usr/bin/no-such-program'])
create('crash', ['/bin/bash', '-c', 'exit 7'], 'Always')
create('children', ['/bin/bash', '-c', 'sleep 1001 & exit 0'])
const look1 =
  'for path in /srv/hidden/credential /run/systemd /run/keel-vkubelet /dev/kmsg /run/user; do [ -e $path ] && echo "sees $path"; done > /srv/seen'
const look2 =
  '{ touch /usr/x && echo "writes /usr"; touch /etc/x && echo "writes /etc"; mount -t tmpfs x /mnt && echo mounts; } 2>/dev/null >> /srv/seen; echo done >> /srv/seen'
create('look', ['/bin/bash', '-c', `${look1}; ${look2}`])
create('with.dots-and-dashes', ['/bin/sleep', '1000'])

for (const name of ['good', 'look']) await until(name, () => statusOf(name).phase === 'Succeeded')
for (const name of ['bad', 'killed', 'absent']) await until(name, () => statusOf(name).phase === 'Failed')
await until(
  'crash',
  () =>
    statusOf('crash').containerStatuses[0]?.restartCount === 1 &&
    'waiting' in (statusOf('crash').containerStatuses[0]?.state ?? {}),
)
await until('running', () => statusOf('with.dots-and-dashes').phase === 'Running' && existsSync('/srv/secret'))
await until('children', async () =>
  /^TasksCurrent=(0|\[not set\])$/m.test(await systemctl('show', '-p', 'TasksCurrent', unitOf('children'))),
)
for (const name of ['good', 'bad', 'killed', 'absent', 'crash', 'children', 'with.dots-and-dashes']) tell(name)
said.args = readFileSync('/srv/args', 'utf8').split('\0').slice(0, -1)
said.secret = readFileSync('/srv/secret', 'utf8')
said.seen = readFileSync('/srv/seen', 'utf8')
said.shown = await systemctl('show', '--', unitOf('odd'))
said.file = readFileSync(`${folders.units}/${unitOf('odd')}`, 'utf8')

// the program is killed, and started again: it has forgotten everything
signalled = new Set()
const runs = () => systemctl('show', '-p', 'InvocationID', '-p', 'MainPID', '--', unitOf('odd'))
const before = await runs()
kinds.length = 0
await step()
await step()
said.afterRestart = { isSame: (await runs()) === before, kinds: [...kinds] }

const dots = pods.get('with.dots-and-dashes')
if (dots !== undefined) dots.metadata.deletionTimestamp = new Date(Date.now() + 30_000).toISOString()
await until('deletion', () => !pods.has('with.dots-and-dashes'))
// deleted by force: nobody says anything
pods.clear()
await until('nothing left', async () => {
  const { units, folders: left } = await look(folders)
  return units.size === 0 && left.size === 0
})
said.processes = await systemctl('list-units', '--all', '--plain', '--no-legend', 'vks*.service')
console.log(JSON.stringify(said))
