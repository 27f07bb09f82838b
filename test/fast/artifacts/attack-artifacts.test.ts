import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchArtifact } from '../../../src/artifacts/artifact-cache.ts'
import { pinK3s } from '../../../src/artifacts/pin-k3s.ts'
import { noPins } from '../../../src/artifacts/pins.ts'
import type { Artifact } from '../../../src/desired/host-state.ts'
import type { K3sVersion, Sha256 } from '../../../src/model/brands.ts'
import { sha256 } from '../../../src/model/digest.ts'

/** A server that never stops, and what a lock file may name of this machine. */

const root = mkdtempSync(join(tmpdir(), 'keel-artifacts-'))
let sent = 0
const server = createServer((_request, response) => {
  const block = Buffer.alloc(1 << 16)
  const more = () => {
    while (!response.destroyed && response.write(block)) sent += block.length
  }
  response.on('drain', more)
  more()
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true })
})
const endless = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const artifact = (url: string): Artifact => ({
  name: 'k3s',
  version: 'v1',
  arch: 'amd64',
  url,
  sha256: '0'.repeat(64) as Sha256,
})

test('attack 18: an answer without end is cut off at the limit, and nothing of it stays', async () => {
  const most = 1 << 20
  await expect(fetchArtifact(artifact(endless()), { XDG_CACHE_HOME: root }, undefined, most)).rejects.toMatchObject({
    code: 'artifact-fetch',
    found: expect.stringContaining('it has more than 1 MB'),
  })
  expect(sent).toBeLessThan(200 * most)
  expect(readdirSync(join(root, 'keel/artifacts'))).toEqual([])
})

test('attack 18: a list of hashes without end is none', async () => {
  const request = { version: 'v1.36.3+k3s1' as K3sVersion, archs: ['amd64' as const], files: {}, releases: endless() }
  await expect(pinK3s(noPins, request)).rejects.toMatchObject({
    code: 'pin-fetch',
    found: expect.stringContaining('megabyte'),
  })
})

test.each([
  ['a device', () => '/dev/zero', 'not a regular file'],
  [
    'a pipe',
    () => {
      execFileSync('mkfifo', [join(root, 'pipe')])
      return join(root, 'pipe')
    },
    'not a regular file',
  ],
  [
    'a file without end',
    () => {
      writeFileSync(join(root, 'big'), '')
      truncateSync(join(root, 'big'), 1e12)
      return join(root, 'big')
    },
    'more than 512 MB',
  ],
])('attack 18: a file: URL of %s is refused at once', async (_name, path, found) => {
  await expect(fetchArtifact(artifact(pathToFileURL(path()).href), {})).rejects.toMatchObject({
    code: 'artifact-fetch',
    found: expect.stringContaining(found),
  })
})

test('attack 18: of a file that was not pinned not even the hash is told: it could be a short secret', async () => {
  writeFileSync(join(root, 'pin'), '1234')
  const error: unknown = await fetchArtifact(artifact(pathToFileURL(join(root, 'pin')).href), {}).catch(
    (cause: unknown) => cause,
  )
  expect(error).toMatchObject({ code: 'artifact-hash' })
  expect(String(error)).not.toContain(sha256('1234').slice(0, 8))
})
