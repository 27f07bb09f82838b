import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memberOf } from '../../../src/artifacts/archive-member.ts'
import { fetchArtifact } from '../../../src/artifacts/artifact-cache.ts'
import { pinNode } from '../../../src/artifacts/pin-node.ts'
import { noPins, type Pins, pinnedArtifact, readPins } from '../../../src/artifacts/pins.ts'
import { checkNodeVersion } from '../../../src/artifacts/program-version.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { nodeVersion } from '../../../src/model/keel-agent/agent-program.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { makeVariant } from '../inventory/variant.ts'

const program = elfProgram('node, by its looks')
const folder = mkdtempSync(join(tmpdir(), 'keel-pin-node-'))
const name = `node-${nodeVersion}-linux-x64`
const pages = new Map<string, Buffer | string>()
let hits: string[] = []
const server = createServer((request, response) => {
  hits.push(request.url ?? '')
  const body = pages.get(request.url ?? '')
  response.writeHead(body === undefined ? 404 : 200).end(body)
})
let releases = ''
let cache = ''

/** As nodejs.org has it: the program among other files, below a folder with the name of the release. */
function release(content: Uint8Array | string): Buffer {
  for (const path of ['bin', 'include/node', 'lib/node_modules/npm/bin'])
    mkdirSync(join(folder, name, path), { recursive: true })
  writeFileSync(join(folder, name, 'LICENSE'), 'x'.repeat(1000))
  writeFileSync(join(folder, name, 'lib/node_modules/npm/bin/node'), 'not this one')
  writeFileSync(join(folder, name, 'bin/node'), content)
  writeFileSync(join(folder, name, `include/node/${'long-name-'.repeat(15)}`), 'y')
  execFileSync('tar', ['-czf', 'archive', '--sort=name', name], { cwd: folder })
  return readFileSync(join(folder, 'archive'))
}
const archive = release(program)

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  hits = []
  cache = mkdtempSync(join(folder, 'cache-'))
  const sums = `${'0'.repeat(64)}  ${name}.tar.xz\n${sha256(archive)}  ${name}.tar.gz\n`
  pages.set(`/${nodeVersion}/SHASUMS256.txt`, sums)
  pages.set(`/${nodeVersion}/${name}.tar.gz`, archive)
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const env = () => ({ XDG_CACHE_HOME: cache })
const pinned = (pins: Pins = noPins) =>
  pinNode(pins, { archs: ['amd64'], releases, files: {}, images: { archs: [], env: env() }, env: env() })
const cached = () => readdirSync(join(cache, 'keel/artifacts'))

describe("Node's release", () => {
  it('is pinned by the hash of its archive, and by that of the program in it, which alone is kept', async () => {
    const artifact = pinnedArtifact(await pinned(), 'keel-node', nodeVersion, 'amd64')
    expect(artifact).toMatchObject({
      url: `${releases}/${nodeVersion}/${name}.tar.gz`,
      archive: sha256(archive),
      sha256: sha256(program),
    })
    expect(cached()).toEqual([sha256(program)])
    hits = []
    const local = await fetchArtifact(artifact, env())
    expect(readFileSync(local.file)).toEqual(program)
    expect(hits).toEqual([])
  })

  it('is downloaded again for a machine that has pinned nothing itself, and checked', async () => {
    const artifact = pinnedArtifact(await pinned(), 'keel-node', nodeVersion, 'amd64')
    const other = { XDG_CACHE_HOME: mkdtempSync(join(folder, 'other-')) }
    expect(readFileSync((await fetchArtifact(artifact, other)).file)).toEqual(program)
  })

  it('attack 18: an archive other than the list says, or the lock file, leaves nothing behind', async () => {
    const artifact = pinnedArtifact(await pinned(), 'keel-node', nodeVersion, 'amd64')
    rmSync(join(cache, 'keel/artifacts', artifact.sha256))
    const page = `/${nodeVersion}/${name}.tar.gz`
    pages.set(page, Buffer.concat([archive, Buffer.from('more')]))
    await expect(pinned()).rejects.toMatchObject({ code: expect.stringMatching(/^artifact-(hash|fetch)$/) })
    await expect(fetchArtifact(artifact, env())).rejects.toMatchObject({
      code: expect.stringMatching(/^artifact-(hash|fetch)$/),
    })
    pages.set(page, release('another program'))
    await expect(pinned()).rejects.toMatchObject({ code: 'artifact-hash', why: expect.stringContaining('release') })
    await expect(fetchArtifact(artifact, env())).rejects.toMatchObject({ code: 'artifact-hash' })
    expect(cached()).toEqual([])
  })

  it.each([
    ['no archive', Buffer.from('<html>')],
    ['an archive that is cut off', archive.subarray(0, archive.length / 2)],
  ])('with %s in its place is refused', async (_what, body) => {
    pages.set(`/${nodeVersion}/${name}.tar.gz`, body)
    pages.set(`/${nodeVersion}/SHASUMS256.txt`, `${sha256(body)}  ${name}.tar.gz\n`)
    await expect(pinned()).rejects.toMatchObject({ code: 'artifact-fetch' })
    expect(cached()).toEqual([])
  })

  it('stays as it is pinned, without a network; no host that needs it, no pin', async () => {
    const pins = await pinned()
    hits = []
    const images = { archs: [], env: env() }
    expect(await pinNode(pins, { archs: ['amd64'], files: {}, images, env: env() })).toEqual(pins)
    expect(await pinNode(noPins, { archs: [], files: {}, images, env: env() })).toBe(noPins)
    expect(hits).toEqual([])
  })
})

