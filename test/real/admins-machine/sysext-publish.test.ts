import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { GpgHome } from '../../support/sysext/gpg-home.ts'

const home = new GpgHome()
const [FIRST, SECOND] = ['kubernetes-v1.36.3-x86-64.raw', 'k3s-v1.34.4+k3s1-arm64.raw']
let ada = ''
let images = ''

beforeAll(async () => {
  await home.makeKey('grace@example.org')
  ada = await home.makeKey('ada@example.org')
})
beforeEach(() => {
  images = mkdtempSync(join(tmpdir(), 'keel-publish-'))
  writeFileSync(join(images, FIRST), 'an image')
  writeFileSync(join(images, SECOND), 'another')
})
afterAll(() => home.end())

const publish = (...args: readonly string[]) => keel(images, ['sysext', 'publish', '.', ...args], '', { env: home.env })

describe('keel sysext publish', () => {
  it('writes a list that sha256sum checks, and a binary signature of the key that was named', async () => {
    const { exit, out, err } = await publish('--key', 'ada@example.org', '--json')
    expect([exit, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({ directory: images, fingerprint: ada })
    const checked = await execa('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: images })
    expect(checked.stdout).toBe(`${SECOND}: OK\n${FIRST}: OK`)
    const verified = await home.gpg('--verify', join(images, 'SHA256SUMS.gpg'), join(images, 'SHA256SUMS'))
    expect(verified.stderr).toContain('Good signature from "ada@example.org"')
    expect(readFileSync(join(images, 'SHA256SUMS.gpg'))[0]).toBeGreaterThanOrEqual(0x80)
    expect(readdirSync(images).toSorted()).toEqual(['SHA256SUMS', 'SHA256SUMS.gpg', SECOND, FIRST])
  })

  it('is binary although gpg.conf asks for armour, and replaces what was there', async () => {
    writeFileSync(join(home.folder, 'gpg.conf'), 'armor\n')
    expect((await publish('--key', ada)).exit).toBe(0)
    const before = readFileSync(join(images, 'SHA256SUMS'), 'utf8')
    writeFileSync(join(images, FIRST), 'a new one')
    const { exit, out } = await publish()
    expect([exit, out]).toEqual([0, expect.stringContaining('gpg --export ')])
    expect(readFileSync(join(images, 'SHA256SUMS'), 'utf8')).not.toBe(before)
    rmSync(join(home.folder, 'gpg.conf'))
    await home.gpg('--verify', join(images, 'SHA256SUMS.gpg'), join(images, 'SHA256SUMS'))
  })

  it.each([
    ['a key that is not there', () => undefined, ['--key', 'nobody@example.org'], 1, /gpg did not sign it/],
    ['an option in place of a key', () => undefined, ['--key=--version'], 1, /gpg did not sign it/],
    [
      'a name that no pattern matches',
      () => writeFileSync(join(images, 'kubernetes.raw'), ''),
      ['--key', 'ada@example.org'],
      2,
      /kubernetes\.raw: a name that no pattern of systemd-sysupdate matches/,
    ],
    [
      'a name with a line break',
      () => writeFileSync(join(images, `${'0'.repeat(64)}  x\n${FIRST}`), ''),
      ['--key', 'ada@example.org'],
      2,
      /a name that no pattern/,
    ],
    [
      'a link',
      () => symlinkSync(FIRST, join(images, 'kubernetes-v1.36.4-x86-64.raw')),
      ['--key', 'ada@example.org'],
      2,
      /not a regular file/,
    ],
    ['a folder', () => mkdirSync(join(images, 'kubernetes-v1.36.5-arm64.raw')), [], 2, /not a regular file/],
    [
      'no image',
      () => {
        rmSync(join(images, FIRST))
        rmSync(join(images, SECOND))
      },
      [],
      2,
      /no file whose name ends with \.raw/,
    ],
  ])('with %s leaves the old list', async (_what, change, args, exit, message) => {
    writeFileSync(join(images, 'SHA256SUMS'), 'old')
    writeFileSync(join(images, 'SHA256SUMS.gpg'), 'old')
    change()
    const before = readdirSync(images)
    expect(await publish(...args)).toMatchObject({ exit, out: '', err: expect.stringMatching(message) })
    expect(readdirSync(images)).toEqual(before)
    expect(readFileSync(join(images, 'SHA256SUMS'), 'utf8')).toBe('old')
  })

  it('without gpg says what to install', async () => {
    const { exit, err } = await keel(images, ['sysext', 'publish', '.'], '', { env: { PATH: '/nowhere' } })
    expect([exit, err]).toEqual([1, expect.stringContaining('the program gpg is not on PATH')])
  })
})
