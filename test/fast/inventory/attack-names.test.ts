import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readPins } from '../../../src/artifacts/pins.ts'
import { FaultsError } from '../../../src/errors.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { parseHostFilePath } from '../../../src/model/host-paths/host-file-path.ts'
import { reasonOfOwner } from '../../../src/model/host-paths/owned-paths.ts'
import { parseAdminName, parseHostName, parseInterfaceName, parseSecretName } from '../../../src/model/names.ts'
import { closedPaths } from '../../../src/model/systems/flatcar-limits.ts'
import { parseRecord } from '../../../src/secrets/record.ts'
import k3sUnit from '../../../src/templates/systemd/k3s.service.hbs'
import { template } from '../../../src/templates/template.ts'
import { makeVariant } from './variant.ts'

async function faultsOf(variant: Parameters<typeof makeVariant>[0]) {
  const error: unknown = await loadInventory(makeVariant(variant)).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof FaultsError ? error.faults.map(({ code, at }) => `${code} ${at}`) : [String(error)]
}

describe('__proto__ as a name', () => {
  test.each([
    ['a secret', 'secrets', 'secrets: { __proto__: { readers: [admins] } }\nadmins: { ada: KEY }'],
    ['an admin', 'secrets', 'secrets: {}\nadmins: { __proto__: KEY }'],
    ['a label', 'hosts/a/host', 'os: debian\nrole: server\naddress: root@10.0.0.1\nlabels: { __proto__: x }'],
    ['a flag', 'hosts/a/host', 'os: debian\nrole: server\naddress: root@10.0.0.1\nk3s: { __proto__: x }'],
    ['a file', 'hosts/a/host', 'os: debian\nrole: server\naddress: root@10.0.0.1\nfiles: { __proto__: x }'],
    ['a registry', 'hosts/cluster', 'registries: { mirrors: { __proto__: {} } }'],
    ['a rewrite', 'hosts/cluster', "registries: { mirrors: { '*': { rewrite: { __proto__: x } } } }"],
    ['a key of the whole', 'hosts/cluster', '__proto__: { name: other }'],
  ])('attack 18: %s in YAML is refused with its place', async (_name, file, text) => {
    const write = { [`${file}.yaml`]: text.replaceAll('KEY', KEY) }
    const line = text.split('\n').findIndex((each) => each.includes('__proto__')) + 1
    const column = (text.split('\n')[line - 1] ?? '').indexOf('__proto__') + 1
    expect(await faultsOf({ form: 'yaml', write })).toContain(`prototype-key ${file}.yaml:${line}:${column}`)
  })

  test.each([
    ['an object', "labels: { __proto__: { x: 'y' } },"],
    ['a text, of which nothing would be left', "labels: { __proto__: 'x' },"],
    ['in brackets', "labels: { ['__proto__']: 'x' },"],
    ['in quotes', "labels: { '__proto__': { x: 'y' } },"],
  ])('attack 18: %s in TypeScript is refused with its place', async (_name, added) => {
    expect(await faultsOf({ add: { b: added } })).toContainEqual(
      expect.stringMatching(/^prototype-key hosts\/b\/host\.ts:\d+:\d+$/),
    )
  })

  test('attack 18: in JSON it is refused with its line', async () => {
    const lock = '{\n  "format": 1,\n  "artifacts": { "__proto__": {} }\n}'
    const directory = makeVariant({ form: 'yaml', write: { 'keel.lock.json': lock } })
    await expect(readPins(directory)).rejects.toMatchObject({ code: 'lock-file', at: 'keel.lock.json:3', exit: 2 })
    expect(() => parseRecord('{\n"\\u005f_proto__": {} }')).toThrow("'__proto__'")
  })

  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__'])(
    'attack 18: %s names no host, secret or admin',
    (name) => {
      for (const parse of [parseHostName, parseSecretName, parseAdminName])
        expect(() => parse(name)).toThrow("can't be a name")
    },
  )
})

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOTEhgQ0JyMix4eNZu4mWRe3AP0cI+UTKj7IpgcnvlR0'

test.each(['file://evilhost/x', 'file://localhost.evil/x', 'file:///a%2Fb', 'ftp://x/y'])(
  'attack 18: keel.lock.json with %s is one clear fault',
  async (url) => {
    const artifacts = { k3s: { 'v1.36.3+k3s1': { amd64: { url, sha256: '0'.repeat(64) } } } }
    const directory = makeVariant({
      form: 'yaml',
      write: { 'keel.lock.json': JSON.stringify({ format: 1, artifacts }) },
    })
    await expect(readPins(directory)).rejects.toMatchObject({ code: 'lock-file', exit: 2 })
  },
)

describe('the name of an interface', () => {
  test.each([
    'lo];date>pp||[',
    '$(id)',
    '`id`',
    '%n',
    ['$', '{HOME}'].join(''),
    'a b',
    'a;b',
    'a"b',
    "a'b",
    'a\\b',
    'a\nb',
    '-a',
    '.',
    '..',
    'ü',
    'a*',
    '',
  ])('attack 14: %j is refused', (name) => {
    expect(() => parseInterfaceName(name)).toThrow("can't be a name")
  })

  test.each(['eth0', 'br-lan.10', 'tailscale0', 'wg_mesh', 'a@b', '0tun', '6in4'])('%s is one', (name) => {
    expect(parseInterfaceName(name)).toBe(name)
  })

  test('attack 14: a unit quotes it for the shell and for systemd, whatever it is', () => {
    const unit = template<object>(k3sUnit)({
      role: 'server',
      interface: `lo];date>'pp||[%n$${'{HOME}'}`,
      credentials: [],
      environment: [],
      after: '',
      conditions: [],
    })
    expect(unit).toContain(
      String.raw`ExecStartPre=/bin/sh -c "until [ -e '/sys/class/net/lo];date>'\\''pp||[%%n$$${'{HOME}'}' ]; do sleep 1; done"`,
    )
  })
})

