import { describe, expect, it } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import {
  addressAt,
  addressIn,
  contains,
  overlap,
  parseCidr,
  parseListenIp,
  parseNodeIp,
  prefixOf,
  specialRangeOf,
  widestOf,
} from '../../../src/model/addresses/ip.ts'
import { nodeAddresses } from '../../../src/model/addresses/node-addresses.ts'
import {
  parseCleanPath,
  parseFileMode,
  parseManifestName,
  parseText,
} from '../../../src/model/host-paths/host-file-path.ts'
import { parseK3sVersion } from '../../../src/model/k3s/k3s-version.ts'
import { parseImage } from '../../../src/model/kubernetes/image.ts'
import { parseTag } from '../../../src/model/names.ts'
import { isSecretRef } from '../../../src/model/secret-ref.ts'
import { parseBuild, parseConfiguration, parseFlake } from '../../../src/model/systems/nixos-system.ts'

/** What is read of each text, and the texts that are refused with a code. */
function format<Value>(
  what: string,
  parse: (text: string) => Value,
  read: readonly (readonly [text: string, value: Value])[],
  [code, texts]: readonly [code: string, texts: readonly string[]],
) {
  describe(what, () => {
    it.each(read)('%j is %j', (text, value) => expect(parse(text)).toEqual(value))
    it.each(texts)('%j is none', (text) => {
      expect(() => parse(text)).toThrow(KeelError)
      expect(() => parse(text)).toThrow(expect.objectContaining({ code, exit: 2 }))
    })
  })
}

