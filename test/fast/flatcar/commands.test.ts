import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodeVersion } from '../../../src/model/keel-agent/agent-program.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

const me = newKey('ssh-ed25519')
const reef = newKey('ssh-ed25519')

/** A Flatcar server and a Flatcar agent that has not booted yet. */
const inventory = {
  'hosts/cluster.ts': `import { defineCluster } from 'keel'\nexport default defineCluster({ name: 'test', version: 'v1.36.3+k3s1', defaults: { os: 'flatcar' } })\n`,
  'hosts/reef/host.ts': `import { defineHost } from 'keel'
export default defineHost({ role: 'server', address: '192.0.2.1', hostKey: '${reef.recipient}' })
`,
  'hosts/luna/host.ts': `import { defineHost } from 'keel'
export default defineHost({ role: 'agent', address: '192.0.2.2' })
`,
  'secrets.ts': `import { defineSecrets } from 'keel'
export default defineSecrets({
  admins: { me: '${me.recipient}' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  },
})
`,
  k3s: elfProgram('a program'),
}

let founded: string
beforeAll(async () => {
  founded = mkdtempSync(join(tmpdir(), 'keel-flatcar-'))
  for (const [path, text] of Object.entries(inventory)) {
    mkdirSync(dirname(join(founded, path)), { recursive: true })
    writeFileSync(join(founded, path), text)
  }
  expect((await keel(founded, ['rekey'])).exit).toBe(0)
  const pinned = await keel(founded, ['pin', '--file', 'amd64=k3s'])
  expect(pinned.out).toMatch(/as a system extension: [0-9a-f]{64}/)
  return () => rmSync(founded, { recursive: true })
})