describe('a file of the inventory in a place of keel’s', () => {
  test.each([
    '/usr/local/lib/keel/keel-vip-0/keel-vip',
    '/usr/local/bin/keel-agent',
    '/etc/ha-vip/config.yaml',
    '/etc/systemd/system/keel-firewall.service',
    '/etc/systemd/system/keel-vip.service',
    '/etc/systemd/system/keel-vip-health.service.d/10.conf',
    '/etc/systemd/system/keel-agent.service',
    '/etc/systemd/system/keel-ha-vip.timer',
    '/etc/systemd/system/ha-vip.service',
    '/etc/systemd/system/k3s.service',
    '/etc/systemd/system/k3s.service.d/10.conf',
    '/etc/systemd/system/k3s-.service.d/10.conf',
    '/etc/systemd/system/k3s.service.wants/evil.service',
    '/etc/systemd/system/k3s.service.requires/evil.service',
    '/etc/systemd/system/multi-user.target.wants/k3s.service',
    '/etc/systemd/system.control/k3s.service.d/10.conf',
    '/etc/systemd/system.attached/k3s.service',
    '/usr/lib/systemd/system/k3s.service',
    '/usr/local/lib/systemd/system/k3s-agent.service.d/10.conf',
    '/lib/systemd/system/k3s.service',
    '/var/run/keel/vip',
    '/var/lock/x',
    '/etc/rancher',
    '/etc/systemd',
    '/etc/systemd/system',
    '/usr/local/lib',
    '/var/lib',
    '/etc',
    '/var/lib/kubelet/config.yaml',
    '/bin',
    '/sbin',
    '/lib',
    '/lib64',
    '/usr/bin',
  ])('attack 17: %s is refused', (path) => {
    expect(() => parseHostFilePath(path)).toThrow('cannot be a file of the inventory')
  })

  test.each([
    ['/lib/systemd/system/mine.service', '/usr/lib/systemd/system/mine.service'],
    ['/bin/mine', '/usr/bin/mine'],
    ['/sbin/mine', '/usr/sbin/mine'],
    ['/lib64/x', '/usr/lib64/x'],
  ])('attack 17: %s is another name of %s, and one file has one entry', async (alias, path) => {
    const both = `files: { '${alias}': 'a', '${path}': 'b' },`
    expect(await faultsOf({ add: { b: both } })).toEqual([
      expect.stringMatching(/^file-twice hosts\/b\/host\.ts:\d+:\d+$/),
    ])
    const apart = { cluster: `files: { '${alias}': 'a' },`, b: `files: { '${path}': 'b' },` }
    expect(await faultsOf({ add: apart })).toEqual([expect.stringMatching(/^file-twice hosts\/b\/host\.ts:\d+:\d+$/)])
    const same = { cluster: `files: { '${alias}': 'a' },`, b: `files: { '${alias}': 'b' },` }
    expect(await faultsOf({ add: same })).toEqual(['undefined'])
  })

  test.each([
    ["files: { '/etc/a': 'a', '/etc/a/b': 'b' },", {}],
    ["files: { '/etc/a/b': 'b' },", { cluster: "files: { '/etc/a': 'a' }," }],
    ["files: { '/etc/a': 'a' },", { cluster: "files: { '/etc/a/b': 'b' }," }],
  ])('attack 17: a file and a folder of one name are refused: %s', async (b, more) => {
    expect(await faultsOf({ add: { b, ...more } })).toEqual([expect.stringMatching(/^file-twice hosts\/b/)])
  })

  test.each([
    '/etc/systemd/system/mine.service',
    '/etc/systemd/system/k3s-backup.service',
    '/etc/systemd/system/service.d/10.conf',
    '/etc/systemd/system/containerd.service.d/10.conf',
    '/etc/keel.conf',
    '/usr/local/bin/mine',
    '/etc/rancherd/x',
    '/library/x',
  ])('%s is the inventory’s to write', (path) => {
    expect(parseHostFilePath(path)).toBe(path)
  })

  test('attack 17: every place that keel writes to on a Debian or Flatcar host is refused', () => {
    const golden = (name: string) => readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8')
    const debian = readdirSync(new URL('../../golden/debian/', import.meta.url)).map((name) => golden(`debian/${name}`))
    const flatcar = ['ocean', 'maia'].map((name) => golden(`flatcar/${name}/butane.yaml`))
    const places = [
      ...debian.flatMap((text) => [
        ...text.matchAll(/^=== (\S+) \(|"(\/\S+) → |"path": "([^"]+)"|"(?:keyPath|certificatePath)": "([^"]+)"/gm),
      ]),
      ...flatcar.flatMap((text) => [...text.matchAll(/^ +- path: (\S+)$/gm)]),
    ].map(([, ...found]) => found.find((each) => each !== undefined) ?? '')
    expect(places.length).toBeGreaterThan(50)
    const own = new Set(places.filter((path) => !path.startsWith('/var/lib/rancher/k3s/server/manifests/')))
    const isClosed = (path: string) => closedPaths.some(([closed]) => path === closed || path.startsWith(`${closed}/`))
    const inventorys = ['/srv/media', '/etc/flatcar/update.conf', '/etc/sysctl.d/90-mine.conf', '/home/core/note']
    expect([...own].filter((path) => reasonOfOwner(path) === undefined && !isClosed(path))).toEqual(inventorys)
  })
})
