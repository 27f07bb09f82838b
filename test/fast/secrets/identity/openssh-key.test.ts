import { describe, expect, test } from 'vitest'
import { parseRecipient } from '../../../../src/model/keys/recipient.ts'
import { decryptFile, encryptFile } from '../../../../src/secrets/age/file.ts'
import { parseIdentities } from '../../../../src/secrets/identity/parse-identities.ts'
import { newKey } from '../../../support/secrets/secret-keys.ts'

/** By `ssh-keygen -t ed25519 -N ''`, and with `-N 'open barley' -a 1`. */
const plain = {
  recipient: parseRecipient('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJo1VhknM0OS8RtAgaK7VHBiU1d4Ojf/AJT73ZXvM+A1'),
  text: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACCaNVYZJzNDkvEbQIGiu1RwYlNXeDo3/wCU+92V7zPgNQAAAIhRW+A4UVvg
OAAAAAtzc2gtZWQyNTUxOQAAACCaNVYZJzNDkvEbQIGiu1RwYlNXeDo3/wCU+92V7zPgNQ
AAAEC1kvytZfOFe2ax1y4oEpKq3r4IZoIb7FtLy6xT9WC75Jo1VhknM0OS8RtAgaK7VHBi
U1d4Ojf/AJT73ZXvM+A1AAAABHRlc3QB
-----END OPENSSH PRIVATE KEY-----
`,
}
const locked = {
  recipient: parseRecipient('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBCIIG7CaNl0Dbd9iaUXKKy5lSG+qo1XJjOj1Dz9uQ+t'),
  text: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDuf4eM7+
EiXzFwurUoG/9lAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIBCIIG7CaNl0Dbd9
iaUXKKy5lSG+qo1XJjOj1Dz9uQ+tAAAAkG6HNrlpE0NS8aePxXUSfD53gsovK+mh2kIL/g
v3qmTQBhLWuKVm/puld/KcZCcF8c9BR7RqJsn4XkqfQy4ypLUmtZJe5Hr+02K3FbLrUpdY
FIUZQQzj+lrvIpdUd4jqlSTW8yoyQKhqYnGgpyZMM5bImdDW5td0/UEZeukB642HgSUpWS
kzzbUrR9aqHo0S3Q==
-----END OPENSSH PRIVATE KEY-----
`,
}

const encrypt = (recipient: typeof plain.recipient) => encryptFile(Buffer.from('value'), [recipient], { armor: false })
const asking = (text: string) => {
  const input = { env: {}, ask: async () => 'open barley' }
  return parseIdentities(text, { source: 'key', path: `key of ${count++}`, input })
}
// a passphrase is remembered by its file
let count = 0
const opened = async (recipient: typeof plain.recipient, text: string) => {
  const value = await decryptFile(await encrypt(recipient), await asking(text))
  return value && Buffer.from(value).toString()
}
/** The key file with other bytes where these are first. */
function changed(text: string, from: Buffer, to: Buffer): string {
  const bytes = Buffer.from(text.replaceAll(/-----[^-]*-----/g, ''), 'base64')
  to.copy(bytes, bytes.indexOf(from))
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
}
const point = (recipient: string) => Buffer.from(recipient.split(' ')[1] ?? '', 'base64').subarray(-32)
const other = newKey('ssh-ed25519').recipient

describe.each([
  ['without a passphrase', plain],
  ['behind a passphrase', locked],
])('a key of ssh-keygen %s', (_what, { recipient, text }) => {
  test('decrypts what is encrypted to it, and nothing else', async () => {
    expect(await opened(recipient, text)).toBe('value')
    expect(await opened(other, text)).toBeUndefined()
  })

  test('is known by its public half', async () => {
    expect((await asking(text)).map(({ publicKey }) => publicKey)).toEqual([recipient])
  })

  test('is refused with the public half of another key', async () => {
    const swapped = changed(text, point(recipient), point(other))
    await expect(opened(other, swapped)).rejects.toMatchObject({
      code: 'identity',
      exit: 2,
      at: 'key',
      why: 'its public and private halves do not belong together',
    })
  })
})

test('a key behind a cipher that ssh-keygen does not use is refused, with the command that changes it', async () => {
  const foreign = changed(locked.text, Buffer.from('aes256-ctr'), Buffer.from('aes256-xyz'))
  await expect(opened(locked.recipient, foreign)).rejects.toMatchObject({
    code: 'identity',
    exit: 2,
    found: 'a private key encrypted with aes256-xyz',
    todo: 'change its encryption: ssh-keygen -p -Z aes256-ctr -f key',
  })
})
