import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeKey, publicKey } from '../../support/hosts/ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

const repo = mkdtempSync(join(tmpdir(), 'keel-flake-node-'))
afterAll(() => rmSync(repo, { recursive: true }))
const [ocean, maia] = [newKey('ssh-ed25519'), newKey('ssh-ed25519')]
makeKey(join(repo, 'me'), 'ed25519')
const inventory = {
  'flake.nix': '{ outputs = _: { }; }\n',
  'hosts/cluster.ts': `import { defineCluster } from 'keel'
export default defineCluster({ name: 'test', version: 'v1.36.3+k3s1', defaults: { os: 'nixos' } })
`,
  'hosts/ocean/host.ts': `import { defineHost } from 'keel'
export default defineHost({ role: 'server', address: '192.0.2.1', hostKey: '${ocean.recipient}' })
`,
  'secrets.ts': `import { defineSecrets } from 'keel'
export default defineSecrets({
  admins: { me: '${publicKey(join(repo, 'me'))}' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  },
})
`,
}

test('a new host of a flake stays in the inventory, and its files are named for `git add`', async () => {
  for (const [path, text] of Object.entries(inventory)) {
    mkdirSync(dirname(join(repo, path)), { recursive: true })
    writeFileSync(join(repo, path), text)
  }
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', repo, ...args], { encoding: 'utf8' })
  git('init', '--quiet')
  expect((await keel(repo, ['rekey'])).exit).toBe(0)
  git('add', '.', ':!me', ':!me.pub')

  // nothing listens there: git is asked before any host is
  const arguments_ = [
    '--role',
    'agent',
    '--address',
    '127.0.0.1:9',
    '--host-key',
    maia.recipient,
    '--os',
    'nixos',
    '-i',
    'me',
  ]
  const { exit, err } = await keel(repo, ['add-node', 'maia', ...arguments_, '--yes'])
  expect(exit).toBe(2)
  expect(err).toContain('hosts/maia/k3s.nix: git does not track it')
  expect(err).toContain(
    'maia stays in the inventory; to continue: `git add hosts/maia/host.ts hosts/maia/k3s.nix`, then `keel deploy maia`',
  )
  expect(err).not.toContain('as it was before')

  // the command does what it says: what is wrong next is the host
  git('add', 'hosts/maia/host.ts', 'hosts/maia/k3s.nix')
  expect((await keel(repo, ['deploy', 'maia', '-i', 'me'])).exit).toBe(6)

  // any other failure before the host's first byte leaves no trace
  git('rm', '-rq', '--cached', 'hosts/maia')
  rmSync(join(repo, 'hosts/maia'), { recursive: true })
  git('rm', '-q', '--cached', 'flake.nix')
  rmSync(join(repo, 'flake.nix'))
  const other = await keel(repo, ['add-node', 'maia', ...arguments_, '--yes'])
  expect([other.exit, other.err]).toEqual([2, expect.stringContaining('the inventory is as it was before')])
  expect(existsSync(join(repo, 'hosts/maia'))).toBe(false)
})
