import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, symlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { syncJournal } from '../../../src/vkubelet/host/read-journal.ts'
import { runOutput } from '../../../src/vkubelet/host/run-output.ts'
import type { LogQuery } from '../../../src/vkubelet/logs/log-query.ts'
import { LogText } from '../../../src/vkubelet/logs/log-text.ts'

/** Runs beside a real journald in a namespace of its own (logs.test.ts): reads what programs in units have written. */
const cgroups = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) => existsSync(`${path}/cgroup.procs`)) ?? ''
const invocations = { early: 'd'.repeat(32), first: 'a'.repeat(32), second: 'b'.repeat(32), much: 'c'.repeat(32) }
type Name = keyof typeof invocations
const names = Object.keys(invocations) as Name[]
const unitOf = (name: Name) => `keel-test-${process.ppid}-${name}.service`

/**
 * What systemd says to journald before it starts a program (src/core/exec-invoke.c): journald knows the unit by it, also
 * after the program has ended.
 */
const CONNECT = `use Socket;
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
connect($s, sockaddr_un('/run/systemd/journal/stdout')) or die;
syswrite($s, "test\\n$ARGV[0]\\n6\\n0\\n0\\n0\\n0\\n");
open(STDOUT, '>&', $s) && open(STDERR, '>&', $s) or die;
exec('sh', '-c', $ARGV[1])`

/** As a program of that unit: journald looks at its cgroup, and systemd says by a link which run it is. */
function start(name: Name, script: string) {
  const enter = `echo $$ > ${cgroups}/${unitOf(name)}/cgroup.procs; exec perl -e "$1" "$2" "$3"`
  return promisify(execFile)('sh', ['-c', enter, 'sh', CONNECT, unitOf(name), script])
}

async function textOf(name: Name, query: Partial<LogQuery> = {}, isOver = async () => true): Promise<string> {
  const { follow = false, timestamps = false, ...rest } = query
  const text = new LogText({ timestamps, ...rest })
  const output = runOutput({
    invocation: invocations[name],
    query: { follow, ...rest },
    isOver,
    signal: AbortSignal.timeout(30_000),
  })
  const parts: Buffer[] = []
  for await (const entry of output) {
    parts.push(text.add(entry))
    if (text.isFull) break
  }
  return Buffer.concat(parts).toString('latin1')
}

mkdirSync('/run/systemd/units', { recursive: true })
for (const name of names) {
  mkdirSync(`${cgroups}/${unitOf(name)}`)
  symlinkSync(invocations[name], `/run/systemd/units/invocation:${unitOf(name)}`)
}
try {
  spawn('/lib/systemd/systemd-journald', { stdio: 'ignore' }).unref()
  while (!existsSync('/run/systemd/journal/stdout')) await sleep(20)
  // while it reads what the kernel has said so far, it does not look who writes
  while ((await textOf('early')) === '') {
    await start('early', 'echo early')
    await syncJournal()
  }
  await start(
    'first',
    `printf 'one\\ntwo\\n<3>three\\n\\377\\n'; head -c 100000 /dev/zero | tr '\\0' x; echo; echo last`,
  )
  await start('second', 'echo other')
  await syncJournal()
  const said: Record<string, unknown> = {}
  said.whole = await textOf('first')
  said.other = await textOf('second')
  said.tail = await textOf('first', { tail: 1 })
  said.long = await textOf('first', { tail: 3 })
  said.most = await textOf('first', { tail: 1000 })
  said.none = await textOf('first', { tail: 0 })
  said.limit = await textOf('first', { limit: 5 })
  said.stamped = await textOf('first', { timestamps: true, limit: 34 })
  said.later = await textOf('first', { since: (Date.now() + 60_000) * 1000 })
  said.recent = await textOf('second', { since: (Date.now() - 60_000) * 1000 })
  // what comes while it is followed, to the last line
  const run = { isOver: false }
  const following = textOf('second', { follow: true }, async () => run.isOver)
  for (let index = 0; index < 3; index++) await start('second', `echo followed ${index}; sleep 0.2`)
  run.isOver = true
  said.followed = await following
  said.followedEnd = await textOf('second', { follow: true, tail: 1 })
  // a reader that stops reads no more of journalctl than fits into a pipe
  await start('much', 'for i in $(seq 40); do head -c 500000 /dev/zero | tr "\\0" y; echo; done')
  await syncJournal()
  const before = process.memoryUsage.rss()
  let read = 0
  const output = runOutput({
    invocation: invocations.much,
    query: { follow: false },
    isOver: async () => true,
    signal: new AbortController().signal,
  })
  for await (const { bytes } of output) {
    read += bytes.length
    if (read < 1_000_000) continue
    await sleep(1_000)
    said.grown = process.memoryUsage.rss() - before
    break
  }
  console.log(JSON.stringify(said))
} finally {
  await sleep(200)
  for (const name of names) rmdirSync(`${cgroups}/${unitOf(name)}`)
}
process.exit()
