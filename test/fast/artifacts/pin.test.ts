import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchArtifact } from '../../../src/artifacts/artifact-cache.ts'
import { pinK3s } from '../../../src/artifacts/pin-k3s.ts'
import { noPins, pinnedArtifact, pinsText, readPins } from '../../../src/artifacts/pins.ts'
import { checkProgramVersion } from '../../../src/artifacts/program-version.ts'
import type { K3sVersion, Sha256 } from '../../../src/model/brands.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { makeVariant } from '../inventory/variant.ts'

const version = 'v1.36.3+k3s1' as K3sVersion
const binary = Buffer.from('a program')
const sha256 = createHash('sha256').update(binary).digest('hex')

/** A release as k3s's are laid out; `+` of the version is escaped in its path. */
const files: Record<string, Buffer | string> = {
  '/v1.36.3%2Bk3s1/sha256sum-amd64.txt': `${'0'.repeat(64)}  k3s-airgap-images-amd64.tar\n${sha256}  k3s\n`,
  '/v1.36.3%2Bk3s1/sha256sum-arm64.txt': `${sha256}  k3s-other\n`,
  '/v1.36.3%2Bk3s1/k3s': binary,
}
const server = createServer((request, response) => {
  const body = files[request.url ?? '']
  response.writeHead(body === undefined ? 404 : 200).end(body)
})
let releases = ''
let cache = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  cache = await mkdtemp(join(tmpdir(), 'keel-pin-'))
})
afterAll(() => server.close())

describe('what a server can do to a download', () => {
  const listening = async (handler: Parameters<typeof createServer>[1]) => {
    const other = createServer(handler)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    return { at: `http://127.0.0.1:${(other.address() as AddressInfo).port}`, close: () => other.close() }
  }
  const pinned = (from: string) => pinK3s(noPins, { version, archs: ['amd64'], releases: from, files: {} })

  it('attack 18: a redirect to another server without TLS is not followed', async () => {
    const hits: string[] = []
    const other = await listening((request, response) => {
      hits.push(request.url ?? '')
      response.end(`${sha256}  k3s\n`)
    })
    const first = await listening((request, response) =>
      response.writeHead(302, { location: `${other.at}${request.url}` }).end(),
    )
    await expect(pinned(first.at)).rejects.toMatchObject({
      code: 'pin-fetch',
      found: expect.stringContaining('does not use https'),
    })
    expect(hits).toEqual([])
    other.close()
    first.close()
  })

  it('one on the same server is', async () => {
    const first = await listening((request, response) => {
      if (request.url?.startsWith('/moved')) response.end(`${sha256}  k3s\n`)
      else response.writeHead(301, { location: `/moved${request.url}` }).end()
    })
    expect(pinnedArtifact(await pinned(first.at), 'k3s', version, 'amd64')).toMatchObject({ sha256 })
    first.close()
  })

  it('attack 18: a list of hashes without end, and redirects in a circle, are given up', async () => {
    const endless = await listening((_request, response) => {
      const write = () =>
        void (response.write(Buffer.alloc(65_536, 'x')) ? setImmediate(write) : response.once('drain', write))
      write()
    })
    await expect(pinned(endless.at)).rejects.toMatchObject({
      code: 'pin-fetch',
      found: expect.stringContaining('more than a megabyte'),
    })
    endless.close()
    const circle = await listening((request, response) => response.writeHead(302, { location: request.url }).end())
    await expect(pinned(circle.at)).rejects.toMatchObject({
      code: 'pin-fetch',
      found: expect.stringContaining('redirects'),
    })
    circle.close()
  })
})

