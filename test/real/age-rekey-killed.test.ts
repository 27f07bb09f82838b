import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { SecretName } from '../../src/model/brands.ts'
import { parseIdentities } from '../../src/secrets/identity/parse-identities.ts'
import { openStore } from '../../src/secrets/store.ts'
import { admin, clusterWith, newKey, rule } from '../fast/secrets/keys.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-killed-'))
afterAll(() => rmSync(root, { recursive: true }))
const child = new URL('rekey-child.ts', import.meta.url).pathname

const names = ['a', 'b', 'c']
const [key, native] = [newKey('ssh-ed25519'), newKey('age1')]
const [me, added] = [admin('me', key), admin('native', native)]
const before = clusterWith(names.map((name) => rule(name, [me])))
const after = clusterWith(names.map((name) => rule(name, [me, added])))

/** The same start for every run: one reader, while the inventory names two. */
async function prepare(): Promise<string> {
  const original = join(root, 'original')
  const store = await openStore(original, before)
  for (const name of names) await store.write(name as SecretName, Buffer.from(`value of ${name}`))
  writeFileSync(join(original, 'child.json'), JSON.stringify({ cluster: after, privateText: key.privateText }))
  return original
}

function rekeyKilledAt(directory: string, call: number) {
  return spawnSync(process.execPath, [child, directory, String(call)], { encoding: 'utf8' })
}

const contents = (directory: string) =>
  readdirSync(join(directory, 'secrets'))
    .sort()
    .map((name) => [name, readFileSync(join(directory, 'secrets', name)).toString('base64')])

test('a rekey killed at any call that touches the disk leaves the old set or the new one, and the next run no debris', async () => {
  const original = await prepare()
  const complete = join(root, 'complete')
  cpSync(original, complete, { recursive: true })
  const calls = Number(rekeyKilledAt(complete, 0).stdout)
  expect(calls).toBeGreaterThan(30)
  const seen = { old: 0, new: 0 }
  for (let call = 1; call <= calls; call++) {
    const directory = join(root, `killed-${call}`)
    cpSync(original, directory, { recursive: true })
    expect(rekeyKilledAt(directory, call).signal, `call ${call}`).toBe('SIGKILL')
    const store = await openStore(directory, after)
    const kinds = [...new Set((await store.inspect()).map(({ state }) => state.kind))]
    expect(kinds, `call ${call}: all old or all new`).toHaveLength(1)
    const isNew = kinds[0] === 'fresh'
    seen[isNew ? 'new' : 'old']++
    if (!isNew) expect(contents(directory), `call ${call}`).toEqual(contents(original))
    else expect(contents(directory).map(([name]) => name)).toEqual([...names.map((name) => `${name}.age`), 'recipients.json'])
    for (const name of names) {
      const value = await store.read(name as SecretName, await parseIdentities(key.privateText, 'key'))
      expect(Buffer.from(value).toString()).toBe(`value of ${name}`)
    }
    rmSync(directory, { recursive: true })
  }
  console.log(`killed at each of ${calls} calls: ${seen.old} times the old set, ${seen.new} times the new one`)
  expect(seen.old).toBeGreaterThan(5)
  expect(seen.new).toBeGreaterThan(5)
})