function copy(): {
  directory: string
  read: (file: string) => string
  write: (file: string, content: string | Uint8Array) => void
} {
  const directory = mkdtempSync(join(tmpdir(), 'keel-flatcar-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  cpSync(founded, directory, { recursive: true })
  return {
    directory,
    read: (file) => readFileSync(join(directory, file), 'utf8'),
    write: (file, content) => writeFileSync(join(directory, file), content),
  }
}

describe('keel render', () => {
  test('writes what each machine is given for its first boot, one without a key included; a second time nothing changes', async () => {
    const { directory, read } = copy()
    const first = await keel(directory, ['render'])
    expect(first.exit).toBe(0)
    expect(first.out).toContain('hosts/luna/butane.yaml: written\nhosts/luna/config.ign: written\n')
    expect(read('hosts/luna/butane.yaml')).toContain(`- ${me.recipient} me`)
    expect((await keel(directory, ['render'])).out).not.toContain('written')
  })

  test('writes only the hosts that are named', async () => {
    const { directory } = copy()
    expect((await keel(directory, ['render', 'luna'])).out).not.toContain('reef')
  })

  test('is the same Ignition as `keel butane` makes of it, but for gzip', async () => {
    const { directory, read } = copy()
    await keel(directory, ['render'])
    const made = JSON.parse((await keel(directory, ['butane', '--strict', 'hosts/reef/butane.yaml'])).out)
    const written = JSON.parse(read('hosts/reef/config.ign'))
    expect(written.systemd).toEqual(made.systemd)
    expect(written.storage.files.map(({ path }: { path: string }) => path)).toEqual(
      made.storage.files.map(({ path }: { path: string }) => path),
    )
  })

  test.each(['butane.yaml', 'config.ign'])(
    'leaves %s alone when somebody has edited it, unless forced',
    async (name) => {
      const { directory, read, write } = copy()
      await keel(directory, ['render'])
      const file = `hosts/reef/${name}`
      const edited = read(file).replace('k3s.service', 'k3s-mine.service')
      write(file, edited)
      expect(await keel(directory, ['render'])).toMatchObject({
        exit: 2,
        err: expect.stringContaining(`${file}: this file was edited by hand`),
      })
      expect(read(file)).toBe(edited)
      expect((await keel(directory, ['render', '--force'])).exit).toBe(0)
      expect(read(file)).not.toBe(edited)
    },
  )

  test('leaves a butane.yaml of somebody’s own alone', async () => {
    const { directory, write } = copy()
    write('hosts/luna/butane.yaml', 'variant: flatcar\nversion: 1.1.0\n')
    expect(await keel(directory, ['render', 'luna'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('was not written by keel'),
    })
  })

  test('--out writes all that a Flatcar host gets', async () => {
    const { directory, read } = copy()
    expect((await keel(directory, ['render', '--out', 'out'])).exit).toBe(0)
    expect(read('out/reef/etc/flatcar/update.conf')).toContain('\nREBOOT_STRATEGY=off\n')
  })

  test('--out writes what the API gets with a server, and warns where one account may do all', async () => {
    const { directory, read, write } = copy()
    write(
      'hosts/cluster.ts',
      read('hosts/cluster.ts').replace("name: 'test',", "name: 'test', keelAgent: { rbac: 'one-role' },"),
    )
    expect(await keel(directory, ['render', '--out', 'out'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('no CA for the keel-agents yet'),
    })
    expect((await keel(directory, ['rekey'])).exit).toBe(0)
    const unpinned = await keel(directory, ['render', '--out', 'out'])
    expect(unpinned).toMatchObject({ exit: 2, err: expect.stringContaining(`no keel-node ${nodeVersion} for amd64`) })
    const pins = JSON.parse(read('keel.lock.json'))
    const node = { url: 'https://example.invalid/node', sha256: 'd'.repeat(64), sysext: 'e'.repeat(64) }
    pins.artifacts['keel-node'] = { [nodeVersion]: { amd64: node, arm64: node } }
    write('keel.lock.json', JSON.stringify(pins))
    const whole = await keel(directory, ['render', '--out', 'out'])
    expect(whole.err).toContain('the account of the keel-agent may approve its own requests')
    expect(whole.out).toContain(`the cluster's API: 4 objects in ${join(directory, 'out/cluster.yaml')}`)
    expect(read('out/cluster.yaml')).toContain('kind: ClusterRoleBinding')
    expect(read('out/luna/etc/keel/agent-ca.crt')).toBe(read('secrets/keel-agent-ca.crt'))
    expect((await keel(directory, ['render', 'luna', '--out', 'agent'])).exit).toBe(0)
    expect(() => read('agent/cluster.yaml')).toThrow('ENOENT')
  })

  test('asks for the image where only the program is pinned', async () => {
    const { directory, read, write } = copy()
    write(
      'keel.lock.json',
      read('keel.lock.json')
        .replace(/,\s*"sysext": "[0-9a-f]*"/, '')
        .replace(/"sysext": "[0-9a-f]*",\s*/, ''),
    )
    expect(await keel(directory, ['render'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('keel pin --sysext'),
    })
  })
})

describe('a generated file that is not what the inventory says by now', () => {
  test('stops deploy before any host is asked', async () => {
    const { directory, read, write } = copy()
    await keel(directory, ['render'])
    for (const host of ['reef', 'luna'])
      write(
        `hosts/${host}/host.ts`,
        read(`hosts/${host}/host.ts`).replace('role:', "labels: { 'example.com/tier': 'edge' }, role:"),
      )
    expect((await keel(directory, ['plan', 'luna'])).err).toContain(
      'warning: hosts/luna/butane.yaml: the inventory has changed since this file was written',
    )
    const { exit, err } = await keel(directory, ['deploy', 'reef'])
    expect(exit).toBe(2)
    expect(err).toContain('hosts/reef/butane.yaml: the inventory has changed since this file was written')
    expect(err).toContain('hosts/reef/config.ign: the inventory has changed since this file was written')
  })
})

describe('a pinned image', () => {
  test('stays pinned while its program does, and goes with it', async () => {
    const { directory, read, write } = copy()
    const cluster = read('hosts/cluster.ts').replace('flatcar', 'debian')
    write('hosts/cluster.ts', cluster)
    await keel(directory, ['pin', '--file', 'amd64=k3s'])
    expect(read('keel.lock.json')).toContain('"sysext"')
    write('k3s', elfProgram('another program'))
    await keel(directory, ['pin', '--file', 'amd64=k3s'])
    expect(read('keel.lock.json')).not.toContain('"sysext"')
    await keel(directory, ['pin', '--file', 'amd64=k3s', '--sysext'])
    expect(read('keel.lock.json')).toContain('"sysext"')
  })
})
