import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { keel } from '../keel/keel-in-process.ts'
import { newKey, type TestKey } from './secret-keys.ts'

export const me = newKey('ssh-ed25519')
export const ocean = newKey('ssh-ed25519')
export const maia = newKey('ssh-ed25519')
export const stranger = newKey('ssh-ed25519')

/** A server, an agent, and an admin who may read everything; a rule more for a secret of the user's own. */
export function inventory(readersOfOwn = "'me'"): Record<string, string> {
  const host = (role: string, address: string, { recipient }: TestKey) =>
    `import { defineHost } from 'keel'\nexport default defineHost({ os: 'debian', role: '${role}', address: 'root@${address}', hostKey: '${recipient}' })\n`
  return {
    'hosts/cluster.ts': `import { defineCluster } from 'keel'\nexport default defineCluster({ name: 'test', version: 'v1.36.3+k3s1' })\n`,
    'hosts/ocean/host.ts': host('server', '192.0.2.1', ocean),
    'hosts/maia/host.ts': host('agent', '192.0.2.2', maia),
    'secrets.ts': `import { defineSecrets } from 'keel'
export default defineSecrets({
  admins: { me: '${me.recipient}' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
    own: { readers: [${readersOfOwn}] },
  },
})
`,
  }
}

export function write(directory: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}

/** What `foundInventory` has made. */
export let founded: string

/** For a beforeAll: a folder with CA, tokens and a value of our own, which tests copy. @returns what removes it */
export async function foundInventory(): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), 'keel-commands-'))
  founded = directory
  write(directory, inventory())
  write(directory, { me: me.privateText, stranger: stranger.privateText })
  expect((await keel(directory, ['rekey'])).exit).toBe(3)
  expect((await keel(directory, ['secret', 'set', 'own'], 'planted-value\n')).exit).toBe(0)
  return () => rmSync(directory, { recursive: true })
}

/** The same folder for one test. */
export function copy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-commands-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  cpSync(founded, directory, { recursive: true })
  return directory
}
