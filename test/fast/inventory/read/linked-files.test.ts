import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keel } from '../../../support/keel/keel-in-process.ts'
import { makeVariant } from '../variant.ts'

/** A real host's file outside of the inventory, and one inside it. */
const HOST = 'os: debian\nrole: agent\naddress: root@10.0.0.9\n'

const PLACES = [
  'hosts/nova.yaml',
  'hosts/nova.ts',
  'hosts/nova/host.yaml',
  'hosts/nova/host.ts',
  'hosts/nova/host.yml',
  'hosts/nova/hosts.yaml',
  'hosts/nova/nova.yaml',
  'hosts/a/host.ts',
  'hosts/cluster.yaml',
  'hosts/cluster.ts',
  'hosts/cluster.yml',
  'secrets.yaml',
  'secrets.ts',
]

/** What a link leads to, relative to the link's folder. */
const TARGETS: Readonly<Record<string, (outside: string, up: string) => string>> = {
  'a file elsewhere': (outside) => join(outside, 'host.yaml'),
  'a file of the inventory': (_outside, up) => `${up}hosts/b/host.yaml`,
  nowhere: () => 'nowhere',
}

function outside(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keel-outside-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'host.yaml'), HOST)
  return folder
}

/** In the place of what is there, which may be the only one of its kind. */
function link(directory: string, at: string, target: string): void {
  mkdirSync(dirname(join(directory, at)), { recursive: true })
  rmSync(join(directory, at), { recursive: true, force: true })
  symlinkSync(target, join(directory, at))
}

const WHY = 'keel follows no link in an inventory'

/** One fault, which names the link, says why and what to do. */
async function expectRefused(directory: string, at: string): Promise<void> {
  const { exit, out, err } = await keel(directory, ['rekey', '--check'])
  expect({ exit, out }, err).toEqual({ exit: 2, out: '' })
  expect(err.split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(
      new RegExp(`^(keel: )?${at.replaceAll('.', '\\.')}: a link, or a file that is reached through one$`),
    ),
    expect.stringContaining(WHY),
    expect.stringMatching(/^ {2}do: {2}put the file/),
  ])
  expect(err.match(/a link, or/g)).toHaveLength(1)
}

for (const [what, target] of Object.entries(TARGETS))
  test.each(PLACES)(`attack 11: %s as a link to ${what} is refused as a link`, async (at) => {
    const directory = makeVariant({ form: 'yaml' })
    link(directory, at, target(outside(), '../'.repeat(at.split('/').length - 1)))
    await expectRefused(directory, at)
  })

test.each([
  ['hosts/nova', 'a'],
  ['hosts/nova', 'nowhere'],
  ['hosts/nova', '/'],
  ['hosts/nova', 'nova'],
  ['hosts', 'nowhere'],
  ['secrets', 'nowhere'],
  ['secrets', 'hosts'],
])('attack 11: the folder %s as a link to %s is refused as a link', async (at, target) => {
  const directory = makeVariant({ form: 'yaml' })
  link(directory, at, target)
  await expectRefused(directory, at)
})

test('a link says where the file itself belongs', async () => {
  const directory = makeVariant({ form: 'yaml' })
  link(directory, 'hosts/nova.yaml', 'a/host.yaml')
  const { err } = await keel(directory, ['rekey', '--check'])
  expect(err).toContain('put the file itself at hosts/nova/host.yaml, or remove the link')
})

test('links that no definition could be behind are their user’s own', async () => {
  const directory = makeVariant({ form: 'yaml' })
  for (const at of ['README', 'hosts/README.md', 'hosts/a/notes.md', 'hosts/a/labels.yaml', 'a.yaml'])
    link(directory, at, '/etc/hostname')
  const { exit, err } = await keel(directory, ['rekey', '--check'])
  expect({ exit, err }).toEqual({ exit: 3, err: '' })
})
