import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../src/model/digest.ts'
import { decryptFile, encryptFile } from '../../../src/secrets/age/file.ts'
import { printRecord, recordEntry } from '../../../src/secrets/record.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { identitiesOf, newKey, type TestKey } from '../../support/secrets/secret-keys.ts'

/**
 * mal was an admin, with an age1 key, whom no stanza names. Now bob is one in his place, and a commit says that the
 * file is encrypted to bob.
 */

const [admin, mal, bob, ocean] = [newKey('age1'), newKey('age1'), newKey('age1'), newKey('ssh-ed25519')]
const FILE = 'secrets/own.age'

function inventory(other: TestKey): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-record-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  put('hosts/cluster.yaml', 'name: test\nversion: v1.36.3+k3s1\n')
  put('hosts/ocean/host.yaml', `os: debian\nrole: server\naddress: root@192.0.2.1\nhostKey: ${ocean.recipient}\n`)
  put('admin', admin.privateText)
  put('bob', bob.privateText)
  secretsOf(directory, other)
  return directory
}

function secretsOf(directory: string, other: TestKey): void {
  const tokens = ['k3s-server-token', 'k3s-agent-token']
    .map((name) => `  ${name}: { readers: [admins, servers] }`)
    .join('\n')
  const text = `admins: { admin: ${admin.recipient}, other: ${other.recipient} }\nsecrets:\n${tokens}\n  own: { readers: [admins, ocean] }\n`
  writeFileSync(join(directory, 'secrets.yaml'), text)
}

async function opens(directory: string, key: TestKey): Promise<boolean> {
  return (await decryptFile(readFileSync(join(directory, FILE)), await identitiesOf(key))) !== undefined
}

/** What mal commits. */
function hide(directory: string): void {
  const record = join(directory, 'secrets/recipients.json')
  writeFileSync(record, readFileSync(record, 'utf8').replaceAll(mal.recipient, bob.recipient))
}

const check = (directory: string) => keel(directory, ['rekey', '--check'])

test('attack 10: where the file was encrypted, the record hides nobody: check and rekey name mal, and he is out', async () => {
  const directory = inventory(mal)
  await keel(directory, ['secret', 'set', 'own'], 'value')
  secretsOf(directory, bob)
  hide(directory)
  expect((await check(directory)).out).toContain(
    `${FILE}: admin other cannot read it; ${mal.recipient} (not in the inventory) can read it, but should not`,
  )
  const { err, out } = await keel(directory, ['rekey', '-i', 'admin'])
  expect(out).toContain(`${FILE}: re-encrypted`)
  expect(err).toContain('could read it and may have kept it')
  expect([await opens(directory, mal), await opens(directory, bob)]).toEqual([false, true])
})

/** Encrypted on another machine: this one knows what the record says. */
async function fromElsewhere(directory: string, ...readers: readonly TestKey[]): Promise<void> {
  const recipients = [...readers.map(({ recipient }) => recipient), ocean.recipient]
  const bytes = await encryptFile(Buffer.from('value'), recipients, { armor: false })
  mkdirSync(join(directory, 'secrets'), { recursive: true })
  writeFileSync(join(directory, FILE), bytes)
  writeFileSync(
    join(directory, 'secrets/recipients.json'),
    printRecord({ [FILE]: recordEntry(sha256(bytes), recipients) }),
  )
}

test('attack 10: elsewhere check says what it does not know, and rekey with a key that decrypts leaves no doubt', async () => {
  const directory = inventory(bob)
  await fromElsewhere(directory, admin, mal)
  hide(directory)
  expect((await check(directory)).err).toContain(
    'own: only secrets/recipients.json says who can read it with an age1 key',
  )
  const { out, err } = await keel(directory, ['rekey', '-i', 'admin'])
  expect(out).toContain(
    `${FILE}: re-encrypted (before: unknown: only secrets/recipients.json said who its age1 readers are)`,
  )
  expect(err).not.toContain('only secrets/recipients.json says')
  expect([await opens(directory, mal), await opens(directory, bob)]).toEqual([false, true])
  expect((await check(directory)).err).not.toContain('only secrets/recipients.json')
  // certain now: the next one needs no key, and keeps every byte
  const before = readFileSync(join(directory, FILE))
  await keel(directory, ['rekey'])
  expect(readFileSync(join(directory, FILE))).toEqual(before)
})

test('private keys that open every stanza prove a file, which keeps every byte', async () => {
  const directory = inventory(bob)
  await fromElsewhere(directory, admin, bob)
  const before = readFileSync(join(directory, FILE))
  await keel(directory, ['rekey', '-i', 'admin', '-i', 'bob'])
  expect(readFileSync(join(directory, FILE))).toEqual(before)
  expect((await check(directory)).err).not.toContain('only secrets/recipients.json')
})

test('without a key that decrypts it the file stays, and keel says what is not known', async () => {
  const directory = inventory(bob)
  await fromElsewhere(directory, admin, mal)
  hide(directory)
  const before = readFileSync(join(directory, FILE))
  const { err } = await keel(directory, ['rekey'])
  expect(err).toContain('own: only secrets/recipients.json says who can read it')
  expect(readFileSync(join(directory, FILE))).toEqual(before)
})
