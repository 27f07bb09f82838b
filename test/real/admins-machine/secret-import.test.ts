import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import { loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import { noHiddenInput } from '../../../src/terminal/hidden-input.ts'
import { type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

/** Tokens taken over from a server with a real sshd, and what k3s would have written there. */
const root = mkdtempSync(join(tmpdir(), 'keel-import-'))
const inventory = join(root, 'inventory')
let host: SshHost
const hash = 'ab'.repeat(32)

beforeAll(async () => {
  host = await startSshHost()
  const target = host.target()
  const servers = [
    `name=ocean,role=server,nodeIP=192.0.2.1,address=root@127.0.0.1:${host.port},hostKey=${target.hostKey}`,
    `name=other,role=server,nodeIP=192.0.2.2,address=root@localhost:${host.port},hostKey=${newKey('ssh-ed25519').recipient}`,
    `name=maia,role=agent,nodeIP=192.0.2.3,address=root@127.0.0.1:1,hostKey=${newKey('ssh-ed25519').recipient}`,
  ].flatMap((spec) => ['--host', spec])
  const made = await keel(root, ['init', 'inventory', '--yes', '--admin', `me=${host.userKey}.pub`, ...servers])
  expect(made.exit, made.err).toBe(0)
  // a cluster from elsewhere: its CA is not keel's
  const file = join(inventory, 'secrets.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/.*k3s-server-ca-key.*\n/, ''))
  for (const name of readdirSync(join(inventory, 'secrets'))) rmSync(join(inventory, 'secrets', name))
})
afterAll(async () => {
  await host?.stop()
  rmSync(root, { recursive: true })
})

/** Writes what a server has, in the host's own mount namespace. */
async function running(files: Record<string, string>): Promise<void> {
  const keys = await loadKeyRing({ ...noHiddenInput, identities: [host.userKey] })
  const transport = await connect(host.target(), { keys })
  const script = `mountpoint -q /var/lib || mount -t tmpfs tmpfs /var/lib; rm -rf /var/lib/rancher; mkdir -p /var/lib/rancher/k3s/server; cd /var/lib/rancher/k3s/server; ${Object.entries(
    files,
  )
    .map(([name, text]) => `(umask 077; printf %s '${text}' > ${name})`)
    .join('; ')}`
  try {
    expect(await transport.run(script)).toMatchObject({ exitCode: 0, stderr: '' })
  } finally {
    await transport.close()
  }
}

const importFrom = (name: string, from: string) =>
  keel(inventory, ['secret', 'import', name, '--from-host', from, '-i', host.userKey])
const show = async (name: string) => (await keel(inventory, ['secret', 'show', name, '-i', host.userKey])).out

describe('keel secret import', () => {
  test('takes both tokens from a server, without the newline that k3s writes', async () => {
    await running({ token: `K10${hash}::server:planted-s\n`, 'agent-token': `K10${hash}::node:planted-a\n` })
    for (const [name, value] of [
      ['k3s-server-token', `K10${hash}::server:planted-s`],
      ['k3s-agent-token', `K10${hash}::node:planted-a`],
    ] as const) {
      const { exit, out, err } = await importFrom(name, 'ocean')
      expect(exit, err).toBe(0)
      expect(out + err).not.toContain('planted')
      expect(err).not.toContain('warning')
      expect(await show(name)).toBe(value)
    }
    expect(await keel(inventory, ['rekey', '--check'])).toMatchObject({
      exit: 0,
      out: '2 of 2 secrets are up to date\n',
    })
  })

  test('says that a cluster has no agent token of its own', async () => {
    await running({ token: `K10${hash}::server:planted`, 'agent-token': `K10${hash}::server:planted` })
    const { exit, err } = await importFrom('k3s-agent-token', 'ocean')
    expect({ exit, err }).toMatchObject({ exit: 2, err: expect.stringContaining('has no agent token of its own') })
    expect(err).not.toContain('planted')
  })

  test.each([
    ['a server without k3s', 'k3s-server-token', 'ocean', 1, /server\/token can't be read: .*No such file/],
    ['a host that shows another key than the inventory’s', 'k3s-server-token', 'other', 6, /other/],
    ['an agent', 'k3s-agent-token', 'maia', 2, /an agent/],
    ['a host that is nowhere', 'k3s-agent-token', 'ocaen', 2, /did you mean ocean/],
  ])('refuses %s, and writes nothing', async (_, name, from, code, message) => {
    await running({})
    const before = readFileSync(join(inventory, `secrets/${name}.age`))
    expect(await importFrom(name, from)).toMatchObject({ exit: code, err: expect.stringMatching(message) })
    expect(readFileSync(join(inventory, `secrets/${name}.age`))).toEqual(before)
  })

  test.each([
    ['K3S10::server:planted', /uses the whole text, including K3S10, as the password.*--from-host/],
    ['K10::server:planted', /without a hash does not name the CA/],
    ['planted', /does not name the CA/],
  ])('warns of %s on stdin, with what it means, and keeps it', async (value, message) => {
    const { exit, err } = await keel(inventory, ['secret', 'import', 'k3s-server-token', '--from-stdin'], `${value}\n`)
    expect({ exit, err }).toMatchObject({ exit: 0, err: expect.stringMatching(message) })
    expect(err).not.toContain('planted')
    expect(await show('k3s-server-token')).toBe(value)
  })

  test('refuses the agents’ token where the servers’ belongs, with a hash and without', async () => {
    for (const value of [`K10${hash}::node:planted`, 'K10::node:planted'])
      expect(await keel(inventory, ['secret', 'import', 'k3s-server-token', '--from-stdin'], value)).toMatchObject({
        exit: 2,
        err: expect.stringContaining('K10…::server:…'),
      })
  })
})
