import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fakeInventory } from '../../support/hosts/fake-inventory.ts'
import { connected, FakeOpenssh, inventoryOf } from '../../support/hosts/fake-openssh.ts'
import { type Answer, type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { valid } from '../../support/keel/valid-output.ts'
import { factsText } from '../../support/samples/facts-text.ts'

/** -v, -q and --log, on a server that answers as its test says. */
const root = mkdtempSync(join(tmpdir(), 'keel-run-'))
const [inventory, key] = [join(root, 'inventory'), join(root, 'key')]
let host: FakeSshHost
let answer: Answer
let logs = 0

beforeAll(async () => {
  host = await startFakeSshHost((channel, one) => answer(channel, one))
  await fakeInventory(root, { srv: { role: 'server', host } })
})
afterAll(async () => {
  await host?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const run = (argv: readonly string[], says: Answer) => {
  answer = says
  return keel(inventory, argv)
}
const logged = async (argv: readonly string[], says: Answer) => {
  const log = join(root, `log-${logs++}`)
  const ended = await run(['--log', log, ...argv], says)
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  for (const line of lines) valid('log', JSON.parse(line))
  return { ...ended, entries: lines.map((line): { event: string } => JSON.parse(line)), text: lines.join('\n') }
}
const secret = 'hunter2-planted-secret'

describe('keel -v', () => {
  test('shows each script with its host and its time, on stderr', async () => {
    const quiet = await run(['plan', '-i', key], says(factsText()))
    const { exit, out, err } = await run(['plan', '-i', key, '-v'], says(factsText()))
    expect(exit, err).toBe(quiet.exit)
    expect(out).toBe(quiet.out)
    expect(quiet.err).not.toContain('srv: facts')
    expect(err).toMatch(/^srv: facts \(\d+\.\d\d s\)$/m)
    expect(err).not.toContain('srv: facts begins')
  })

  test('shows how a script failed', async () => {
    const { err } = await run(['-v', 'exec', '-i', key, '--', 'false'], says('', { exitCode: 3 }))
    expect(err).toMatch(/^srv: exec \(\d+\.\d\d s, exit 3\)$/m)
  })

  test('-vv shows its text too, each line marked, and not what has the form of a token', async () => {
    const token = `K10${'a'.repeat(64)}::server:${secret}`
    const { err } = await run(['exec', '-vv', '-i', key, '--', `echo ${token}\nkeel: forged`], says(''))
    expect(err).toMatch(/^srv: exec begins$/m)
    expect(err).toMatch(/^ {2}\| .*echo \[secret\]/m)
    expect(err).not.toMatch(/^keel: forged/m)
    expect(err).not.toContain(secret)
  })

  describe('of verbs that start OpenSSH’s client', () => {
    const aside = join(root, 'openssh')
    let ssh: FakeOpenssh
    beforeAll(async () => {
      mkdirSync(aside)
      ssh = new FakeOpenssh(aside)
      vi.stubEnv('PATH', `${ssh.bin}:${process.env.PATH}`)
      await inventoryOf(aside, { srv: 'server' })
    })
    afterAll(() => {
      vi.unstubAllEnvs()
    })
    const attached = (argv: readonly string[], act: string) => {
      ssh.act({ srv: act }, ['srv'])
      return keel(join(aside, 'inventory'), argv)
    }

    test.each([
      ['logs', ['logs', 'srv']],
      ['kubectl', ['kubectl', 'get', 'nodes']],
      ['ssh', ['ssh', 'srv', '--', 'true']],
    ])('%s: its script with its time, and how it ended', async (verb, argv) => {
      const script = (how: string) => new RegExp(`^srv: ${verb} \\(${how}\\)$`, 'm')
      expect((await attached(['-v', ...argv], connected)).err).toMatch(script('\\d+\\.\\d\\d s'))
      expect((await attached(['-v', ...argv], `${connected}exit 3`)).err).toMatch(script('\\d+\\.\\d\\d s, exit 3'))
      expect((await attached(['-v', ...argv], 'exit 255')).err).toMatch(script('ssh-unreachable after \\d+\\.\\d\\d s'))
      expect((await attached(argv, connected)).err).not.toContain('srv: ')
      const texts = await attached(['-vv', ...argv], connected)
      expect(texts.err).toMatch(new RegExp(`^srv: ${verb} begins\n {2}\\| .`, 'm'))
    })

    test('a shell is no script', async () => {
      expect((await attached(['-v', 'ssh', 'srv'], connected)).err).not.toContain('srv: ')
    })
  })

  test('and -q exclude each other', async () => {
    expect(await run(['version', '-v', '-q'], says(''))).toMatchObject({ exit: 2 })
  })
})

describe('keel -q', () => {
  test('prints results and faults, no warning', async () => {
    const shown = await run(['exec', '-i', key, '-q', '--', 'x'], says('result\n', { stderr: 'said\n', exitCode: 3 }))
    expect(shown).toMatchObject({ exit: 1, out: 'result\n', err: 'said\nsrv: ended with 3\n' })
    writeFileSync(join(inventory, 'secrets/stray.age'), '')
    const warned = ['secret', 'ls']
    const [loud, quiet] = [await run(warned, says('')), await run([...warned, '-q'], says(''))]
    expect(loud.err).toContain('warning: ')
    expect(quiet).toMatchObject({ out: loud.out, exit: loud.exit, err: '' })
  })

  test('prints the fault that ends it', async () => {
    const { exit, err } = await run(['plan', 'srvv', '-q'], says(''))
    expect([exit, err]).toEqual([2, expect.stringContaining('no host srvv')])
  })
})

describe('keel --log', () => {
  test('has the command line, scripts with their times, and the end', async () => {
    const { entries, exit } = await logged(['plan', '-i', key], says(factsText()))
    expect(entries).toMatchObject([
      { event: 'begin', argv: ['--log', expect.any(String), 'plan', '-i', key] },
      { event: 'script', host: 'srv', script: 'facts', status: 0, seconds: expect.any(Number) },
      { event: 'fault', fault: { code: 'not-pinned' } },
      { event: 'end', exit },
    ])
  })

  test('has the faults, and a host that did not answer', async () => {
    const unknown = await logged(['plan', 'srvv'], says(''))
    expect(unknown.entries).toMatchObject([{}, { event: 'fault', fault: { code: 'unknown-host' } }, { exit: 2 }])
    const silent = await logged(['plan', '-i', key], says('', { exitCode: 1, isReady: false }))
    expect(silent.entries).toContainEqual(
      expect.objectContaining({ event: 'script', script: 'facts', fault: expect.any(String) }),
    )
  })

  test.each([
    ['exec', ['exec', '-i', key, '--', 'mysql', `-p${secret}`]],
    ['kubectl', ['kubectl', 'config', 'set-credentials', `--token=${secret}`]],
    ['ssh', ['lab', 'ssh', '--name', 'no-such-lab', 'srv', '--', 'mysql', `-p${secret}`]],
    ['ssh', ['lab', 'ssh', '--name', 'no-such-lab', 'srv', 'echo', secret]],
  ])('has no word of a program on a host: %s', async (verb, argv) => {
    const { text, entries } = await logged(argv, says(`${secret}\n`, { stderr: secret }))
    expect(entries[0]).toMatchObject({ argv: expect.arrayContaining([verb, '…']) })
    expect(entries.at(-1)).toMatchObject({ event: 'end' })
    expect(text).not.toContain(secret)
  })

  test('has no word behind --, of any verb', async () => {
    const { entries } = await logged(['plan', '-i', key, '--', 'srv'], says(factsText()))
    expect(entries[0]).toMatchObject({ argv: ['--log', expect.any(String), 'plan', '-i', key, '--', '…'] })
  })

  test('has no password of a URL, in the command line or in a fault', async () => {
    const { text, err } = await logged(['plan', `https://ada:${secret}@example.invalid/`], says(''))
    expect(err).toContain(secret)
    expect(text.match(/https:\/\/ada:\[secret\]@example\.invalid\//g)).toHaveLength(2)
    expect(text).not.toContain(secret)
  })

  test('is refused before the verb does anything', async () => {
    expect(await run(['version', '--log', inventory], says(''))).toMatchObject({
      exit: 2,
      out: '',
      err: expect.stringMatching(/cannot open it \(EISDIR\)\n {2}why: /),
    })
  })
})
