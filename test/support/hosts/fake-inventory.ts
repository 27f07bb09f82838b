import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Role } from '../../../src/model/cluster.ts'
import { keel } from '../keel/keel-in-process.ts'
import { type FakeSshHost, fakeUserKey } from './fake-ssh-host.ts'

/** Makes `root`/inventory, of at most two fake hosts, as they share an address, and `root`/key, which logs in there. */
export async function fakeInventory(
  root: string,
  hosts: Readonly<Record<string, { readonly role: Role; readonly host: FakeSshHost }>>,
  ...options: readonly string[]
): Promise<void> {
  const key = join(root, 'key')
  writeFileSync(key, fakeUserKey.private, { mode: 0o600 })
  writeFileSync(`${key}.pub`, `${fakeUserKey.public}\n`)
  const specs = Object.entries(hosts).flatMap(([name, { role, host }], index) => {
    const address = `root@${['127.0.0.1', 'localhost'][index]}:${host.port}`
    const { hostKey } = host.target()
    return [
      '--host',
      `name=${name},role=${role},os=debian,nodeIP=192.0.2.${index + 1},address=${address},hostKey=${hostKey}`,
    ]
  })
  const made = await keel(root, ['init', 'inventory', '--yes', '--admin', `me=${key}.pub`, ...options, ...specs])
  expect(made.exit, made.err).toBe(0)
}

/** Pins the inventory's k3s for its fake hosts, at an address where nobody listens. */
export function pinNowhere(root: string): void {
  const inventory = join(root, 'inventory')
  const [, version = ''] = /version: '([^']+)'/.exec(readFileSync(join(inventory, 'hosts/cluster.ts'), 'utf8')) ?? []
  const amd64 = { url: 'https://127.0.0.1:1/k3s', sha256: 'a'.repeat(64) }
  writeFileSync(
    join(inventory, 'keel.lock.json'),
    JSON.stringify({ format: 1, artifacts: { k3s: { [version]: { amd64 } } } }),
  )
}
