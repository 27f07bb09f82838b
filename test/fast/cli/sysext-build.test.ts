import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { localArtifact } from '../../../src/artifacts/local-artifact.ts'
import { pinnedImage, readPins } from '../../../src/artifacts/pins.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { cniArchive, kubernetesReleases } from '../../support/samples/kubernetes-releases.ts'
import { makeVariant } from '../inventory/variant.ts'

const scratch = mkdtempSync(join(tmpdir(), 'keel-sysext-build-'))
const releases = join(scratch, 'releases')
const IMAGE = 'kubernetes-v1.36.3-x86-64.raw'
const hits: string[] = []
/** What happens when something is asked of the mirror. */
let onHit: (url: string) => void = () => undefined
const server = createServer((request, response) => {
  hits.push(request.url ?? '')
  onHit(request.url ?? '')
  const file = join(releases, request.url ?? '')
  response.writeHead(existsSync(file) ? 200 : 404).end(existsSync(file) ? readFileSync(file) : '')
})
let mirror = ''
let out = ''
let env: Record<string, string> = {}

beforeAll(async () => {
  kubernetesReleases(releases)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  out = mkdtempSync(join(scratch, 'out-'))
  env = { XDG_CACHE_HOME: mkdtempSync(join(scratch, 'cache-')) }
})
afterAll(() => {
  server.close()
  rmSync(scratch, { recursive: true })
})

const build = (cwd: string, ...args: readonly string[]) =>
  keel(cwd, ['sysext', 'build', ...args, '--out', out], '', { env })
const kubernetes = ['kubernetes', 'v1.36.3'] as const
const image = (folder = out) => sha256(readFileSync(join(folder, IMAGE)))

