import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pinnedManifests } from '../../../src/artifacts/network-manifests.ts'
import { readPins } from '../../../src/artifacts/pins.ts'
import { networkManifests } from '../../../src/desired/distribution/kubeadm/network-manifests.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { manifestUrls } from '../../../src/model/kubeadm/manifest-source.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

/** `cni: { manifests }`: from the files and URLs of an inventory to what servers apply. */
const home = mkdtempSync(join(tmpdir(), 'keel-network-'))
afterAll(() => rmSync(home, { recursive: true }))
const venus = join(home, 'venus')
const url = 'https://raw.example.invalid/calico/v3/calico.yaml'
const signal = new AbortController().signal
const env = {
  HOME: join(home, 'nobody'),
  PATH: process.env.PATH,
  KEEL_MIRROR: pathToFileURL(join(home, 'mirror')).href,
}
const run = (...argv: string[]) => keel(venus, argv, '', { env })
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}
const object = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`
const served = 'mirror/raw.example.invalid/calico/v3/calico.yaml'

beforeAll(async () => {
  const host = `name=ocean,role=server,os=debian,address=root@192.0.2.1,hostKey=${newKey('ssh-ed25519').recipient}`
  const words = [
    'init',
    'venus',
    '--yes',
    '--distribution',
    'kubeadm',
    '--admin',
    `ada=${newKey('ssh-ed25519').recipient}`,
  ]
  expect((await keel(home, [...words, '--host', host])).exit).toBe(0)
  mkdirSync(env.HOME, { mode: 0o700 })
})

/** Writes hosts/cluster with these sources. */
const name = (...sources: string[]) => {
  const file = join(venus, 'hosts/cluster.ts')
  const text = readFileSync(file, 'utf8').replace(/\n {2}cni: .*/, '')
  writeFileSync(
    file,
    text.replace("distribution: 'kubeadm',", (key) => `${key}\n  cni: { manifests: ${JSON.stringify(sources)} },`),
  )
}
const faults = async () => (await run('pin')).err

test('a file of the inventory is checked like every other file of git', async () => {
  name('manifests/crds.yaml')
  expect(await faults()).toContain("cni.manifests[0]: manifests/crds.yaml: it can't be read (ENOENT)")
  write('secret', object('outside'))
  mkdirSync(join(venus, 'manifests'))
  symlinkSync('../../secret', join(venus, 'manifests/crds.yaml'))
  expect(await faults()).toContain('a link, or a file that is reached through one')
  rmSync(join(venus, 'manifests/crds.yaml'))
  write('venus/manifests/crds.yaml', 'x'.repeat((4 << 20) + 1))
  expect(await faults()).toContain('this file is too large')
  write('venus/manifests/crds.yaml', 'kind: [')
  expect(await faults()).toMatch(/cni\.manifests\[0\]: manifests\/crds\.yaml: in its line 1, column \d+/)
  write('venus/manifests/crds.yaml', 'kind: Namespace')
  expect(await faults()).toContain('an object without apiVersion')
  write('venus/manifests/crds.yaml', object('crds'))
  expect(await faults()).toContain('`keel pin` pins k3s')
})

test('a URL is pinned once, through the mirror, and only as a manifest', async () => {
  name('manifests/crds.yaml', url)
  expect((await run('pin')).err).toContain('ENOENT')
  write(served, '<!doctype html>')
  expect(await run('pin')).toMatchObject({ exit: 1, err: expect.stringContaining('something that is not an object') })
  write(served, object('calico'))
  expect(await run('pin', '--file', 'amd64=./k3s')).toMatchObject({ exit: 2 })
  const { exit, out } = await run('pin')
  expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining(`${url}: `) })
  expect(JSON.parse(readFileSync(join(venus, 'keel.lock.json'), 'utf8')).manifests[url].sha256).toMatch(
    /^[0-9a-f]{64}$/,
  )
  write(served, object('other'))
  expect((await run('pin')).out).toContain('nothing changed')
})

test('servers get the texts in their order, the one of the URL as it is pinned', async () => {
  const { cluster } = await loadInventory(venus)
  const { distribution, networks } = cluster
  if (distribution.kind !== 'kubeadm') throw new Error('no kubeadm')
  const pins = await readPins(venus)
  const fetched = await pinnedManifests(distribution, pins, { env, signal })
  expect(networkManifests(distribution.cni, networks, fetched)).toEqual([
    { name: 'keel-cni-01-crds.yaml', content: object('crds') },
    { name: 'keel-cni-02-calico.yaml', content: object('calico') },
  ])
  expect(() => networkManifests(distribution.cni, networks, new Map())).toThrow(
    expect.objectContaining({ code: 'not-pinned', found: expect.stringContaining(url) }),
  )
  // another machine, whose cache has nothing
  const elsewhere = { env: { ...env, HOME: mkdtempSync(join(home, 'other-')) }, signal }
  await expect(pinnedManifests(distribution, pins, elsewhere)).rejects.toMatchObject({ code: 'artifact-hash', at: url })
  write(served, object('calico'))
  expect((await pinnedManifests(distribution, pins, elsewhere)).get(url)).toBe(object('calico'))
  expect(manifestUrls(distribution)).toEqual([url])
})

test('a plan with a URL that nobody has pinned says what to run', async () => {
  name('https://raw.example.invalid/other.yaml')
  const { exit, err } = await run('status')
  expect({ exit, err }).toMatchObject({ err: expect.stringMatching(/keel\.lock\.json: no (kubernetes|hash of https)/) })
})
