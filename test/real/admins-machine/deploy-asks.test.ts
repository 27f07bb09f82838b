import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../../scripts/bundle.ts'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { type Answer, typed } from '../../support/terminal/typed.ts'

/** `keel plan` and `keel deploy` behind a real terminal, with a host that only answers the probe. */
const root = mkdtempSync(join(tmpdir(), 'keel-terminal-'))
const inventory = join(root, 'inventory')
const outdir = 'node_modules/.cache/keel-terminal'
const main = join(root, 'main.mjs')
let srv: FakeSshHost

beforeAll(async () => {
  await bundle(outdir)
  const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).href
  writeFileSync(
    main,
    `const { main } = await import(${JSON.stringify(cli)}); process.exitCode = await main(process.argv.slice(2))\n`,
  )
  srv = await startFakeSshHost(says(runningText('server')))
  await fakeInventory(root, { srv: { role: 'server', host: srv } })
  // a deploy that goes on ends with this
  pinNowhere(root)
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

const keel = (line: string, answers: readonly Answer[] = [], env: Readonly<Record<string, string>> = {}) =>
  typed(
    `exec '${process.execPath}' '${main}' ${line} -i '${join(root, 'key')}'`,
    { cwd: inventory, env: { HOME: root, PATH: process.env.PATH, ...env }, columns: 120 },
    answers,
  )
const question = 'Go on? (yes/no) [no]: '

describe('a deploy that restarts a server', () => {
  test.each([
    ['no', 'no\r', 1, 'keel: not deployed; nothing was changed'],
    ['Enter', '\r', 1, 'keel: not deployed; nothing was changed'],
    ['Ctrl-C', '\u0003', 130, 'keel: interrupted'],
    ['Ctrl-D', '\u0004', 130, 'keel: interrupted'],
  ])('%s: only the probe was run', async (_what, answer, code, last) => {
    const before = srv.commands.length
    const { screen, end, left } = await keel('deploy', [[question, answer]])
    expect({ end, left }, screen).toEqual({ end: code, left: [] })
    const lines = stripVTControlCharacters(screen).trimEnd().split(/\r*\n/)
    // on a slow machine keel says before that whom it waits for
    expect(lines[0]?.split('\r').at(-1)).toBe('srv (server)')
    expect(lines.at(-1)?.trim()).toBe(last)
    expect(srv.commands.length - before).toBe(1)
  })

  test('yes: goes on', async () => {
    const { screen, left } = await keel('deploy', [[question, 'yes\r']])
    expect(left).toEqual([])
    expect(screen).toContain('127.0.0.1:1')
  })
})

describe('colours of a plan', () => {
  const bold = '\u001b[1msrv\u001b[22m (server)'
  test.each<[string, string, Record<string, string>, boolean]>([
    ['on a terminal', 'plan', {}, true],
    ['not with NO_COLOR', 'plan', { NO_COLOR: '1' }, false],
    ['not on a dumb one', 'plan', { TERM: 'dumb' }, false],
    ['not with --color never', 'plan --color never', { FORCE_COLOR: '1' }, false],
    ['not in a pipe', 'plan | cat; true', {}, false],
    ['in a pipe with --color always', 'plan --color always | cat; true', {}, true],
  ])('%s', async (_what, line, env, colors) => {
    const [before = '', after] = line.split(' | ')
    const run = after === undefined ? keel(before, [], env) : piped(before, after)
    const { screen } = await run
    expect(screen.includes(bold), screen).toBe(colors)
    expect(/\u001b\[[\d;]*m/.test(screen), screen).toBe(colors)
    expect(stripVTControlCharacters(screen)).toContain('srv (server)')
  })
})

function piped(line: string, after: string) {
  const env = { HOME: root, PATH: process.env.PATH }
  const command = `'${process.execPath}' '${main}' ${line} -i '${join(root, 'key')}' | ${after}`
  return typed(command, { cwd: inventory, env, columns: 120 }, [])
}
