import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fetchArtifact } from '../../../src/artifacts/artifact-cache.ts'
import type { Artifact } from '../../../src/desired/host-state.ts'
import { sha256 } from '../../../src/model/digest.ts'

const server = createServer((request, response) => void response.end(request.url))
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.close())

let env: { readonly XDG_CACHE_HOME: string }
let folder: string
beforeEach(async () => {
  env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'keel-prune-')) }
  folder = join(env.XDG_CACHE_HOME, 'keel/artifacts')
  await mkdir(folder, { recursive: true })
})
afterEach(() => rm(env.XDG_CACHE_HOME, { recursive: true }))

/** What the server gives under a version's name: the name. */
const artifact = (version: string): Artifact => ({
  name: 'k3s',
  version,
  arch: 'amd64',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${version}`,
  sha256: sha256(`/${version}`),
})
async function daysAgo(days: number, file: string): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000)
  await utimes(join(folder, file), then, then)
}
async function put(file: string, days: number): Promise<void> {
  await writeFile(join(folder, file), 'a program')
  await daysAgo(days, file)
}
const fetched = (version: string) => fetchArtifact(artifact(version), env)

describe('the artifacts on this machine', () => {
  it('are gone when another is downloaded and nobody has used them for 90 days; so is what was left of a download', async () => {
    await put(sha256('old'), 91)
    await put(sha256('recent'), 89)
    await put(`${sha256('killed')}.4711.partial`, 91)
    await put(`${sha256('another')}.4712.partial`, 0)
    const { file } = await fetched('new')
    const kept = [file, sha256('recent'), `${sha256('another')}.4712.partial`].map((path) =>
      path.replace(`${folder}/`, ''),
    )
    expect((await readdir(folder)).toSorted()).toEqual(kept.toSorted())
  })

  it('stay while they are used, however long ago they came', async () => {
    const { file } = await fetched('one')
    await daysAgo(400, sha256('/one'))
    await fetched('one')
    expect(Date.now() - (await stat(file)).mtimeMs).toBeLessThan(60_000)
    await fetched('two')
    expect(await readFile(file, 'utf8')).toBe('/one')
  })

  it('stay as long as nothing is downloaded', async () => {
    await fetched('one')
    await put(sha256('old'), 1000)
    await fetched('one')
    expect(await readdir(folder)).toContain(sha256('old'))
  })

  it('are fetched again where they are needed again', async () => {
    await fetched('one')
    await daysAgo(91, sha256('/one'))
    await fetched('two')
    expect(await readdir(folder)).toEqual([sha256('/two')])
    expect(await readFile((await fetched('one')).file, 'utf8')).toBe('/one')
  })

  it('stay where they can’t be removed, and that is no failure', async () => {
    await mkdir(join(folder, 'a-folder-of-somebody'))
    await daysAgo(91, 'a-folder-of-somebody')
    await put(sha256('old'), 91)
    await fetched('new')
    expect((await readdir(folder)).toSorted()).toEqual(['a-folder-of-somebody', sha256('/new')].toSorted())
  })
})