describe('the program in an archive', () => {
  const tar = gunzipSync(archive)
  const taken = async (chunk: number, isWanted = (one: string): boolean => one === `${name}/bin/node`) => {
    async function* chunks() {
      for (let at = 0; at < tar.length; at += chunk) yield tar.subarray(at, at + chunk)
    }
    const parts: Uint8Array[] = []
    for await (const part of memberOf(chunks(), isWanted)) parts.push(part)
    return Buffer.concat(parts)
  }

  it.each([7, 512, 1000, 1 << 20])('is found however the bytes arrive (%i at once)', async (chunk) => {
    expect(await taken(chunk)).toEqual(program)
  })

  it('must be there', async () => {
    await expect(taken(512, () => false)).rejects.toThrow('does not contain the program')
  })
})

describe('keel pin', () => {
  const inventory = (cluster: string) => makeVariant({ add: { cluster } })
  const written = (file: string, content: Uint8Array | string) => {
    writeFileSync(join(folder, file), content)
    return join(folder, file)
  }
  const own = written('own-node', program)
  const k3s = `amd64=${written('k3s', elfProgram())}`

  it.each(['', "keelAgent: { program: '/opt/agent' },"])('asks for no Node with %j', async (cluster) => {
    const pin = ['pin', '--file', k3s, '--node-releases', releases]
    const { exit, out } = await keel(inventory(cluster), pin)
    expect([exit, out]).toEqual([0, expect.not.stringContaining('keel-node')])
    expect(hits).toEqual([])
  })

  it('looks for Node at the mirror that it is told', async () => {
    const pin = ['pin', '--file', k3s, '--node-releases', `${releases}/`]
    const { exit, out } = await keel(inventory('keelAgent: true,'), pin)
    const url = `${releases}/${nodeVersion}/${name}.tar.gz`
    expect([exit, out]).toEqual([
      0,
      expect.stringContaining(`keel-node ${nodeVersion} amd64: ${sha256(program)} ${url}\n`),
    ])
  })

  it('takes a Node of the user’s, if it is a program of the architecture', async () => {
    const directory = inventory('keelAgent: true,')
    const pin = (node: string) => keel(directory, ['pin', '--file', k3s, '--node', node])
    expect(await pin(`arm64=${own}`)).toMatchObject({ exit: 2, err: expect.stringContaining('--node arm64=PATH') })
    expect(await pin(`amd64=${written('page', '<html>')}`)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('in place of keel-node'),
    })
    expect(await pin(`amd64=${own}`)).toMatchObject({ exit: 0 })
    expect(pinnedArtifact(await readPins(directory), 'keel-node', nodeVersion, 'amd64')).toMatchObject({
      url: pathToFileURL(own).href,
      sha256: sha256(program),
    })
  })

  it('and refuses one of another version', async () => {
    const here = process.arch === 'x64' ? 'amd64' : 'arm64'
    await expect(checkNodeVersion(process.execPath, here, process.version)).resolves.toBeUndefined()
    await expect(checkNodeVersion(process.execPath, here, 'v1.2.3')).rejects.toMatchObject({
      code: 'pin-version',
      found: `another version: it prints '${process.version}'`,
    })
  })
})
