import { bech32 } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRecipient } from '../../../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile, readStanzas } from '../../../../src/secrets/age/file.ts'
import { BadAgeFile } from '../../../../src/secrets/age/header.ts'
import { BadStanza, stanza } from '../../../../src/secrets/age/stanza.ts'
import { stanzaLabel } from '../../../../src/secrets/age/stanza-label.ts'
import { blobLine, identitiesOf, type KeyKind, keyKinds, newKey } from '../../../support/secrets/secret-keys.ts'

const keys = Object.fromEntries(keyKinds.map((kind) => [kind, newKey(kind)] as const)) as Record<
  KeyKind,
  ReturnType<typeof newKey>
>
const value = Buffer.from('the value of a secret')

/** A refused file is an error or nobody's; an accepted one is a value. */
async function attempt(file: Uint8Array, kind: KeyKind): Promise<Uint8Array | 'refused'> {
  try {
    return (await decryptFile(file, await identitiesOf(keys[kind]))) ?? 'refused'
  } catch (error) {
    expect(error).toBeInstanceOf(BadAgeFile)
    return 'refused'
  }
}

describe.each(keyKinds)('a file encrypted to %s', (kind) => {
  test('comes back for any value, in binary and in armor, beside other recipients', async () => {
    const anyValue = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(0, 65535, 65536, 65537, 131072).map((size) => Buffer.alloc(size, 7)),
    )
    await fc.assert(
      fc.asyncProperty(anyValue, fc.boolean(), fc.subarray([...keyKinds]), async (bytes, armor, others) => {
        const recipients = [...new Set([...others, kind])].map((each) => keys[each].recipient)
        const file = await encryptFile(bytes, recipients, { armor })
        expect(Buffer.from(file).toString('latin1').startsWith('-----BEGIN')).toBe(armor)
        expect(Buffer.from((await decryptFile(file, await identitiesOf(keys[kind]))) ?? [1]).equals(bytes)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('is nobody else’s', async () => {
    const file = await encryptFile(value, [keys[kind].recipient], { armor: false })
    const stranger = newKey(kind)
    expect(await decryptFile(file, await identitiesOf(stranger))).toBeUndefined()
    expect(await decryptFile(file, [])).toBeUndefined()
  })

  test('is refused with any one byte changed', async () => {
    const file = await encryptFile(value, [keys[kind].recipient], { armor: false })
    for (let at = 0; at < file.length; at++) {
      const changed = Uint8Array.from(file)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      expect(await attempt(changed, kind), `byte ${at}`).toBe('refused')
    }
  })

  test('is refused cut off anywhere, or with bytes behind it', async () => {
    const file = await encryptFile(value, [keys[kind].recipient], { armor: false })
    for (let length = 0; length < file.length; length++) {
      expect(await attempt(file.subarray(0, length), kind), `${length} bytes`).toBe('refused')
    }
    expect(await attempt(Buffer.concat([file, Buffer.alloc(1)]), kind)).toBe('refused')
  })

  test('is refused with any range overwritten, moved or dropped', async () => {
    const file = await encryptFile(Buffer.alloc(70_000, 1), [keys[kind].recipient], { armor: false })
    const edit = fc.record({
      at: fc.nat(file.length - 1),
      length: fc.integer({ min: 1, max: 4000 }),
      by: fc.uint8Array({ maxLength: 4000 }),
    })
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, length, by }) => {
        const changed = Buffer.concat([file.subarray(0, at), by, file.subarray(at + length)])
        fc.pre(!changed.equals(file))
        expect(await attempt(changed, kind)).toBe('refused')
      }),
      { numRuns: 60 },
    )
  })
})

describe('a header', () => {
  const file = (...lines: string[]) => Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.alloc(32)])
  const version = 'age-encryption.org/v1'
  const mac = `--- ${'A'.repeat(43)}`
  const body = 'A'.repeat(43)

  test('says its stanzas without a private key', async () => {
    const recipients = [keys['ssh-rsa'], keys.age1, keys['ssh-ed25519']].map(({ recipient }) => recipient)
    const stanzas = readStanzas(await encryptFile(value, recipients, { armor: true }))
    expect(stanzas.map(({ args }) => args[0])).toEqual(['ssh-rsa', 'X25519', 'ssh-ed25519'])
    expect(stanzas[0]?.args.join(' ')).toBe(stanzaLabel(keys['ssh-rsa'].recipient))
    expect(stanzas[2]?.args.slice(0, 2).join(' ')).toBe(stanzaLabel(keys['ssh-ed25519'].recipient))
  })

  test('reads a body of a full line and an empty one', () => {
    expect(readStanzas(file(version, '-> x', 'A'.repeat(64), '', mac))[0]?.body.length).toBe(48)
  })

  test.each([
    ['white space before and behind it', (armored: string) => ` \t\n\r\n${armored}\n \n`],
    ['carriage returns', (armored: string) => armored.replaceAll('\n', '\r\n')],
    ['no newline at its end', (armored: string) => armored.trimEnd()],
    ['a kilobyte of white space before it', (armored: string) => `${'\n'.repeat(1024)}${armored}`],
  ])('is read in armor with %s', async (_, around) => {
    const armored = Buffer.from(await encryptFile(value, [keys.age1.recipient], { armor: true })).toString()
    expect(readStanzas(Buffer.from(around(armored)))).toHaveLength(1)
  })

  test.each([
    ['white space in the line of its head', (armored: string) => ` ${armored}`],
    ['white space behind a line', (armored: string) => armored.replace('\n', ' \n')],
    ['text behind it', (armored: string) => `${armored}x`],
    ['a no-break space behind it', (armored: string) => `${armored}\xa0`],
    ['more white space before it than anybody needs', (armored: string) => `${'\n'.repeat(2000)}${armored}`],
    ['an empty line', (armored: string) => armored.replace('\n', '\n\n')],
    ['an empty line before its end', (armored: string) => armored.replace('\n-----END', '\n\n-----END')],
    ['a last line that is too long', (armored: string) => armored.replace(/\n(?=[^\n]+\n-----END)/, '')],
    ['lines of another length', (armored: string) => armored.replace(/\n(.{60})(.{4})\n(.{60})/, '\n$1\n$2$3\n')],
  ])('is not read in armor with %s', async (_, around) => {
    const armored = Buffer.from(await encryptFile(value, [keys.age1.recipient], { armor: true })).toString('latin1')
    expect(() => readStanzas(Buffer.from(around(armored), 'latin1'))).toThrow(BadAgeFile)
  })

  test.each([
    ['an empty file', Buffer.alloc(0)],
    ['another version', file('age-encryption.org/v2', '-> x', body, mac)],
    ['carriage returns', file(`${version}\r`, '-> x', body, mac)],
    ['no stanza', file(version, mac)],
    ['a stanza without arguments', file(version, '-> ', body, mac)],
    ['two spaces between arguments', file(version, '-> x  y', body, mac)],
    ['a space behind the arguments', file(version, '-> x ', body, mac)],
    ['a tab in the arguments', file(version, '-> x\ty', body, mac)],
    ['characters beyond ASCII', file(version, '-> é', body, mac)],
    ['padded base64', file(version, '-> x', 'AA==', mac)],
    ['base64 with stray bits', file(version, '-> x', 'AB', mac)],
    ['a body line that is too long', file(version, '-> x', 'A'.repeat(68), mac)],
    ['a body without its short line', file(version, '-> x', 'A'.repeat(64), mac)],
    ['a short MAC', file(version, '-> x', body, '--- AAAA')],
    ['no MAC', file(version, '-> x', body)],
    ['a line that is nothing', file(version, 'hello', mac)],
    ['no payload', Buffer.from(`${[version, '-> x', body, mac].join('\n')}\n`)],
    ['armor cut off', Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n')],
    [
      'armor of something else',
      Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\n'),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => readStanzas(bytes)).toThrow(BadAgeFile)
  })
})

describe('a stanza of an SSH key', () => {
  test.each([
    ['ssh-ed25519', ['ssh-ed25519', 'AAAAAA', '!~'], 32],
    ['ssh-ed25519', ['ssh-ed25519', 'AAAAAA'], 32],
    ['ssh-rsa', ['ssh-rsa', 'AAAAAA', 'more'], 256],
  ] as const)(
    'that is malformed is refused, as age refuses it, whoever it is for, unless the file was open before: %s %j',
    async (kind, args, length) => {
      const [identity = expect.unreachable()] = await identitiesOf(keys[kind])
      const good = readStanzas(await encryptFile(value, [keys[kind].recipient], { armor: false }))
      expect(await identity.unwrapFileKey([...good])).toHaveLength(16)
      const strange = stanza(args, new Uint8Array(length))
      expect(await identity.unwrapFileKey([...good, strange])).toHaveLength(16)
      await expect((async () => identity.unwrapFileKey([strange, ...good]))()).rejects.toBeInstanceOf(BadStanza)
    },
  )
})

describe('a recipient that nobody can be', () => {
  test('is refused before anything is encrypted: a point that is not on the curve', async () => {
    // y = 2 has no x
    const point = Buffer.alloc(32)
    point[0] = 2
    await expect(
      encryptFile(value, [parseRecipient(blobLine('ssh-ed25519', point))], { armor: false }),
    ).rejects.toThrow(/not a point/)
  })

  test('is refused: a point of low order', async () => {
    // u = 0, in bech32
    const zero = parseRecipient('age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z')
    await expect(encryptFile(value, [zero], { armor: false })).rejects.toThrow(/low order/)
  })

  test.each([
    ['whose X25519 half is of low order', 0],
    ['whose ML-KEM half holds numbers beyond its modulus', 0xff],
  ])('is refused: a post-quantum key %s', async (_, byte) => {
    const key = parseRecipient(bech32.encode('age1pq', bech32.toWords(new Uint8Array(1216).fill(byte)), false))
    await expect(encryptFile(value, [key], { armor: false })).rejects.toThrow(/is no post-quantum hybrid key/)
  })
})
