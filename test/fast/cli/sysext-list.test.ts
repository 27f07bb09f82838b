import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { makeVariant } from '../inventory/variant.ts'

const scratch = mkdtempSync(join(tmpdir(), 'keel-sysext-list-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A mirror is a folder here, with the files of the releases that are in it. */
let mirror = ''
beforeEach(() => {
  mirror = mkdtempSync(join(scratch, 'mirror-'))
})
function serve(path: string, text: string): void {
  mkdirSync(join(mirror, path, '..'), { recursive: true })
  writeFileSync(join(mirror, path), text)
}
const stable = (minor: number, text: string) => serve(`dl.k8s.io/release/stable-1.${minor}.txt`, text)
const channels = (data: unknown) =>
  serve('update.k3s.io/v1-release/channels', JSON.stringify({ type: 'collection', data }))
const list = (cwd: string, ...args: readonly string[]) =>
  keel(cwd, ['sysext', 'list', ...args], '', { env: { KEEL_MIRROR: pathToFileURL(mirror).href } })

const hash = 'a'.repeat(64)
const images = { '1.34': { amd64: { sha256: hash, of: {} } } }
const lock = (versions: readonly string[]) =>
  JSON.stringify({
    format: 1,
    artifacts: {
      k3s: { 'v1.35.2+k3s1': { arm64: { url: 'https://example.org/k3s', sha256: hash, sysext: hash } } },
    },
    images: { kubernetes: Object.fromEntries(versions.map((version) => [version, images['1.34']])) },
  })

describe('keel sysext list', () => {
  it('shows every supported minor with its newest patch, and nothing else on stderr', async () => {
    stable(37, 'v1.37.1')
    stable(36, 'v1.36.5\n')
    stable(35, 'v1.35.8')
    expect(await list(scratch, 'kubernetes')).toEqual({
      exit: 0,
      err: '',
      out: `1.37  supported until 2027-10-28; this keel cannot deploy it
  v1.37.1  newest patch
1.36  supported until 2027-06-28
  v1.36.5  newest patch
1.35  supported until 2027-02-28
  v1.35.8  newest patch
`,
    })
  })

  it('in an inventory shows its version and what is pinned, also of a minor that is no longer supported', async () => {
    const inventory = makeVariant({ write: { 'keel.lock.json': lock(['v1.34.4']) } })
    const { out } = await list(inventory, 'kubernetes', '--minor', '1.34')
    expect(out).toBe('1.34  no longer supported since 2026-10-27\n  v1.34.4  image pinned for x86-64\n')
    channels([
      { id: 'v1.36', latest: 'v1.36.3+k3s1' },
      { id: 'stable', latest: 'v1.35.2+k3s1' },
    ])
    expect((await list(inventory, 'k3s')).out).toBe(`1.37  supported until 2027-10-28; this keel cannot deploy it
1.36  supported until 2027-06-28
  v1.36.3+k3s1  newest patch, version in hosts/cluster
1.35  supported until 2027-02-28
  v1.35.2+k3s1  image pinned for arm64
`)
  })

  it('without the releases lists what it has, and says once that the newest patches are unknown', async () => {
    const inventory = makeVariant({ write: { 'keel.lock.json': lock(['v1.36.3', 'v1.36.10', 'v1.34.4']) } })
    const { exit, out, err } = await list(inventory, 'kubernetes')
    expect([exit, out]).toEqual([
      0,
      `1.37  supported until 2027-10-28; this keel cannot deploy it
1.36  supported until 2027-06-28
  v1.36.10  image pinned for x86-64
  v1.36.3  image pinned for x86-64
1.35  supported until 2027-02-28
1.34  no longer supported since 2026-10-27
  v1.34.4  image pinned for x86-64
`,
    ])
    expect(err).toMatch(
      /^newest patches unknown \(https:\/\/dl\.k8s\.io\/release\/stable-1\.37\.txt: ENOENT.*KEEL_MIRROR\n$/,
    )
  })

  it('as JSON', async () => {
    stable(36, 'v1.36.3')
    const { out, err } = await list(scratch, 'kubernetes', '--minor', '1.36', '--json')
    expect([err, JSON.parse(out)]).toEqual([
      '',
      {
        time: expect.any(String),
        name: 'kubernetes',
        minors: [
          {
            minor: '1.36',
            support: 'supported',
            ends: '2027-06-28',
            deployable: true,
            versions: [{ version: 'v1.36.3', newest: true, inventory: false, pinned: [] }],
          },
        ],
      },
    ])
    const unknown = JSON.parse((await list(scratch, 'k3s', '--minor', '1.99', '--json')).out)
    expect(unknown).toMatchObject({
      minors: [{ minor: '1.99', support: 'unknown', deployable: false, versions: [] }],
      unknown: expect.stringContaining('update.k3s.io'),
    })
  })

  it.each([
    ['a page instead of a version', '<html>', /no version of it/],
    ['a version of another minor', 'v1.35.1', /no version of it/],
    ['control characters', 'v1.36.3\u001b[2J', /no version of it/],
    ['a megabyte and more', 'v'.repeat(1_100_000), /more than a megabyte/],
  ])('takes %s for no answer', async (_what, text, why) => {
    stable(36, text)
    const { exit, out, err } = await list(scratch, 'kubernetes', '--minor', '1.36')
    expect([exit, out]).toEqual([0, '1.36  supported until 2027-06-28\n'])
    expect(err).toMatch(why)
  })

  it.each([
    ['no JSON', () => serve('update.k3s.io/v1-release/channels', '<html>')],
    ['another form', () => channels('v1.36.3+k3s1')],
    ['no such channel', () => channels([{ id: 'stable', latest: 'v1.36.3+k3s1' }])],
    ['no version', () => channels([{ id: 'v1.36', latest: 'v1.36.3; rm -rf /' }])],
  ])('takes channels of k3s with %s for no answer', async (_what, put) => {
    put()
    const { exit, out, err } = await list(scratch, 'k3s', '--minor', '1.36')
    expect([exit, out]).toEqual([0, '1.36  supported until 2027-06-28\n'])
    expect(err).toMatch(/^newest patches unknown/)
  })

  it.each([
    [['docker'], /k3s and kubernetes/],
    [['kubernetes', '--minor', '36'], /the form of 1\.36/],
    [['kubernetes', '--minor', '1.36.3'], /the form of 1\.36/],
    [['kubernetes', '-C', 'nowhere'], /there is no such folder/],
  ])('%j is refused', async (args, message) => {
    expect(await list(scratch, ...args)).toMatchObject({ exit: 2, out: '', err: expect.stringMatching(message) })
  })
})
