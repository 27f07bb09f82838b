import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli.ts'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import type { Io } from '../../../src/ui/io.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'
import { until } from '../../support/until.ts'

/** `keel logs` with a stand-in for OpenSSH's client: a script for each host says what it does. */
const root = mkdtempSync(join(tmpdir(), 'keel-logs-'))
const at = (...path: string[]) => join(root, ...path)
const inventory = at('inventory')

const ssh = `#!/bin/bash
for word; do case $word in HostKeyAlias=keel-*) name=\${word#*=keel-} ;; esac; done
printf '%s\\n' "$@" > ${at('argv')}-$name
cat > ${at('stdin')}-$name
echo $$ > ${at('pid')}-$name
. ${at('acts')}/$name
`
const connected = 'mkdir "$KEEL_CONNECTED"; '

function act(acts: Readonly<Record<string, string>>): void {
  for (const name of readdirSync(root).filter((file) => /^(argv|stdin|pid|mark)-/.test(file))) rmSync(at(name))
  for (const name of ['maia', 'ocean', 'zeta']) writeFileSync(at('acts', name), acts[name] ?? 'exit 255\n')
}
const run = (...options: readonly string[]) => keel(inventory, ['logs', ...options], 'typed\n')

beforeAll(async () => {
  mkdirSync(at('bin'))
  mkdirSync(at('acts'))
  writeFileSync(at('bin/ssh'), ssh, { mode: 0o755 })
  writeFileSync(at('key.pub'), `${generateKeyPair().public}\n`)
  vi.stubEnv('PATH', `${at('bin')}:${process.env.PATH}`)
  const specs = ['maia', 'ocean', 'zeta'].flatMap((name, index) => [
    '--host',
    `name=${name},role=${index === 1 ? 'server' : 'agent'},os=debian,address=root@192.0.2.${index + 1},hostKey=${generateKeyPair().public}`,
  ])
  const made = await keel(root, ['init', 'inventory', '--yes', '--admin', 'me=key.pub', ...specs])
  expect(made.exit, made.err).toBe(0)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

describe('one host', () => {
  test.each([['maia'], ['ma*']])('%s: its lines as they are, and the status of journalctl', async (choice) => {
    act({ maia: `${connected}echo one; echo two; echo three >&2; exit 3` })
    expect(await run(choice)).toEqual({ exit: 3, out: 'one\ntwo\n', err: 'three\n' })
    expect(readFileSync(at('argv-maia'), 'utf8')).not.toContain('BatchMode')
    expect(existsSync(at('argv-ocean'))).toBe(false)
  })

  test('without a connection: 6', async () => {
    act({})
    expect(await run('maia')).toMatchObject({ exit: 6, out: '' })
  })
})

describe('several hosts', () => {
  const both = ['--except', 'zeta'] as const

  test('at once, each line with the name of its host, in the order of the inventory', async () => {
    act({
      ocean: `${connected}until [ -e ${at('mark-maia')} ]; do sleep 0.01; done; echo one; echo two`,
      maia: `${connected}echo three; echo four >&2; > ${at('mark-maia')}`,
    })
    expect(await run(...both)).toEqual({
      exit: 0,
      out: 'ocean: one\nocean: two\nmaia: three\n',
      err: 'maia: four\n',
    })
  })

  test('none of them asks for a passphrase or reads what keel reads: there is one terminal for all', async () => {
    act({ maia: connected, ocean: connected })
    await run(...both)
    for (const name of ['maia', 'ocean']) {
      expect(readFileSync(at(`argv-${name}`), 'utf8')).toContain('BatchMode=yes\n')
      expect(readFileSync(at(`stdin-${name}`), 'utf8')).toBe('')
    }
  })

  test.each([
    ['no connection to one', { ocean: `${connected}echo here` }, 6],
    ['journalctl fails on one', { maia: `${connected}exit 1`, ocean: `${connected}echo here` }, 1],
    ['both', { maia: `${connected}exit 1` }, 6],
  ])('%s: %#', async (_what, acts: Readonly<Record<string, string>>, code) => {
    act(acts)
    const { exit, out, err } = await run(...both)
    expect([exit, out]).toEqual([code, acts.ocean === undefined ? '' : 'ocean: here\n'])
    if (code === 6) expect(err).toMatch(/^(maia|ocean): no connection$/m)
  })

  test('what fits no host is a wrong usage, and no host is asked', async () => {
    act({})
    expect(await run('db-*')).toMatchObject({ exit: 2, out: '' })
    expect(readdirSync(root).some((name) => name.startsWith('argv-'))).toBe(false)
  })
})

describe('--follow of several hosts', () => {
  const goesOn = (word: string) => `${connected}echo ${word}; exec sleep 1000`

  /** Starts it; two hosts go on, and one has no connection. */
  function follow(more: Partial<Io>) {
    act({ maia: goesOn('one'), ocean: goesOn('two'), zeta: 'exit 255' })
    const lines: unknown[] = []
    const { io } = recordingIo(inventory, '', { print: (line) => void lines.push(line), ...more })
    return { running: main(['logs', '--follow'], io), lines }
  }
  /** Also if it had no time to begin. */
  const gone = (name: string) =>
    !existsSync(at(`pid-${name}`)) || !existsSync(`/proc/${readFileSync(at(`pid-${name}`), 'utf8').trim()}`)

  test('lines come as they are printed, until a signal ends every ssh', async () => {
    const stop = new AbortController()
    const { running, lines } = follow({ signal: stop.signal })
    await until('both have a line', () => lines.includes('maia: one') && lines.includes('ocean: two'))
    stop.abort(new Error('SIGINT'))
    expect(await running).toBe(130)
    await until('every ssh has ended', () => gone('maia') && gone('ocean'))
  })

  test('it ends if nobody reads its output any more', async () => {
    const { running } = follow({
      print: () => {
        throw Object.assign(new Error('nobody reads'), { code: 'EPIPE' })
      },
    })
    expect(await running).toBe(141)
    await until('every ssh has ended', () => gone('maia') && gone('ocean'))
  })
})
