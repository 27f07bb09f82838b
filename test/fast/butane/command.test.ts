import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { main } from '../../../src/cli.ts'
import { ExitCode } from '../../../src/errors.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import type { Io } from '../../../src/ui/io.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { butaneCases } from '../../support/butane/cases.ts'

const cwd = fileURLToPath(new URL('../../cases/butane/', import.meta.url))

async function keel(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io: Io = {
    cwd,
    env: {},
    stdin: new PassThrough(),
    stdout,
    stderr,
    print: (value) => void stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    show: (lines, stream = 'stdout') => void { stdout, stderr }[stream].write(`${plainText(lines)}\n`),
    colors: { stdout: false, stderr: false },
    ask: async () => undefined,
    signal: new AbortController().signal,
    now: () => new Date('2026-11-29T09:00:00Z'),
    run: new RunRecord(),
  }
  const exit = await main(argv, io)
  stdout.end()
  stderr.end()
  return { exit, stdout: await text(stdout), stderr: await text(stderr) }
}

describe('keel butane', () => {
  const named = (name: string) => butaneCases().find((one) => one.name === name)

  test('prints what butane prints, on stdout alone', async () => {
    expect(await keel('butane', '--strict', '--pretty', 'karg-both-lists.bu')).toEqual({
      exit: ExitCode.Done,
      stdout: named('karg-both-lists')?.ignition,
      stderr: '',
    })
  })
  test('reads local files from --files-dir only', async () => {
    const file = 'unit-contents-local-not-utf8.bu'
    const given = await keel('butane', '--pretty', '--files-dir', 'unit-contents-local-not-utf8.files', file)
    expect(given.stdout).toBe(named('unit-contents-local-not-utf8')?.ignition)
    const missing = await keel('butane', file)
    expect(missing.exit).toBe(ExitCode.Failed)
    expect(missing.stderr).toContain('--files-dir')
  })
  test('refuses with the whole report on stderr, as butane words it', async () => {
    expect(await keel('butane', 'raid-errors.bu')).toEqual({
      exit: ExitCode.Failed,
      stdout: '',
      stderr: named('raid-errors')?.stderr,
    })
  })
  test('--strict refuses warnings, which are told without it too', async () => {
    const lax = await keel('butane', '--pretty', 'node-mode-decimal.bu')
    expect(lax).toEqual({
      exit: ExitCode.Done,
      stdout: named('node-mode-decimal')?.ignition,
      stderr: named('node-mode-decimal')?.stderr,
    })
    const strict = await keel('butane', '--strict', 'node-mode-decimal.bu')
    expect(strict).toEqual({
      exit: ExitCode.Failed,
      stdout: '',
      stderr: `${lax.stderr}refused: the config has warnings, and --strict is set\n`,
    })
  })
  test.each([[['butane']], [['butane', 'no-such-file.bu']], [['butane', '--no-such-option', 'raid-errors.bu']]])(
    'wrong use: %j',
    async (argv) => {
      const { exit, stdout } = await keel(...argv)
      expect({ exit, stdout }).toEqual({ exit: ExitCode.Usage, stdout: '' })
    },
  )
})
