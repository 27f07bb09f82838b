import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli.ts'
import type { Io } from '../../../src/ui/io.ts'
import { connected, FakeOpenssh, inventoryOf } from '../../support/hosts/fake-openssh.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'
import { until } from '../../support/until.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-logs-'))
const inventory = join(root, 'inventory')
const ssh = new FakeOpenssh(root)
const act = (acts: Readonly<Record<string, string>>) => ssh.act(acts, ['maia', 'ocean', 'zeta'])
const run = (...options: readonly string[]) => keel(inventory, ['logs', ...options], 'typed\n')

beforeAll(async () => {
  vi.stubEnv('PATH', `${ssh.bin}:${process.env.PATH}`)
  await inventoryOf(root, { maia: 'agent', ocean: 'server', zeta: 'agent' })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

describe('one host', () => {
  test.each([['maia'], ['ma*']])('%s: its lines as they are, and the status of journalctl', async (choice) => {
    act({ maia: `${connected}echo one; echo two; echo three >&2; exit 3` })
    expect(await run(choice)).toEqual({ exit: 3, out: 'one\ntwo\n', err: 'three\n' })
    expect(ssh.saved('argv', 'maia')).not.toContain('BatchMode')
    expect(ssh.saved('argv', 'ocean')).toBeUndefined()
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
      ocean: `${connected}until [ -e ${ssh.mark('maia')} ]; do sleep 0.01; done; echo one; echo two`,
      maia: `${connected}echo three; echo four >&2; > ${ssh.mark('maia')}`,
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
      expect(ssh.saved('argv', name)).toContain('BatchMode=yes\n')
      expect(ssh.saved('stdin', name)).toBe('/dev/null\n')
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
    for (const name of ['maia', 'ocean', 'zeta']) expect(ssh.saved('argv', name)).toBeUndefined()
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
  const gone = (name: string) => {
    const pid = ssh.saved('pid', name)?.trim()
    return pid === undefined || !existsSync(`/proc/${pid}`)
  }

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
