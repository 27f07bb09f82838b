import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execaSync } from 'execa'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { credentialOf } from '../../../src/agent/identity/credential.ts'
import { keepPair } from '../../../src/agent/operational/keep-pair.ts'
import { TestCa } from '../../support/agent/test-ca.ts'

const ca = new TestCa()
afterAll(() => ca.remove())
const pairs = Array.from({ length: 3 }, (_, index) => ca.sign({ subject: `/CN=${index}`, usage: 'serverAuth' }))
const [one, two] = pairs

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keel-keep-pair-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const paths = () => ({ certificate: join(folder, 'operational.pem'), key: join(folder, 'operational.key') })
const kept = () => {
  const read = (path: string) => readFileSync(path, 'utf8')
  return credentialOf(read(paths().certificate), read(paths().key), Date.now())
}

test('key and certificate fit after kill -9, whenever it comes, and one pair is left in the end', async () => {
  const child = new URL('keep-pair-child.ts', import.meta.url).pathname
  for (let kill = 0; kill < 15; kill++) {
    // every third time there is no pair before, and there may be none after
    const isFirst = kill % 3 === 0
    if (isFirst) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    const running = spawn(process.execPath, [child, folder, JSON.stringify(pairs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const said of running.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false }))
      if (isFirst || said.includes('kept')) break
    // somewhere in the midst of what it does
    await sleep(Math.random() * 30)
    running.kill('SIGKILL')
    await once(running, 'exit')
    if (isFirst && !readdirSync(folder).includes('operational.pem')) continue
    expect(kept()).toMatchObject({ chain: expect.any(String) })
  }
  if (one === undefined) throw new Error('no pair')
  await keepPair(paths(), { certificate: one.cert, key: one.key })
  expect(kept()).toMatchObject({ chain: one.cert })
  // a random name may come before or behind the link's
  const names = readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{16}$/, '-PAIR'))
  expect(names.toSorted()).toEqual([
    '.operational.pem-PAIR',
    '.operational.pem-current',
    'operational.key',
    'operational.pem',
  ])
})

test('a full disk leaves the pair before, and nothing else', async () => {
  if (one === undefined || two === undefined) throw new Error('no pairs')
  execaSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'keel-keep-pair', folder])
  try {
    await keepPair(paths(), { certificate: one.cert, key: one.key })
    const names = readdirSync(folder)
    expect(() => writeFileSync(join(folder, 'large'), Buffer.alloc(100_000))).toThrow('ENOSPC')
    await expect(keepPair(paths(), { certificate: two.cert, key: two.key })).rejects.toThrow('ENOSPC')
    rmSync(join(folder, 'large'))
    expect(readdirSync(folder)).toEqual(names)
    expect(kept()).toMatchObject({ chain: one.cert })
  } finally {
    execaSync('umount', [folder])
  }
})

test('a disk that became read-only leaves the pair before', async () => {
  if (one === undefined || two === undefined) throw new Error('no pairs')
  execaSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'keel-keep-pair', folder])
  try {
    await keepPair(paths(), { certificate: one.cert, key: one.key })
    execaSync('mount', ['-o', 'remount,ro', folder])
    await expect(keepPair(paths(), { certificate: two.cert, key: two.key })).rejects.toThrow('EROFS')
    expect(kept()).toMatchObject({ chain: one.cert })
  } finally {
    execaSync('umount', [folder])
  }
})
