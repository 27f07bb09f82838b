import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { keel } from '../../support/keel/keel-in-process.ts'
import type { TestKey } from '../../support/secrets/secret-keys.ts'
import {
  copy,
  foundInventory,
  inventory,
  maia,
  me,
  ocean,
  stranger,
  write,
} from '../../support/secrets/secrets-inventory.ts'

beforeAll(foundInventory)

/** A new host at an address where nobody listens. */
const luna = (...more: string[]) => [
  'add-node',
  'luna',
  '--address',
  'root@127.0.0.1:1',
  '--node-ip',
  '192.0.2.9',
  '--host-key',
  stranger.recipient,
  '-i',
  'me',
  ...more,
]

describe('keel add-node', () => {
  test('of a host that has no key yet: file and secrets change together, and back together when it can not be reached', async () => {
    const directory = copy()
    const text = readFileSync(join(directory, 'hosts/maia/host.ts'), 'utf8')
      .replace(/, hostKey: '[^']*'/, ' /* soon */')
      .replace("'root@192.0.2.2'", "'root@127.0.0.1:1', nodeIP: '192.0.2.2'")
    write(directory, { 'hosts/maia/host.ts': text })
    expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
    const files = ['hosts/maia/host.ts', 'secrets/k3s-agent-token.age', 'secrets/k3s-server-token.age']
    const before = files.map((name) => readFileSync(join(directory, name)))
    const { exit, err } = await keel(directory, ['add-node', 'maia', '--host-key', maia.recipient, '-i', 'me'])
    expect(exit).not.toBe(0)
    expect(err).toContain('secrets/k3s-agent-token.age: re-encrypted for maia')
    expect(err).toContain('the inventory is as it was before')
    expect(files.map((name) => readFileSync(join(directory, name)))).toEqual(before)
  })

  test('uses the defaults of hosts/cluster: port, user, os and arch', async () => {
    const directory = copy()
    let connections = 0
    // whose key would be fetched is what counts; it is no sshd, which keel would try again
    const server = createServer((socket) => {
      connections++
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const defaults = `{ port: ${port}, user: 'ada', os: 'debian', arch: 'arm64' }`
    write(directory, {
      'hosts/cluster.ts': `import { defineCluster } from 'keel'\nexport default defineCluster({ name: 'test', version: 'v1.36.3+k3s1', defaults: ${defaults} })\n`,
      'hosts/maia/host.ts': inventory()['hosts/maia/host.ts']?.replace("'debian'", "'debian', arch: 'amd64'") ?? '',
    })
    const luna = ['add-node', 'luna', '--address', '127.0.0.1', '--node-ip', '192.0.2.9', '-i', 'me']
    const scanned = await keel(directory, luna)
    expect(scanned).toMatchObject({ exit: 6, err: expect.stringContaining(`${port}`) })
    expect(connections).toBeGreaterThan(0)
    const written: string[] = []
    const interrupt = new AbortController()
    const note = (text: string) => {
      if (!text.includes('re-encrypted for luna')) return
      written.push(readFileSync(join(directory, 'hosts/luna/host.ts'), 'utf8'))
      // it would go on for seconds, as sshd may only be busy
      interrupt.abort(new Error('SIGINT'))
    }
    await keel(directory, [...luna, '--host-key', stranger.recipient], '', { note, signal: interrupt.signal })
    expect(written[0]).toContain("role: 'agent',\n  address: '127.0.0.1',\n")
    expect(written[0]).not.toMatch(/os:|arch:/)
  })

  test('with something wrong in it writes nothing at all', async () => {
    const directory = copy()
    expect(await keel(directory, luna('--taint', 'nonsense'))).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/hosts\/luna\/host\.ts: hosts\/luna taints\[0\]/),
    })
    expect(existsSync(join(directory, 'hosts/luna'))).toBe(false)
  })

  describe('in a YAML inventory', () => {
    const host = (role: string, address: string, { recipient }: TestKey) => ({
      os: 'debian',
      role,
      address: `root@${address}`,
      hostKey: recipient,
    })
    const inYaml = () => {
      const directory = copy()
      for (const file of Object.keys(inventory())) rmSync(join(directory, file))
      const rule = (readers: string[], generate?: string) => ({
        readers,
        ...(generate === undefined ? {} : { generate }),
      })
      const files = {
        'hosts/cluster.yaml': { name: 'test', version: 'v1.36.3+k3s1' },
        'hosts/ocean/host.yaml': host('server', '192.0.2.1', ocean),
        'secrets.yaml': {
          admins: { me: me.recipient },
          secrets: {
            'k3s-server-token': rule(['admins', 'servers'], 'k3s-token'),
            'k3s-agent-token': rule(['admins', 'servers', 'agents'], 'k3s-token'),
            'k3s-server-ca-key': rule(['admins', 'firstServer'], 'k3s-ca'),
            own: rule(['admins']),
          },
        },
      }
      write(directory, Object.fromEntries(Object.entries(files).map(([file, value]) => [file, stringify(value)])))
      rmSync(join(directory, 'hosts/maia'), { recursive: true })
      return directory
    }

    test('it writes a host.yaml, which keel reads, and takes it away when the host can not be reached', async () => {
      const directory = inYaml()
      expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
      const file = join(directory, 'hosts/luna/host.yaml')
      const written: string[] = []
      // between writing and reaching the host
      const note = (text: string) =>
        void (text.includes('re-encrypted for luna') && written.push(readFileSync(file, 'utf8')))
      const { exit } = await keel(directory, luna('--taint', 'dedicated=db:NoSchedule', '--label', 'zone=a'), '', {
        note,
      })
      expect(exit).not.toBe(0)
      expect(parse(written[0] ?? '')).toEqual({
        os: 'debian',
        role: 'agent',
        arch: 'amd64',
        address: 'root@127.0.0.1:1',
        hostKey: stranger.recipient,
        nodeIP: '192.0.2.9',
        taints: ['dedicated=db:NoSchedule'],
        labels: { zone: 'a' },
      })
      expect(written[0]).toMatch(/^# yaml-language-server: \$schema=/m)
      expect(existsSync(join(directory, 'hosts/luna'))).toBe(false)
      write(directory, { 'hosts/luna/host.yaml': written[0] ?? '' })
      expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
      expect((await keel(directory, ['rekey', '--check'])).exit).toBe(0)
    })

    test('its faults and messages name the files that are there', async () => {
      const directory = inYaml()
      expect((await keel(directory, luna('--taint', 'nonsense'))).err).toMatch(
        /hosts\/luna\/host\.yaml: hosts\/luna taints\[0\]/,
      )
      const said = await Promise.all(
        [
          ['secret', 'show', 'owm'],
          ['secret', 'ls'],
          ['rekey', '--check'],
          ['render'],
          luna('--taint', 'nonsense'),
        ].map((argv) => keel(directory, argv)),
      )
      expect(said.map(({ out, err }) => out + err).join('\n')).not.toMatch(/\.ts\b/)
    })
  })
})