describe('pin', () => {
  it('takes URL and hash from the release, and the artifact is fetched once and checked', async () => {
    const pins = await pinK3s(noPins, { version, archs: ['amd64'], releases, files: {} })
    const artifact = pinnedArtifact(pins, 'k3s', version, 'amd64')
    expect(artifact).toMatchObject({ sha256, url: `${releases}/v1.36.3%2Bk3s1/k3s` })
    const local = await fetchArtifact(artifact, { XDG_CACHE_HOME: cache })
    expect(await readFile(local.file)).toEqual(binary)
    expect(local.size).toBe(binary.length)
    files['/v1.36.3%2Bk3s1/k3s'] = 'changed since'
    expect(await fetchArtifact(artifact, { XDG_CACHE_HOME: cache })).toEqual(local)
  })

  it('refuses an artifact that is not what the lock file says, and leaves nothing of it', async () => {
    files['/v1.36.3%2Bk3s1/k3s'] = 'somebody else’s'
    const empty = await mkdtemp(join(tmpdir(), 'keel-pin-'))
    const pins = await pinK3s(noPins, { version, archs: ['amd64'], releases, files: {} })
    await expect(
      fetchArtifact(pinnedArtifact(pins, 'k3s', version, 'amd64'), { XDG_CACHE_HOME: empty }),
    ).rejects.toMatchObject({
      code: 'artifact-hash',
    })
    expect(await readdir(join(empty, 'keel', 'artifacts'))).toEqual([])
  })

  it('pins a file of the user’s, and refuses it once it has changed', async () => {
    const file = join(cache, 'own')
    await writeFile(file, binary)
    const pins = await pinK3s(noPins, { version, archs: ['arm64'], releases, files: { arm64: file } })
    const artifact = pinnedArtifact(pins, 'k3s', version, 'arm64')
    expect(artifact).toMatchObject({ sha256, url: pathToFileURL(file).href })
    await writeFile(file, 'changed')
    await expect(fetchArtifact(artifact, {})).rejects.toMatchObject({ code: 'artifact-hash' })
  })

  it.each([
    ['a version that has no release', { version: 'v9.9.9+k3s1' as K3sVersion, archs: ['amd64' as const] }, 'pin-fetch'],
    ['a list that does not name the binary', { version, archs: ['arm64' as const] }, 'pin-fetch'],
    [
      'a file that is not there',
      { version, archs: ['amd64' as const], files: { amd64: '/nonexistent/k3s' } },
      'pin-file',
    ],
  ])('says what is wrong: %s', async (_what, request, code) => {
    await expect(pinK3s(noPins, { releases, files: {}, ...request })).rejects.toMatchObject({ code })
  })

  it('says that a file is not there, and what to correct', async () => {
    const request = { version, archs: ['amd64' as const], releases, files: { amd64: '/nonexistent/k3s' } }
    await expect(pinK3s(noPins, request)).rejects.toMatchObject({
      at: '/nonexistent/k3s',
      found: 'no such file',
      todo: 'correct the path: `--file ARCH=PATH`',
    })
  })

  it('keeps what was pinned before, and writes the same text whatever the order', async () => {
    const amd64 = await pinK3s(noPins, { version, archs: ['amd64'], releases, files: {} })
    const own = join(cache, 'own')
    const both = await pinK3s(amd64, { version, archs: ['arm64'], releases, files: { arm64: own } })
    const reversed = await pinK3s(
      await pinK3s(noPins, { version, archs: ['arm64'], releases, files: { arm64: own } }),
      {
        version,
        archs: ['amd64'],
        releases,
        files: {},
      },
    )
    expect(pinsText(both)).toBe(pinsText(reversed))
  })

  it('what is pinned already stays, without a network', async () => {
    const nowhere = 'http://127.0.0.1:1/k3s'
    const entry = { url: nowhere, sha256: sha256 as Sha256, sysext: 'b'.repeat(64) as Sha256 }
    const pins = { ...noPins, artifacts: { k3s: { [version]: { amd64: entry } } } }
    const images = { archs: ['amd64' as const], env: {} }
    expect(await pinK3s(pins, { version, archs: ['amd64'], files: {}, images })).toEqual(pins)
    const again = await pinK3s(pins, { version, archs: ['amd64'], files: {}, releases })
    expect(pinnedArtifact(again, 'k3s', version, 'amd64').url).toBe(`${releases}/v1.36.3%2Bk3s1/k3s`)
  })
})

