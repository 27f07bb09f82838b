import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { k3sRelease, labK3sVersion } from '../../../../src/lab/k3s/k3s-release.ts'

const binary = Buffer.from('the program')
const sum = createHash('sha256').update(binary).digest('hex')
const path = (file: string) => `/${encodeURIComponent(labK3sVersion)}/${file}`

let cache = ''
let server: Server
let pages: Record<string, Buffer | string> = {}
let asked: string[] = []
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'keel-release-'))
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const page = pages[request.url ?? '']
    response.writeHead(page === undefined ? 404 : 200).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.close()
  await rm(cache, { recursive: true })
})

const fetchFrom = () => {
  const { port } = server.address() as AddressInfo
  return k3sRelease(
    'amd64',
    { env: {}, cache, note: () => {}, signal: new AbortController().signal },
    `http://127.0.0.1:${port}`,
  )
}

test('a release comes once, checked, and then from the cache', async () => {
  pages = { [path('sha256sum-amd64.txt')]: `${'0'.repeat(64)}  k3s-images.txt\n${sum}  k3s\n`, [path('k3s')]: binary }
  const artifact = await fetchFrom()
  expect(artifact).toMatchObject({ version: labK3sVersion, sha256: sum, kind: 'release' })
  expect(await readFile(artifact?.path ?? '')).toEqual(binary)
  const before = asked.length
  expect(await fetchFrom()).toEqual(artifact)
  expect(asked).toHaveLength(before)
})

test('a binary that is not what the list says is refused and not kept', async () => {
  pages = { [path('sha256sum-amd64.txt')]: `${'0'.repeat(64)}  k3s\n`, [path('k3s')]: binary }
  await expect(fetchFrom()).rejects.toMatchObject({ code: 'lab-k3s-hash' })
  expect(await readdir(join(cache, (await readdir(cache))[0] ?? ''))).toEqual([])
})

test.each([
  ['the list is missing', {}],
  ['the list lacks the program', { [path('sha256sum-amd64.txt')]: `${sum}  k3s-arm64\n` }],
  ['the program is missing', { [path('sha256sum-amd64.txt')]: `${sum}  k3s\n` }],
])('no release, and no error, where %s', async (_, answers) => {
  pages = answers
  expect(await fetchFrom()).toBeUndefined()
})

test('without a network the answer comes at once', async () => {
  const started = performance.now()
  const work = { env: {}, cache, note: () => {}, signal: new AbortController().signal }
  expect(await k3sRelease('amd64', work, 'http://127.0.0.1:1')).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(2000)
})
