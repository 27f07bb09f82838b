import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Keel } from '../support/keel/keel.ts'
import { valid } from '../support/keel/valid-output.ts'
import { traced, traceNextBoot } from '../support/lab/exec-trace.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import { wantKeelAgent } from '../support/lab/want-keel-agent.ts'
import { leakedForLong, leakForLong, leakShortly } from '../support/secrets/leak.ts'
import { found, huntOnHost, type Wanted, wantedForms } from '../support/secrets/secret-hunt.ts'
import { enrich, plantedSecret } from './rich-inventory.ts'

const agents = ['agent-1', 'spare-1'] as const
const hosts = ['server-1', ...agents] as const
let cluster: LabCluster
let keel: Keel
let secrets: Readonly<
  Record<'server token' | 'agent token' | 'CA key' | "the keel-agents' CA key" | 'planted secret', string>
>
/** keel's TMPDIR */
let temporary: string

const log = () => join(cluster.home, 'keel.log')
const traceOf = (name: string) => join(cluster.home, `trace-${name}`)
const readTrace = (name: string) => readFile(traceOf(name), 'latin1')
const only = (...names: (keyof typeof secrets)[]): Wanted =>
  wantedForms(Object.fromEntries(names.map((name) => [name, secrets[name]])))
const all = () => wantedForms(secrets)

