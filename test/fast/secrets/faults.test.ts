import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Cluster } from '../../../src/model/cluster.ts'
import { openStore } from '../../../src/secrets/store.ts'
import { generateMissingSecrets } from '../../../src/secrets/values/generate.ts'
import { admin, clusterWith, host, identitiesOf, k3sRules, newKey, rule } from '../../support/secrets/secret-keys.ts'

const myKey = newKey('ssh-ed25519')
const me = admin('me', myKey)
const maia = host('maia', newKey('ssh-ed25519'))

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keel-secret-faults-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const store = (cluster: Cluster) => openStore(directory, cluster)
const read = async (cluster: Cluster, name = 'a') =>
  (await store(cluster)).read(name as SecretName, await identitiesOf(myKey))
const secretsFile = (name: string, contents: string) => {
  mkdirSync(join(directory, 'secrets'), { recursive: true })
  writeFileSync(join(directory, 'secrets', name), contents)
}
const one = clusterWith([rule('a', [me])], [me])

describe('the file of a secret', () => {
  test.each([
    ['that the user sets', rule('a', [me]), 'keel secret set a < FILE'],
    [
      'that keel makes',
      rule('a', [me], { generate: 'k3s-token' }),
      'restore the file from git; in an inventory that was never deployed: keel rekey',
    ],
  ])('%s is missing', async (_what, missing, todo) => {
    await expect(read(clusterWith([missing], [me]))).rejects.toMatchObject({
      code: 'secret-no-value',
      exit: 2,
      at: 'secrets/a.age',
      todo,
    })
    await expect((await store(clusterWith([missing], [me]))).sourceDigest('a' as SecretName)).rejects.toMatchObject({
      code: 'secret-no-value',
    })
  })

  test('is no age file', async () => {
    secretsFile('a.age', 'hello\n')
    await expect(read(one)).rejects.toMatchObject({
      code: 'secret-damaged',
      exit: 1,
      at: 'secrets/a.age',
      found: expect.stringMatching(/^this file ./),
      todo: 'restore it from git, or set it again: keel secret set a < FILE',
    })
  })

  test('is cut off', async () => {
    const opened = await store(one)
    await opened.write('a' as SecretName, Buffer.from('value'))
    const whole = await opened.snapshot()
    const bytes = whole.files.get('secrets/a.age') ?? expect.unreachable()
    writeFileSync(join(directory, 'secrets/a.age'), bytes.subarray(0, -1))
    await expect(read(one)).rejects.toMatchObject({ code: 'secret-damaged', at: 'secrets/a.age' })
  })

  test.each([
    [
      'is a folder',
      () => mkdirSync(join(directory, 'secrets/a.age'), { recursive: true }),
      'a folder, where a file belongs',
    ],
    [
      'belongs into a folder that is a file',
      () => writeFileSync(join(directory, 'secrets'), ''),
      'the folder that it belongs into is a file',
    ],
  ])('%s', async (_what, make, found) => {
    const opened = await store(one)
    make()
    await expect(opened.read('a' as SecretName, [])).rejects.toMatchObject({
      code: 'secret-no-file',
      exit: 2,
      at: 'secrets/a.age',
      found,
      todo: 'move away what is in its place, or restore the file from git',
    })
  })

  test('is encrypted to nobody of ours: the fault names its readers, and the keys that keel tried', async () => {
    await (await store(clusterWith([rule('a', [maia])], [me, maia]))).write('a' as SecretName, Buffer.from('value'))
    await expect(read(clusterWith([rule('a', [maia])], [me]))).rejects.toMatchObject({
      code: 'secret-not-ours',
      exit: 1,
      at: 'secrets/a.age',
      why: expect.stringMatching(/^it is encrypted to ssh-ed25519 \S+ \(not in the inventory\); tried key 0$/),
    })
  })
})

test('keel encrypts nothing to nobody, and names each rule without a reader', async () => {
  const rules = [rule('a', []), rule('b', [me])]
  await expect(
    (await store(clusterWith(rules, [me]))).write('a' as SecretName, Buffer.from('x')),
  ).rejects.toMatchObject({
    exit: 2,
    faults: [{ code: 'secret-without-readers', at: 'secrets/a.age', found: 'nobody may read a' }],
  })
})

describe('keel makes the CA and the tokens', () => {
  const made = k3sRules([me])

  test('but no other value', async () => {
    const rules = [...made, rule('other', [me], { generate: 'k3s-token' })]
    await expect(generateMissingSecrets({ directory, cluster: clusterWith(rules, [me]) })).rejects.toMatchObject({
      code: 'generate-unknown',
      exit: 2,
      at: 'secrets/other.age',
      found: 'keel cannot create other',
    })
  })

  test.each([
    ['the certificate of the CA', 'server-ca.crt'],
    ['one token', 'k3s-agent-token.age'],
  ])('but not beside %s, which a cluster may use', async (_what, file) => {
    secretsFile(file, 'x')
    await expect(generateMissingSecrets({ directory, cluster: clusterWith(made, [me]) })).rejects.toMatchObject({
      code: 'secret-lost',
      exit: 2,
      at: expect.stringContaining('secrets/k3s-server-token.age'),
    })
  })

  test('but no tokens alone where the CA is from elsewhere', async () => {
    const cluster = clusterWith(
      made.filter(({ generate }) => generate === 'k3s-token'),
      [me],
    )
    await expect(generateMissingSecrets({ directory, cluster })).rejects.toMatchObject({
      code: 'secret-lost',
      exit: 2,
      found: 'tokens without a CA to pin them to',
    })
  })

  test('beside the file of another secret', async () => {
    secretsFile('other.age', 'x')
    const rules = [...made, rule('other', [me])]
    expect(await generateMissingSecrets({ directory, cluster: clusterWith(rules, [me]) })).toHaveLength(3)
  })
})
