import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { look } from '../../../src/vkubelet/host/look.ts'
import { systemctl } from '../../../src/vkubelet/host/systemctl.ts'
import { SLICE_OF_ALL } from '../../../src/vkubelet/units/slice-of-all.ts'
import {
  create,
  ending,
  folders,
  forget,
  health,
  kinds,
  pods,
  settings,
  statusOf,
  step,
  unitOf,
  until,
} from '../../support/vkubelet/pods-on-systemd.ts'

/** Runs inside the namespaces of a real systemd (own-systemd.test.ts). Prints what became of each Pod. */
const said: Record<string, unknown> = {}
const tell = (name: string) => {
  said[name] = JSON.parse(JSON.stringify(statusOf(name)))
}

mkdirSync('/srv/hidden')
// as the unit of the program has it
process.umask(0o077)
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
mkdirSync('/srv/shared')
const volumes = [
  { name: 'settings', configMap: { name: 'settings', defaultMode: 0o440 } },
  { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
  { name: 'disk', emptyDir: {} },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  { name: 'shared', hostPath: { path: '/srv/shared' } },
]
const volumeMounts = [
  { name: 'settings', mountPath: '/srv/settings' },
  { name: 'settings', mountPath: '/srv/one/greeting', subPath: 'greeting' },
  { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  { name: 'disk', mountPath: '/srv/disk', subPath: 'a/b' },
  { name: 'memory', mountPath: '/dev/shm' },
  { name: 'shared', mountPath: '/srv/mine' },
]
const useVolumes = `out=/srv/mine/out
cat /srv/settings/greeting /srv/one/greeting /var/run/secrets/kubernetes.io/serviceaccount/token > $out; echo >> $out
stat -L -c '%a %u' /srv/settings/greeting >> $out
touch /srv/settings/x 2>/dev/null && echo 'writes settings' >> $out
echo kept > /srv/disk/file; echo kept > /dev/shm/file
head -c 2000000 /dev/zero > /dev/shm/big 2>/dev/null && echo 'fills memory' >> $out
echo state > $STATE_DIRECTORY/file; echo cache > $CACHE_DIRECTORY/file; echo logs > $LOGS_DIRECTORY/file
cat $STATE_DIRECTORY/file $CACHE_DIRECTORY/file $LOGS_DIRECTORY/file >> $out
echo done >> $out
until [ "$(cat /srv/settings/greeting)" = goodbye ]; do sleep 0.05; done
cat /srv/one/greeting > /srv/mine/later; echo >> /srv/mine/later; exec sleep 1002`
create('volumes', ['/bin/bash', '-c', useVolumes], 'Never', { container: { volumeMounts }, spec: { volumes } })
const shared = { volumes: [{ name: 'shared', hostPath: { path: '/srv/shared' } }] }
const mine = [{ name: 'shared', mountPath: '/srv/mine' }]
const tell1 = `{ id -u; id -g; grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status; cat /proc/self/cgroup; echo "$SECRET"; pwd; umask; cat /proc/self/oom_score_adj; } > /srv/mine/hook`
const securityContext = { capabilities: { drop: ['ALL'], add: ['CHOWN'] }, allowPrivilegeEscalation: false }
const exec = (script: string) => ({ exec: { command: ['/bin/sh', '-c', script] } })
create(
  'healthy',
  ['/bin/bash', '-c', 'trap "exit 0" TERM; echo well > /run/state; while :; do sleep 0.1; done'],
  'Never',
  {
    spec: shared,
    container: {
      volumeMounts: mine,
      workingDir: '/srv/mine',
      securityContext,
      lifecycle: { postStart: exec(tell1), preStop: exec('cp /run/state /srv/mine/stopped') },
      // only its own /run and its own /tmp have these
      startupProbe: { ...exec('test "$(cat /run/state)" = well'), periodSeconds: 1 },
      readinessProbe: { ...exec('test -e /srv/mine/ready'), periodSeconds: 1 },
    },
  },
)
const half = (name: string, mine: string, other: string) => ({
  name,
  image: 'exec:/bin/true',
  command: ['/bin/bash', '-c', `touch /tmp/${mine}; until [ -e /tmp/${other} ]; do sleep 0.05; done`],
})
create('pair', [], 'Never', { spec: { containers: [half('a', 'of-a', 'of-b'), half('b', 'of-b', 'of-a')] } })
create('sick', ['/bin/bash', '-c', 'touch /tmp/run; sleep 1003'], 'OnFailure', {
  container: { livenessProbe: { ...exec('test ! -e /tmp/run'), periodSeconds: 1, failureThreshold: 1 } },
})
create('with.dots-and-dashes', ['/bin/sleep', '1000'])

for (const name of ['good', 'look', 'pair']) await until(name, () => statusOf(name).phase === 'Succeeded')
for (const name of ['bad', 'killed', 'absent']) await until(name, () => statusOf(name).phase === 'Failed')
await until(
  'crash',
  () =>
    (statusOf('crash').containerStatuses[0]?.restartCount ?? 0) >= 1 &&
    'waiting' in (statusOf('crash').containerStatuses[0]?.state ?? {}),
)
await until('running', () => statusOf('with.dots-and-dashes').phase === 'Running' && existsSync('/srv/secret'))
await until('children', async () =>
  /^TasksCurrent=(0|\[not set\])$/m.test(await systemctl('show', '-p', 'TasksCurrent', unitOf('children'))),
)
const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
await until('volumes', () => textOf('/srv/mine/out').endsWith('done\n') || textOf('/srv/shared/out').endsWith('done\n'))
said.volumes = textOf('/srv/shared/out')
settings.set('greeting', Buffer.from('goodbye'))
await until('new contents', () => textOf('/srv/shared/later').endsWith('\n'))
said.later = textOf('/srv/shared/later')
said.ofPod = {
  disk: textOf(`${folders.disk}/uid-volumes/volumes/disk/a/b/file`),
  memory: textOf(`${folders.pods}/uid-volumes/volumes/memory/file`),
  state: textOf(`${folders.directories.state}/keel-pods/uid-volumes/file`),
}
const mainOf = (name: string) => statusOf(name).containerStatuses[0]
await until('started', () => mainOf('healthy')?.started === true)
said.beforeReady = mainOf('healthy')?.ready
writeFileSync('/srv/shared/ready', '')
await until('ready', () => mainOf('healthy')?.ready === true)
said.hook = textOf('/srv/shared/hook')
await until('sick', () => (mainOf('sick')?.restartCount ?? 0) >= 1)
said.sick = mainOf('sick')?.lastState
const well = pods.get('healthy')
if (well !== undefined) well.metadata.deletionTimestamp = new Date(Date.now() + 30_000).toISOString()
await until('end of the healthy', () => !pods.has('healthy'))
said.stopped = textOf('/srv/shared/stopped')
for (const name of ['good', 'bad', 'killed', 'absent', 'crash', 'children', 'pair', 'with.dots-and-dashes']) tell(name)
said.args = readFileSync('/srv/args', 'utf8').split('\0').slice(0, -1)
said.secret = readFileSync('/srv/secret', 'utf8')
said.seen = readFileSync('/srv/seen', 'utf8')
said.shown = await systemctl('show', '--', unitOf('odd'))
said.mode = (statSync(`${folders.units}/${unitOf('odd')}`).mode & 0o777).toString(8)
said.file = readFileSync(`${folders.units}/${unitOf('odd')}`, 'utf8')

// they would run again at any time
for (const name of ['crash', 'sick']) pods.delete(name)
await until('nothing more to do', () => {
  const isIdle = kinds.length === 0
  kinds.length = 0
  return isIdle
})
forget()
const runs = () => systemctl('show', '-p', 'InvocationID', '-p', 'MainPID', '--', unitOf('odd'))
const before = await runs()
kinds.length = 0
await step()
await step()
said.afterRestart = { isSame: (await runs()) === before, kinds: [...kinds] }

const dots = pods.get('with.dots-and-dashes')
if (dots !== undefined) dots.metadata.deletionTimestamp = new Date(Date.now() + 30_000).toISOString()
await until('deletion', () => !pods.has('with.dots-and-dashes'))
said.ending = ending
// deleted by force: nobody says anything
pods.clear()
await until('nothing left', async () => {
  const { units, folders: left } = await look(folders)
  // systemd has that of all Pods for itself
  return [...units.keys()].every((unit) => unit === SLICE_OF_ALL) && left.size === 0
})
said.mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .filter((line) => line.includes('uid-volumes'))
const { disk, pods: inMemory, directories } = folders
const places = [disk, inMemory, ...Object.values(directories).map((base) => `${base}/keel-pods`)]
said.left = places.flatMap((place) => (existsSync(place) ? readdirSync(place) : []))
said.kept = readdirSync('/srv/shared').toSorted()
said.processes = await systemctl('list-units', '--all', '--plain', '--no-legend', 'vks*.service')
health.stop()
console.log(JSON.stringify(said))