/** A run of keel under strace: which programs it starts, and what it writes. */
async function tracedKeel(...args: readonly string[]): Promise<string> {
  const { ended } = keel.start(args, { wrapper: traced(traceOf('admin'), 'execve,execveat,openat,open,creat') })
  const { exitCode, stderr } = await ended
  expect(exitCode, stderr).toBe(0)
  return readTrace('admin')
}

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-hunt', spare: 1 })
  temporary = join(cluster.home, 'tmp')
  await mkdir(temporary)
  await enrich(cluster)
  await wantKeelAgent(cluster)
  // V8's compiled code of keel itself would be written to the user's cache
  keel = cluster.keel.with({ env: { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' } })
  const show = async (name: string) => (await cluster.keel.expect(0, 'secret', 'show', name)).stdout
  secrets = {
    'server token': await show('k3s-server-token'),
    'agent token': await show('k3s-agent-token'),
    'CA key': await show('k3s-server-ca-key'),
    "the keel-agents' CA key": await show('keel-agent-ca-key'),
    'planted secret': plantedSecret,
  }
  await Promise.all(
    hosts.map(async (name) => {
      await cluster.power('power-off', name)
      await traceNextBoot(cluster.host(name), traceOf(name))
      await cluster.power('start', name)
    }),
  )
})
afterAll(() => cluster?.down())

describe('a whole deploy under strace', () => {
  test('keel starts no program, and opens no file of the machine for writing but the log', async () => {
    await keel.expect(0, 'plan', '-vv')
    await keel.expect(0, 'plan', '--json')
    await keel.expect(0, 'render', '--out', join(cluster.home, 'rendered'))
    const trace = await tracedKeel('deploy', '-vv', '--log', log())
    expect(trace.match(/ execve(at)?\(/g)).toHaveLength(1)
    expect(found(all(), trace)).toEqual([])
    const written = trace
      .split('\n')
      .filter((line) => /O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(line) && !/ENOENT|"\/dev\/(null|tty)"/.test(line))
    expect(written).toEqual([expect.stringContaining(`"${log()}"`)])
  })

  test('add-node writes the inventory alone, and no clear byte', async () => {
    const { hostKey, described } = cluster.host('spare-1')
    const { address, nodeIP } = described
    const trace = await tracedKeel(
      'add-node',
      'spare-1',
      '--address',
      address,
      '--host-key',
      hostKey,
      '--node-ip',
      nodeIP,
    )
    const written = trace
      .split('\n')
      .flatMap((line) => (/O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(line) ? [/"([^"]*)"/.exec(line)?.[1] ?? line] : []))
    expect(written.length).toBeGreaterThan(0)
    expect(written.filter((path) => !path.startsWith(cluster.inventory) && !path.startsWith('/dev/'))).toEqual([])
    await keel.expect(0, 'deploy', '--json', '-vv', '--log', log())
    await keel.expect(0, 'plan', '--exit-code')
  })

  test.each(hosts)('no program on %s is ever started with a secret in its argv or environment', async (name) => {
    const trace = await readTrace(name)
    const execs = trace.match(/ execve(at)?\(/g)?.length ?? 0
    console.log(`${name}: ${execs} execves, ${(trace.length / 1e6).toFixed(1)} MB of argv and environment`)
    expect(trace).toContain('/usr/local/bin/k3s')
    expect(trace).toContain('systemd-creds')
    expect(trace).toContain('ssh-keygen')
    expect(found(all(), trace)).toEqual([])
  })

  test('what keel prints holds no secret', async () => {
    const printed = keel.runs.map(({ stdout, stderr }) => stdout + stderr).join('\n')
    expect(printed).toContain('done in')
    // -vv: the scripts themselves
    expect(printed).toMatch(/^server-1: stage begins\n {2}\| /m)
    expect(printed).toMatch(/^agent-1: activate \(\d+\.\d\d s\)$/m)
    expect(printed).toContain('"event":"done"')
    expect(found(all(), printed)).toEqual([])
  })

  test('nor does the log, which has every script and event, and is for its user alone', async () => {
    const text = await readFile(log(), 'utf8')
    for (const has of ['"script":"stage"', '"script":"verify"', '"event":"operation"', '"event":"end"'])
      expect(text).toContain(has)
    for (const line of text.trimEnd().split('\n')) valid('log', JSON.parse(line))
    expect(found(all(), text)).toEqual([])
    expect((await stat(log())).mode & 0o777).toBe(0o600)
  })

  test("nor do the inventory, what `render` wrote, and the admin's temporary files", async () => {
    expect(await readdir(temporary)).toEqual([])
    const files = await readdir(cluster.inventory, { recursive: true, withFileTypes: true })
    const rendered = await readdir(join(cluster.home, 'rendered'), { recursive: true, withFileTypes: true })
    for (const file of [...files, ...rendered].filter((entry) => entry.isFile()))
      expect(found(all(), await readFile(join(file.parentPath, file.name), 'latin1')), file.name).toEqual([])
    expect(files.length).toBeGreaterThan(8)
    expect(rendered.length).toBeGreaterThan(4)
  })
})

describe('what lies on the hosts', () => {
  test.each(hosts)("%s: no key of the keel-agents' CA, but a certificate of it", async (name) => {
    expect(await huntOnHost(cluster.host(name), only("the keel-agents' CA key"))).toEqual([])
    expect(await cluster.host(name).sh('cat /var/lib/keel/crypto/first.pem')).toContain('BEGIN CERTIFICATE')
    expect(await cluster.host(name).sh('stat -L -c "%a %U" /var/lib/keel/crypto/first.key')).toBe('600 root')
  })

  test.each(agents)('%s: no server token and no CA key, nowhere', async (name) => {
    expect(await huntOnHost(cluster.host(name), only('server token', 'CA key'))).toEqual([])
  })

  test.each(agents)('%s: its own secrets are in memory alone, in the directory of its service', async (name) => {
    expect(await huntOnHost(cluster.host(name), only('agent token', 'planted secret'))).toEqual([
      '/run/credentials/k3s-agent.service/k3s-agent-token: agent token',
      '/run/credentials/k3s-agent.service/k3s-registries: planted secret',
    ])
  })

  test('server-1: in memory, and where k3s itself keeps them, 0600 in a closed folder', async () => {
    const places = await huntOnHost(cluster.host('server-1'), all())
    console.log(places.join('\n'))
    const folder = '/var/lib/rancher/k3s/server'
    const onDisk = places.filter((place) => place.startsWith(folder))
    expect(places.filter((place) => !onDisk.includes(place))).toEqual([
      '/run/credentials/k3s.service/k3s-agent-token: agent token',
      '/run/credentials/k3s.service/k3s-registries: planted secret',
      '/run/credentials/k3s.service/k3s-server-token: server token',
    ])
    expect(onDisk).toEqual([
      `${folder}/agent-token: agent token`,
      `${folder}/cred/passwd: agent token`,
      `${folder}/cred/passwd: server token`,
      `${folder}/tls/server-ca.key: CA key`,
      `${folder}/token: server token`,
    ])
    const files = [...new Set(onDisk.map((place) => place.slice(0, place.indexOf(':'))))]
    const modes = await cluster
      .host('server-1')
      .sh(`stat -Lc '%a %U' ${files.join(' ')} | sort -u; stat -c '%a %U' ${folder}`)
    expect(modes.split('\n')).toEqual(['600 root', '700 root'])
  })
})

describe('the same hunt finds what leaks', () => {
  test('on a disk, in memory, in the journal, in an environment', async () => {
    const host = cluster.host('agent-1')
    await leakForLong(host, secrets['server token'])
    expect(await huntOnHost(host, only('server token'))).toEqual(leakedForLong('server token'))
  })

  test('in the argv of a process that lives 5 ms, in the environment of another', async () => {
    const host = cluster.host('spare-1')
    const values = only('server token', 'CA key')
    expect(found(values, await readTrace('spare-1'))).toEqual([])
    await leakShortly(host, secrets['server token'], values.get('CA key') ?? '')
    // who looks for living processes comes too late
    expect(await huntOnHost(host, values)).toEqual([])
    expect(found(values, await readTrace('spare-1'))).toEqual(['server token', 'CA key'])
  })

  test('in what -vv shows, where a user has put it in a command line; the log leaves that out', async () => {
    const before = (await readFile(log(), 'utf8')).length
    const command = ['exec', 'server-1', '-vv', '--log', log(), '--', 'true', secrets['planted secret']]
    const { stderr } = await cluster.keel.expect(0, ...command)
    expect(found(all(), stderr)).toEqual(['planted secret'])
    const added = (await readFile(log(), 'utf8')).slice(before)
    expect(added).toContain('"script":"exec"')
    expect(found(all(), added)).toEqual([])
    expect(found(all(), `${added}${secrets['planted secret']}`)).toEqual(['planted secret'])
  })

  test("and in keel's own", async () => {
    const { ended } = keel.start(['--version', secrets['planted secret']], { wrapper: traced(traceOf('admin')) })
    await ended
    expect(found(all(), await readTrace('admin'))).toEqual(['planted secret'])
  })
})