format(
  'the flake of a NixOS host',
  parseFlake,
  [
    ['.', {}],
    ['.#ocean', { attribute: 'ocean' }],
    [".#_a.b'c-1", { attribute: "_a.b'c-1" }],
  ],
  ['nixos-flake', ['', '.#', '.#1a', '.#a b', './x', 'x', '..', 'github:a/b#c', '.#a\n']],
)
format(
  'the configuration of a NixOS host',
  parseConfiguration,
  [['hosts/ocean/a_b+c-1.nix', 'hosts/ocean/a_b+c-1.nix']],
  ['nixos-configuration', ['hosts/ocean', '/a.nix', 'a//b.nix', './a.nix', 'hosts/../a.nix', 'a b.nix', 'a.nix/', '']],
)
format(
  'where a NixOS system is built',
  parseBuild,
  [
    ['local', { on: 'local' }],
    ['target', { on: 'target' }],
    ['root@build.example', { on: 'host', address: 'root@build.example' }],
  ],
  ['nixos-build', ['', 'a b', '-oProxyCommand=x@y']],
)
format(
  'a tag',
  parseTag,
  ['gpu', 'rack-1', 'a.b_c', '7', 'a'.repeat(63), 'constructor'].map((text) => [text, text] as const),
  ['tag', ['', 'GPU', '-a', 'a-', 'a b', 'a/b', 'a*', 'a\n', 'a,b', 'a'.repeat(64)]],
)
format(
  'an image',
  parseImage,
  [
    'registry.example/a:1.2',
    'registry.example:5000/a/b-c__d:v1',
    `docker.io/a@sha256:${'a'.repeat(64)}`,
    `docker.io/a:latest@sha256:${'a'.repeat(64)}`,
  ].map((text) => [text, text] as const),
  [
    'image',
    [
      'a',
      'docker.io/a',
      'registry.example:5000/a',
      'docker.io/a:latest',
      'docker.io/A:1',
      'docker.io//a:1',
      'docker.io/a:1 ',
      'docker.io/a@sha256:ab',
      ' docker.io/a:1',
    ],
  ],
)
format(
  'a version of k3s',
  parseK3sVersion as (text: string) => string,
  ['v1.34.4+k3s1', 'v1.33.10-rc1+k3s2', 'v1.36.0+lookalike'].map((text) => [text, text] as const),
  [
    'k3s-version',
    [
      '1.34.4+k3s1',
      'v1.34.4',
      'v1.32.4+k3s1',
      'v1.37.0+k3s1',
      'v2.34.4+k3s1',
      'v1.34.4+',
      'v1.34.4+K3S',
      'xv1.34.4+k3s1',
      'v1.34.4+k3s1 ',
    ],
  ],
)
format(
  'a path on a host',
  parseCleanPath,
  [['/etc/a b', '/etc/a b']],
  ['file-path', ['', 'etc', '/', '/a/', '/a//b', '/a/./b', '/a/../b', '/a\nb', '/a\u202eb', '/a\ufeff']],
)
format(
  'the mode of a file',
  parseFileMode,
  [
    ['644', '0644'],
    ['1777', '1777'],
  ],
  ['file-mode', ['', '64', '00644', '0648', 'x644', '644x']],
)
format(
  'the name of a manifest',
  parseManifestName,
  ['a.yaml', 'A_b.c-1.yml', 'a.json', `${'a'.repeat(201)}.yaml`].map((text) => [text, text] as const),
  ['manifest-name', ['a', '.yaml', '-a.yaml', 'a/b.yaml', 'a.yaml.skip', 'a yaml', `${'a'.repeat(202)}.yaml`]],
)
format('the text of a file', parseText, [['ü\n', 'ü\n']], ['file-content', ['a\0b', '\ud800']])
format(
  'an address of a node',
  parseNodeIp,
  [
    ['10.0.0.1', '10.0.0.1'],
    ['FD00:0::5', 'fd00::5'],
  ],
  [
    'node-ip',
    [
      '',
      '127.0.0.1',
      '0.0.0.0',
      '::',
      '::1',
      '224.0.0.1',
      'ff02::1',
      '255.255.255.255',
      'fe80::1',
      '169.254.0.1',
      '10.0.0.01',
      '010.0.0.1',
      '::ffff:10.0.0.1',
      'fd00::1%eth0',
      '10.1',
    ],
  ],
)
format(
  'an address to listen on',
  parseListenIp,
  ['0.0.0.0', '::', '127.0.0.1', 'fe80::1'].map((text) => [text, text] as const),
  ['ip', ['', 'ff02::1', '224.0.0.1', '255.255.255.255', 'localhost']],
)
format(
  'a network',
  parseCidr,
  [
    ['10.42.0.0/16', '10.42.0.0/16'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['FD42:0::/56', 'fd42::/56'],
    ['fd42::1/128', 'fd42::1/128'],
  ],
  [
    'network',
    [
      '',
      '10.42.0.0',
      '10.42.0.0/',
      '10.42.0.0/33',
      '10.42.0.0/016',
      '10.42.0.1/16',
      '10.42.0.0/16/1',
      'fd42::/129',
      'fd42::1/64',
      'x/1',
    ],
  ],
)

describe('of networks keel knows', () => {
  it.each<[string, unknown, unknown]>([
    [
      'an address inside',
      [addressIn('10.43.0.0/16', 10), addressIn('10.43.0.0/16', 256), addressIn('fd43::/112', 65_535)],
      ['10.43.0.10', '10.43.1.0', 'fd43::ffff'],
    ],
    [
      'the last one',
      [addressIn('10.43.0.0/24', 255), addressIn('10.43.0.0/24', 256), addressIn('10.0.0.1/32', 0)],
      ['10.43.0.255', undefined, '10.0.0.1'],
    ],
    ['one by its number', [addressAt('10.43.0.0/24', 0), addressAt('fd43::/112', 10)], ['10.43.0.0', 'fd43::a']],
    ['the prefix', [prefixOf('10.43.0.0/16'), prefixOf('fd43::/112')], [16, 112]],
    [
      'what is inside',
      [contains('10.0.0.0/8', '10.1.2.3'), contains('10.0.0.0/8', '11.0.0.1'), contains('10.0.0.0/8', 'fd00::1')],
      [true, false, false],
    ],
    [
      'which share addresses',
      [
        overlap('10.0.0.0/8', '10.1.0.0/16'),
        overlap('10.1.0.0/16', '10.0.0.0/8'),
        overlap('10.0.0.0/16', '10.1.0.0/16'),
      ],
      [true, true, false],
    ],
    [
      'special ones',
      ['127.0.0.0/8', '224.0.0.0/4', 'fe80::/64', '10.0.0.0/8', 'fd00::/8'].map(specialRangeOf),
      ['loopback', 'multicast', 'linkLocal', undefined, undefined],
    ],
    [
      'the widest',
      [
        widestOf(['10.1.0.0/16', '10.0.0.0/8', '10.0.0.0/8', '192.0.2.0/24', '11.0.0.0/8']),
        widestOf(['fd00::/64', 'fd00::/56', 'fd01::1/128']),
        widestOf([]),
      ],
      [['10.0.0.0/8', '11.0.0.0/8', '192.0.2.0/24'], ['fd00::/56', 'fd01::1/128'], []],
    ],
    ['neighbours apart', widestOf(['10.0.1.0/24', '10.0.0.0/24', '10.0.0.128/25']), ['10.0.0.0/24', '10.0.1.0/24']],
  ])('%s', (_what, found, expected) => expect(found).toEqual(expected))
})

it.each<[string, { nodeIPs: readonly string[]; address: { host: string } }, readonly string[]]>([
  ['its own', { nodeIPs: ['10.0.0.1'], address: { host: '192.0.2.1' } }, ['10.0.0.1']],
  ['the address of SSH', { nodeIPs: [], address: { host: '192.0.2.1' } }, ['192.0.2.1']],
  ['unknown behind a name', { nodeIPs: [], address: { host: 'maia.example' } }, []],
])('the addresses of a node’s packets are %s', (_what, host, addresses) =>
  expect(nodeAddresses(host)).toEqual(addresses),
)

it.each<[unknown, boolean]>([
  [{ secret: 'a' }, true],
  [{ secret: 1 }, false],
  [{ secret: 'a', more: 'b' }, false],
  [{}, false],
  [null, false],
  ['secret', false],
])('%j as a reference to a secret: %s', (value, is) => expect(isSecretRef(value)).toBe(is))
