import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../../scripts/bundle.ts'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import { type Answer, typed } from '../../support/terminal/typed.ts'

/** `keel init` behind a real terminal, in a process of its own. */
const root = mkdtempSync(join(tmpdir(), 'keel-wizard-'))
const outdir = 'node_modules/.cache/keel-wizard'
const main = join(root, 'main.mjs')
beforeAll(async () => {
  await bundle(outdir)
  const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).href
  writeFileSync(
    main,
    `const { main } = await import(${JSON.stringify(cli)}); process.exitCode = await main(process.argv.slice(2))\n`,
  )
})
afterAll(() => rmSync(root, { recursive: true }))

const wizard = (answers: readonly Answer[]) =>
  typed(
    `exec '${process.execPath}' '${main}' init wizard`,
    { cwd: root, env: { HOME: root, PATH: process.env.PATH } },
    answers,
  )

const key = generateKeyPair().public.trim()
const begun = [
  ["the cluster's name [wizard]: ", 'Prod\r'],
  ["the cluster's name [wizard]: ", 'prod\r'],
  ['Kubernetes version [v1.36.3+k3s1]: ', '\r'],
  ['your public key', `ada=${key}\r`],
] as const

describe('the wizard', () => {
  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s leaves no inventory, a line of its own, and the command line for what was told', async (_what, pressed) => {
    const { screen, end, left } = await wizard([...begun, ['first server: name: ', pressed]])
    expect({ end, left }, screen).toEqual({ end: 130, left: [] })
    expect(screen).toContain("'Prod' can't be a name here")
    const lines = screen.trimEnd().split(/\r?\n/)
    expect(lines.at(-2)?.trim()).toMatch(
      /^keel init wizard --name prod --k3s-version v1\.36\.3\+k3s1 --admin 'ada=ssh-ed25519 /,
    )
    expect(lines.at(-1)).toBe('\r\u001b[Kkeel: interrupted')
    expect(existsSync(join(root, 'wizard'))).toBe(false)
  })

  test('shows what it will write, and writes it', async () => {
    const host = [
      ['first server: name: ', 'ocean\r'],
      ['os: nixos, flatcar or debian', '\r'],
      ['address for ssh', 'root@127.0.0.1:1\r'],
      ['its SSH host key', '\r'],
      ['its address in the cluster', '10.0.0.1\r'],
      ['next host: name', '\r'],
      ['write it? (yes/no) [yes]: ', '\r'],
    ] as const
    const { screen, end, left } = await wizard([...begun, ...host])
    expect({ end, left }, screen).toEqual({ end: 0, left: [] })
    expect(screen).toMatch(/server ocean: debian, root@127\.0\.0\.1:1, node address 10\.0\.0\.1, no host key yet/)
    expect(screen).toMatch(
      /Next:\r?\n {2}cd wizard\r?\n {2}keel pin +# .*\r?\n {2}git init && git add \. && git commit +# /,
    )
    expect(screen).toMatch(/\n {2}keel add-node ocean +# when it is up/)
    expect(existsSync(join(root, 'wizard/hosts/ocean/host.ts'))).toBe(true)
  })
})
