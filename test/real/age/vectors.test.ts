import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import type { Identity } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { isArmored } from '../../../src/secrets/age/armor.ts'
import { decryptFile } from '../../../src/secrets/age/file.ts'
import { BadAgeFile } from '../../../src/secrets/age/header.ts'
import { scryptIdentity } from '../../../src/secrets/age/scrypt.ts'
import { parseIdentities } from '../../../src/secrets/identity/parse-identities.ts'
import { run } from '../../support/secrets/secret-keys.ts'

/**
 * C2SP's test vectors for age (the module's README.md says their form), read from Go's module proxy. keel supports all
 * that they are about: X25519 and hybrid recipients, armor, and passphrases, which it reads in identity files. None is
 * left out.
 */
const MODULE = 'c2sp.org/CCTV/age@v0.0.0-20251208015420-e9274a7bdbfd'
const SUM = 'h1:ZLsPO6WdZ5zatV4UfVpr7oAwLGRZ+sebTUruuM4Ra3M='
const COUNTS = {
  success: 26,
  'no match': 13,
  'armor failure': 22,
  'header failure': 62,
  'HMAC failure': 1,
  'payload failure': 19,
}

/**
 * What keel may say of a file that shall not decrypt, where its words differ: it hands out whole values only, so behind
 * the header all is one.
 */
const AS_KEEL_SAYS: Readonly<Record<string, readonly string[]>> = {
  'header failure': ['header failure', 'cut off'],
  'HMAC failure': ['changed'],
  'payload failure': ['changed', 'cut off'],
}

interface Vector {
  readonly name: string
  readonly expected: string
  readonly payload: string | undefined
  readonly armored: boolean
  readonly identities: () => Promise<readonly Identity[]>
  readonly file: Uint8Array
}

const module: { readonly Dir: string; readonly Sum: string } = JSON.parse(
  run('go', ['mod', 'download', '-json', MODULE]).toString(),
)
const folder = join(module.Dir, 'testdata')
const vectors = readdirSync(folder).map(readVector)

function readVector(name: string): Vector {
  const bytes = readFileSync(join(folder, name))
  const end = bytes.indexOf('\n\n')
  const lines = bytes.subarray(0, end).toString().split('\n')
  const all = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []))
  const known = ['expect', 'payload', 'identity', 'passphrase', 'armored', 'compressed', 'file key', 'comment']
  for (const line of lines)
    expect(known, `${name}: a key that this test does not know`).toContain(line.split(': ', 1)[0])
  const body = bytes.subarray(end + 2)
  return {
    name,
    expected: all('expect')[0] ?? '',
    payload: all('payload')[0],
    armored: all('armored')[0] === 'yes',
    file: all('compressed')[0] === 'zlib' ? inflateSync(body) : body,
    identities: async () => [
      ...(await Promise.all(all('identity').map((key) => parseIdentities(key, name)))).flat(),
      ...all('passphrase').map(scryptIdentity),
    ],
  }
}

async function outcome({ file, identities, armored }: Vector) {
  try {
    const value = await decryptFile(file, await identities())
    if (value === undefined) return { is: 'no match' }
    return { is: 'success', payload: createHash('sha256').update(value).digest('hex') }
  } catch (error) {
    if (!(error instanceof BadAgeFile)) throw error
    if (/armor/.test(error.message) || (armored && !isArmored(file))) return { is: 'armor failure' }
    const said = /cut off after its header|was damaged or changed/.exec(error.message)?.[0]
    return { is: said === undefined ? 'header failure' : said.startsWith('cut') ? 'cut off' : 'changed' }
  }
}

test('all of them are there', () => {
  expect(module.Sum).toBe(SUM)
  const count = (kind: string) => vectors.filter(({ expected }) => expected === kind).length
  expect(
    Object.fromEntries([...new Set(vectors.map(({ expected }) => expected))].map((kind) => [kind, count(kind)])),
  ).toEqual(COUNTS)
})

describe('a vector of', () => {
  test.for(vectors.map((vector) => [vector.expected, vector.name, vector] as const))(
    '%s: %s',
    async ([expected, , vector]) => {
      const { is, payload } = await outcome(vector)
      expect(AS_KEEL_SAYS[expected] ?? [expected]).toContain(is)
      if (is === 'success') expect(payload).toBe(vector.payload)
    },
  )
})