describe('keel sysext build kubernetes', () => {
  it('outside of an inventory prints every hash, and keeps none', async () => {
    const { exit, out: printed, err } = await build(scratch, ...kubernetes, '--from', releases, '--json')
    expect([exit, err]).toEqual([0, ''])
    const { of, ...built } = JSON.parse(printed)
    const size = statSync(join(out, IMAGE)).size
    expect(built).toMatchObject({ file: join(out, IMAGE), arch: 'x86-64', sha256: image(), size, pinned: false })
    expect(of.map(({ name, version }: { name: string; version: string }) => `${name} ${version}`)).toEqual([
      'kubelet v1.36.3',
      'kubeadm v1.36.3',
      'kubectl v1.36.3',
      'cni-plugins v1.9.1',
    ])
    // nothing besides it
    expect(readdirSync(out)).toEqual([IMAGE])
  })

  it('is the same image from a server and from a folder, also over an earlier one, and for the programs it names', async () => {
    await build(scratch, ...kubernetes, '--from', releases)
    const first = image()
    writeFileSync(join(out, IMAGE), 'an earlier one')
    env = { XDG_CACHE_HOME: mkdtempSync(join(scratch, 'cache-')), KEEL_MIRROR: mirror }
    const { exit, out: text } = await build(scratch, ...kubernetes)
    expect([exit, image()]).toEqual([0, first])
    expect(hits).toContain('/dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet.sha256')
    expect(text).toContain('https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet\n')
    expect(text).toContain('no inventory here')
  })

  it('in an inventory pins the image and what is in it; a deploy makes the same from the lock file', async () => {
    const inventory = makeVariant({})
    expect(await build(inventory, ...kubernetes, '--from', releases)).toMatchObject({ exit: 0, err: '' })
    const locked = readFileSync(join(inventory, 'keel.lock.json'), 'utf8')
    expect(locked).toContain('https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm')
    expect(locked).not.toContain(releases)
    const pinned = pinnedImage(await readPins(inventory), 'kubernetes', 'v1.36.3', 'amd64')
    expect(pinned.sha256).toBe(image())
    const local = await localArtifact({ from: pinned, form: 'sysext', sha256: pinned.sha256 }, env)
    const [piece] = local.pieces
    expect(piece !== undefined && 'file' in piece && sha256(readFileSync(piece.file))).toBe(image())
    // again, without the lists and without the releases
    hits.length = 0
    env.KEEL_MIRROR = mirror
    expect(await build(inventory, ...kubernetes)).toMatchObject({ exit: 0, err: '' })
    expect([hits, readFileSync(join(inventory, 'keel.lock.json'), 'utf8')]).toEqual([[], locked])
  })

  it('another image than the pinned one is not written', async () => {
    const inventory = makeVariant({})
    await build(inventory, ...kubernetes, '--from', releases)
    const lock = join(inventory, 'keel.lock.json')
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(image(), '0'.repeat(64)))
    rmSync(join(out, IMAGE))
    const { exit, err } = await build(inventory, ...kubernetes)
    expect([exit, err, readdirSync(out)]).toEqual([1, expect.stringContaining('the lock file has 000'), []])
  })

  it('does not undo what somebody else pins meanwhile: it says so, and the next run adds the image', async () => {
    const inventory = makeVariant({})
    const lock = join(inventory, 'keel.lock.json')
    const theirs = { url: 'https://example.com/k3s', sha256: 'a'.repeat(64) }
    const pinned = JSON.stringify({ format: 1, artifacts: { k3s: { 'v1.36.3+k3s1': { amd64: theirs } } } })
    env.KEEL_MIRROR = mirror
    onHit = (url) => {
      if (url.endsWith('/kubectl')) writeFileSync(lock, pinned)
    }
    const first = await build(inventory, ...kubernetes)
    onHit = () => undefined
    expect(first).toMatchObject({
      exit: 1,
      err: expect.stringContaining('this file was changed while keel was working'),
    })
    expect(readFileSync(lock, 'utf8')).toBe(pinned)
    expect(await build(inventory, ...kubernetes)).toMatchObject({ exit: 0, err: '' })
    const both = await readPins(inventory)
    expect(both.artifacts.k3s?.['v1.36.3+k3s1']?.amd64).toEqual(theirs)
    expect(pinnedImage(both, 'kubernetes', 'v1.36.3', 'amd64').sha256).toBe(image())
  })

  const other = (name: string, change: Parameters<typeof kubernetesReleases>[1]) => {
    const folder = join(scratch, name)
    kubernetesReleases(folder, change)
    return folder
  }
  const damaged = () => {
    const folder = other('damaged', {})
    writeFileSync(join(folder, 'dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm'), elfProgram('another'))
    return folder
  }
  it.each([
    ['a file that is not the one of the list', damaged, 1, /kubeadm v1\.36\.3 with SHA-256/],
    ['a program that is none', () => other('page', { programs: { kubectl: Buffer.from('<html>') } }), 2, /no program/],
    [
      'a program for another architecture',
      () => other('arch', { programs: { kubelet: elfProgram('kubelet', 'arm64') } }),
      2,
      /a program for arm64/,
    ],
    [
      'a plugin for another architecture',
      () => other('plugin', { archive: cniArchive({ bridge: elfProgram('bridge', 'arm64') }) }),
      2,
      /a program for arm64/,
    ],
    ['an archive that is none', () => other('tgz', { archive: Buffer.from('<html>') }), 1, /incorrect header check/],
    ['an archive without plugins', () => other('empty', { archive: cniArchive({}) }), 1, /no plugins/],
    ['no release', () => join(scratch, 'nowhere'), 1, /ENOENT/],
  ])('with %s writes nothing', async (_what, from, exit, message) => {
    expect(await build(scratch, ...kubernetes, '--from', from())).toEqual({
      exit,
      out: '',
      err: expect.stringMatching(message),
    })
    expect(readdirSync(out)).toEqual([])
  })

  it.each([
    [['docker', 'v1.36.3'], /k3s and kubernetes/],
    [['kubernetes', '1.36.3'], /the form of v1\.36\.3/],
    [['kubernetes', 'v1.36.3/../../x'], /the form of v1\.36\.3/],
    [['k3s', 'v1.36.3'], /the form of v1\.36\.3\+k3s1/],
    [['kubernetes', 'v1.36.3', '--arch', 'riscv64'], /x86-64 and arm64/],
    [['kubernetes', 'v1.36.3', '--cni-version', 'latest'], /the form of v1\.9\.1/],
  ])('%j is refused', async (args, message) => {
    expect(await build(scratch, ...args)).toMatchObject({ exit: 2, err: expect.stringMatching(message) })
  })
})

describe('keel sysext build k3s', () => {
  it('is the image that a deploy makes', async () => {
    const inventory = makeVariant({})
    const file = join(scratch, 'k3s')
    writeFileSync(file, elfProgram('k3s v1.36.3+k3s1'))
    expect((await keel(inventory, ['pin', '--file', `amd64=${file}`, '--sysext'], '', { env })).exit).toBe(0)
    const pinned = JSON.parse(readFileSync(join(inventory, 'keel.lock.json'), 'utf8'))
    expect(await build(inventory, 'k3s', 'v1.36.3+k3s1')).toMatchObject({ exit: 0, err: '' })
    const made = sha256(readFileSync(join(out, 'k3s-v1.36.3+k3s1-x86-64.raw')))
    expect(made).toBe(pinned.artifacts.k3s['v1.36.3+k3s1'].amd64.sysext)
  })
})
