import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { mainProcess } from '../../../src/vkubelet/host/look-at.ts'
import { measure } from '../../../src/vkubelet/host/measure.ts'
import { portOf } from '../../../src/vkubelet/host/port-of.ts'
import { type RunningCommand, removeCommands, runInContainer } from '../../../src/vkubelet/host/run-in-container.ts'
import { systemctl } from '../../../src/vkubelet/host/systemctl.ts'
import { sliceName } from '../../../src/vkubelet/names/slice-name.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import type { Pod } from '../../../src/vkubelet/pod/pod.ts'
import { readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import type { CommandQuery } from '../../../src/vkubelet/remote-command/command-query.ts'
import { containerUnit } from '../../../src/vkubelet/units/container-unit.ts'
import { environmentPath } from '../../../src/vkubelet/units/environment-file.ts'
import { sliceUnit } from '../../../src/vkubelet/units/slice-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'

/** Runs inside the namespaces of a real systemd (commands.test.ts): commands in a container that runs. Prints what came. */
const folders = { units: '/run/user/0/systemd/user', execs: '/run/keel-vkubelet/exec' }
const host = { hidden: ['/srv/hidden'], mounts: [], mostTasks: 100, mostPods: 110 }
const said: Record<string, unknown> = {}

async function until<Found>(
  what: string,
  condition: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
    const found = await condition()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`in vain: ${what}`)
}

/** @returns the unit of the one container, which runs */
async function start(pod: Pod): Promise<{ unit: string; text: string; together: readonly string[] }> {
  const [container] = pod.containers
  if (container === undefined) throw new Error('no container')
  const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: container.name })
  const environment = environmentPath(pod.uid, container.name)
  mkdirSync(dirname(environment), { recursive: true, mode: 0o700 })
  writeFileSync(environment, 'SECRET="a value"\n', { mode: 0o600 })
  const preparation = { program: [], variables: new Set(['SECRET']) }
  const text = unitText(containerUnit(pod, container, preparation, { run: 0 }, host))
  writeFileSync(
    `${folders.units}/${sliceName({ namespace: pod.namespace, pod: pod.name })}`,
    unitText(sliceUnit(pod, host)),
  )
  writeFileSync(`${folders.units}/${unit}`, text)
  await systemctl('start', '--', unit)
  return { unit, text, together: [unit] }
}

function podOf(name: string, command: readonly string[]): Pod {
  const containers = [{ name: 'main', image: 'exec:/bin/true', command, workingDir: '/usr/lib' }]
  const metadata = { name, namespace: 'default', uid: `uid-${name}` }
  const read = readPod({ metadata, spec: { nodeName: 'ocean', containers } }, 'ocean')
  if (read.kind !== 'pod') throw new Error(JSON.stringify(read))
  return read.pod
}

const query = (command: readonly string[], more: Partial<CommandQuery> = {}): CommandQuery => ({
  command,
  stdin: false,
  stdout: true,
  stderr: true,
  tty: false,
  ...more,
})

mkdirSync('/srv/hidden')
const server =
  'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 5); open(my $f, ">", "/srv/port"); print $f $s->sockport; close $f; while (my $c = $s->accept) { print $c "from the pod\\n"; close $c }'
const pod = podOf('web', ['/usr/bin/perl', '-e', server])
const container = await start(pod)
const run = (command: readonly string[], more: Partial<CommandQuery> = {}): Promise<RunningCommand> =>
  runInContainer({ folders, container, query: query(command, more) })
const all = async (stream: Readable | undefined) => (stream === undefined ? '' : textOf(stream))
const result = async (command: RunningCommand) => {
  const [out, err, outcome] = await Promise.all([all(command.stdout), all(command.stderr), command.outcome])
  return { out, err, outcome }
}
const sh = async (script: string) => result(await run(['sh', '-c', script]))

const began = performance.now()
said.both = await sh('echo out; echo err >&2; exit 7')
said.milliseconds = Math.round(performance.now() - began)
said.sandbox = await sh(
  'echo "$SECRET"; pwd; touch /usr/x 2>/dev/null && echo writes /usr; ls /srv/hidden 2>/dev/null; ls -A /run; echo again > /dev/stdout; echo x > /tmp/shared',
)
const main = (await mainProcess(container.unit)) ?? 0
const cgroup = readFileSync(`/proc/${main}/cgroup`, 'utf8')
said.isSameCgroup = (await sh('cat /proc/self/cgroup')).out === cgroup
said.sharesTmp = existsSync(`/proc/${main}/root/tmp/shared`)
said.absent = await result(await run(['no-such-program']))
said.odd = await result(
  await run(['printf', '%s|', '$HOME', '%n', 'a b', '', '-x', '"\'\\', '\u{1f600}', 'two\nlines']),
)
said.killed = (await sh('kill -9 $$')).outcome
said.terminated = (await sh('kill -15 $$')).outcome
said.one = await result(await run(['sh', '-c', 'echo out; echo err >&2'], { stderr: false }))

const input = randomBytes(5_000_000).toString('base64')
const cat = await run(['cat'], { stdin: true })
const back = all(cat.stdout)
cat.stdin?.end(input)
said.isWhole = (await back) === input
await cat.outcome

const tty = await run(['sh', '-c', 'tty; stty size; read line; stty size; echo "got $line"; echo err >&2; exit 3'], {
  stdin: true,
  stderr: false,
  tty: true,
})
let shown = ''
tty.stdout?.on('data', (bytes) => (shown += bytes))
await until('the terminal is there', () => (/\d+ \d+\r\n/.test(shown) ? true : undefined))
await tty.resize({ width: 101, height: 33 })
tty.stdin?.write('hello\n')
said.terminal = {
  outcome: await tty.outcome,
  shown: await until('its end', () => (shown.includes('err') ? shown : undefined)),
}

const interrupted = await run(['sh', '-c', 'echo begun; exec sleep 1000'], { stdin: true, stderr: false, tty: true })
await new Promise<void>((resolve) => interrupted.stdout?.on('data', () => resolve()))
interrupted.stdin?.write('\u0003')
said.interrupted = await interrupted.outcome

const left = await run(['sh', '-c', 'trap "" TERM; echo begun; while :; do sleep 1; done'])
await new Promise<void>((resolve) => left.stdout?.once('data', () => resolve()))
left.end()
said.left = (await left.outcome).kind

const port = Number(
  await until('it listens', () =>
    existsSync('/srv/port') ? readFileSync('/srv/port', 'utf8') || undefined : undefined,
  ),
)
const listener = await portOf([container.unit], port)
said.listener = { isFound: listener?.port === port, ofOthers: await portOf(['vks.default.other.main.service'], port) }
said.forwarded = await textOf(connect(port, listener?.address ?? ''))
said.measured = await measure([pod])

// the program is killed in the middle of a command, and started again
const lost = await run(['sleep', '1000'])
const waiting = lost.outcome
await removeCommands(folders)
said.lost = (await waiting).kind
said.runsOn = (await mainProcess(container.unit)) === main

await systemctl('stop', '--', container.unit)
said.afterStop = await run(['true']).then(
  () => 'runs',
  () => 'refused',
)
said.files = readdirSync(folders.units).filter((name) => name.startsWith('vksexec'))
said.units = await systemctl('list-units', '--all', '--plain', '--no-legend', 'vksexec*')
said.pipes = existsSync(folders.execs) ? readdirSync(folders.execs) : []
console.log(JSON.stringify(said))
process.exit()