describe('the version of a program that the user names', () => {
  const here = process.arch === 'x64' ? 'amd64' : 'arm64'
  const other = here === 'amd64' ? 'arm64' : 'amd64'
  const program = async (text: string, mode = 0o755) => {
    const file = join(await mkdtemp(join(tmpdir(), 'keel-pin-')), 'k3s')
    await writeFile(file, text, { mode })
    return file
  }
  const says = (line: string) => `#!/bin/sh\n[ "$*" = --version ] && echo '${line}'\n`

  it.each([
    ['the one that is wanted', says('k3s version v1.36.3+k3s1 (0a1b)'), 0o755, undefined],
    ['another patch', says('k3s version v1.36.4+k3s1 (0a1b)'), 0o755, /^k3s v1\.36\.4\+k3s1$/],
    ['another build', says('k3s version v1.36.3+k3s2 (0a1b)'), 0o755, /k3s2/],
    ['another program', says('true (GNU coreutils) 9.1'), 0o755, /not k3s: it prints 'true/],
    ['one that only names it', says('helper for v1.36.3+k3s1'), 0o755, /not k3s/],
    ['a text in what can’t be run', 'ELF v1.33.9+k3s1v0.0.0 ELF', 0o644, /^k3s v1\.33\.9\+k3s1$/],
    ['that text among others', 'v1.33.9+k3s1 v1.36.3+k3s1v0.0.0', 0o644, undefined],
  ])('%s', async (_what, text, mode, found) => {
    const file = await program(text, mode)
    const checked = checkProgramVersion(file, here, version)
    if (found === undefined) expect(await checked).toBeUndefined()
    else
      await expect(checked).rejects.toMatchObject({
        code: 'pin-version',
        at: file,
        found: expect.stringMatching(found),
        exit: 2,
      })
  })

  it('of another architecture is read out of the file, wherever it stands in it', async () => {
    const file = await program(says('k3s version v1.36.3+k3s1'))
    const at = 1024 * 1024 - 5
    await writeFile(file, Buffer.concat([Buffer.alloc(at), Buffer.from('v1.36.4+k3s1'), Buffer.alloc(at)]))
    await expect(checkProgramVersion(file, other, version)).rejects.toMatchObject({ code: 'pin-version' })
  })

  it('that nobody can tell is said', async () => {
    expect(await checkProgramVersion(await program('no program', 0o644), here, version)).toMatch(/found no version/)
    expect(await checkProgramVersion(await program('#!/bin/sh\n'), here, version)).toMatch(/found no version/)
  })

  it('a program that goes on after SIGTERM is ended', async () => {
    const stubborn = await program('#!/bin/sh\ntrap "" TERM\nwhile :; do sleep 0.1; done\n')
    expect(await checkProgramVersion(stubborn, here, version, 200)).toMatch(/found no version/)
  })

  it('one architecture has one program', async () => {
    const directory = makeVariant({})
    const { exit, err } = await keel(directory, ['pin', '--file', 'amd64=a', '--file', 'amd64=b'])
    expect([exit, err]).toEqual([2, expect.stringContaining('amd64 is given twice')])
  })
})

describe('keel.lock.json', () => {
  it.each([
    ['no JSON', '{'],
    [
      'a hash that is none',
      '{"format":1,"artifacts":{"k3s":{"v1":{"amd64":{"url":"https://a.example/k3s","sha256":"abc"}}}}}',
    ],
    ['another format', '{"format":2,"artifacts":{}}'],
    ['a key that it does not know', '{"format":1,"artifacts":{},"more":1}'],
    [
      'an address that is none of https, http and file',
      `{"format":1,"artifacts":{"k3s":{"v1":{"amd64":{"url":"ftp://a.example/k3s","sha256":"${sha256}"}}}}}`,
    ],
  ])('is refused with %s', async (_what, text) => {
    const directory = await mkdtemp(join(tmpdir(), 'keel-lock-'))
    await writeFile(join(directory, 'keel.lock.json'), text)
    await expect(readPins(directory)).rejects.toMatchObject({ code: 'lock-file', exit: 2 })
  })

  it('may be missing: then nothing is pinned', async () => {
    const pins = await readPins(await mkdtemp(join(tmpdir(), 'keel-lock-')))
    expect(() => pinnedArtifact(pins, 'k3s', version, 'amd64')).toThrow(/keel pin/)
  })
})
