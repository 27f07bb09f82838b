import { describe, expect, it } from 'vitest'
import { parseFileMode } from '../../../src/model/host-paths/host-file-path.ts'
import { certificateName } from '../../../src/model/k3s/flag-kinds/certificate-name.ts'
import { argOf, componentArg } from '../../../src/model/k3s/flag-kinds/component-arg.ts'
import { type Kind, matching, oneOf, parsedBy } from '../../../src/model/k3s/flag-kinds/kind.ts'
import {
  bucket,
  certificates,
  image,
  isHostAndPort,
  portRange,
  proxy,
  registry,
  s3Endpoint,
  socket,
} from '../../../src/model/k3s/flag-kinds/texts.ts'
import { mergeRegistries, registriesSchema } from '../../../src/model/k3s/registries.ts'

const noScheme = 'no scheme belongs before it'
const urls = 'a certificate has names of hosts, not URLs'

/** A value that is wrong: why, and what to write in its place. */
describe('a user is told what to write', () => {
  it.each<[string, Kind, string, string, string?]>([
    ['a registry', registry, 'https://registry.example:5000/', noScheme, "write 'registry.example:5000'"],
    ['a registry', registry, 'a b', 'k3s takes a registry in the form that images use: registry.example:5000'],
    [
      'a registry',
      registry,
      'https://me@registry.example',
      'k3s takes a registry in the form that images use: registry.example:5000',
    ],
    ['an endpoint', s3Endpoint, 'HTTP://s3.example', noScheme, "write 's3.example'"],
    ['an endpoint', s3Endpoint, 'https://s3 example', 'k3s takes a host, perhaps with a port: s3.example:9000'],
    ['a proxy', proxy, 'http://me:planted@proxy.example', 'the inventory would contain a login in clear text'],
    ['a proxy', proxy, 'proxy.example', "k3s takes 'none', or a URL: http://proxy.example:3128"],
    ['a proxy', proxy, 'http://proxy.example/a@b', "k3s takes 'none', or a URL: http://proxy.example:3128"],
    ['a name', certificateName, '', 'an empty name is not possible in a certificate', 'remove it'],
    [
      'a name',
      certificateName,
      'bücher.example',
      'a certificate has names in ASCII only, and k3s exits with this one',
      "write 'xn--bcher-kva.example'",
    ],
    ['a name', certificateName, 'bü cher', 'a certificate has names in ASCII only, and k3s exits with this one'],
    ['a name', certificateName, 'https://Api.example:6443/x', urls, "write 'api.example'"],
    ['a name', certificateName, 'https://[fd00::1]:6443', urls, "write 'fd00::1'"],
    ['a name', certificateName, 'https://a b', urls],
    ['a name', certificateName, '[FD00::1]:6443', 'a certificate has an address without brackets', "write 'fd00::1'"],
    ['a name', certificateName, '10.0.0.1:6443', 'a certificate has no ports', "write '10.0.0.1'"],
    [
      'a name',
      certificateName,
      'api.example.',
      'clients ask for the name without its final dot',
      "write 'api.example'",
    ],
    [
      'a name',
      certificateName,
      'fe80::1%eth0',
      'a certificate cannot have an address with a zone, because a zone is valid on one machine only',
    ],
    ['a name', certificateName, 'a*.example', 'a * must be the whole first label, followed by a name: *.example.com'],
    ['a name', certificateName, '10.0.0.256', 'it looks like an IP address, but is not a valid one'],
    [
      'a name',
      certificateName,
      'a_b!',
      'k3s takes IP addresses and DNS names in ASCII: letters, digits, - and . inside, 63 characters between dots',
    ],
    [
      'an argument',
      componentArg(),
      '--v=1',
      'k3s adds the dashes itself, and does not find some keys that already have them',
      "write 'v=1'",
    ],
    ['an argument', componentArg(), '=1', 'k3s takes key=value: the flag of the program without dashes, and its value'],
    [
      'an argument',
      componentArg({ 'node-ip': '`nodeIPs`' }),
      'node_ip=1',
      'node-ip is set from the inventory',
      'use `nodeIPs`',
    ],
    ['an argument', componentArg(), 'tls-cipher-suites', 'k3s exits if tls-cipher-suites has no value'],
    [
      'an argument',
      componentArg(),
      'tls-min-version=1.3',
      'tls-min-version is one of VersionTLS10, VersionTLS11, VersionTLS12, VersionTLS13',
    ],
    ['an argument', componentArg(), 'feature-gates=A=true,B', 'the form of feature-gates is Name=true,Other=false'],
    [
      'a word',
      oneOf('vxlan', 'wireguard-native'),
      'wireguard',
      'k3s takes vxlan or wireguard-native',
      "did you mean 'wireguard-native'?",
    ],
    ['a word', oneOf('a', 'b', 'c'), 'xxxxxx', 'k3s takes a, b or c'],
    ['one word', oneOf('none'), 'nnoe', 'k3s takes none', "did you mean 'none'?"],
    ['a text', matching('a digit', /^\d$/), 'a', 'k3s takes a digit'],
    ['a text', matching('digits', /^\d+$/, 2), '123', 'k3s takes digits'],
    ['what a parser reads', parsedBy('a mode', parseFileMode), '9', 'a mode has three or four octal digits: 0644'],
    ['a socket', socket, 'tcp://a', "k3s takes a socket's path, or unix:// and the path"],
    ['a range', portRange, '2-1', 'k3s takes a range of ports from 1 to 65535: 30000-32767, 30000+2767'],
  ])('for %s: %#', (_what, kind, text, why, todo) => {
    expect(kind.read(text)).toStrictEqual({ why, ...(todo === undefined ? {} : { todo }) })
  })
})

describe('k3s gets', () => {
  it.each<[Kind, string, string?]>([
    [certificateName, '*.Api.example', '*.api.example'],
    [certificateName, 'FD00:0::1', 'fd00::1'],
    [parsedBy('a mode', parseFileMode), '644', '0644'],
    [registry, 'registry.example:5000/a/b-c'],
    [s3Endpoint, '[fd00::1]:9000'],
    [proxy, 'https://proxy.example/'],
    [socket, 'unix:///run/a.sock'],
    [portRange, '1-65535'],
    [portRange, '65535+0'],
    [portRange, '30000'],
    [bucket, 'a.b-c_d:e'],
    [image, 'localhost:5000/a__b/c--d:v1'],
    [certificates, `/etc/a.pem ${'A'.repeat(64)}==`],
    [componentArg(), 'feature-gates= A = t ,B=FALSE'],
    [componentArg(), 'tls-min-version=VersionTLS13'],
  ])('%# as it is written, or in its own form', (kind, text, value = text) => expect(kind.read(text)).toBe(value))

  it.each<[Kind, string]>([
    [portRange, '65535+1'],
    [portRange, '0-1'],
    [portRange, '01'],
    [bucket, 'ab.'],
    [bucket, 'a..b'],
    [bucket, 'a-.b'],
    [bucket, '10.0.0.1'],
    [bucket, 'ab'.repeat(32)],
    [certificates, `/etc/a.pem ${'A'.repeat(63)}`],
    [componentArg(), 'feature-gates=A=maybe'],
  ])('nothing else: %#', (kind, text) => expect(kind.read(text)).toMatchObject({ why: expect.any(String) }))

  it('of two arguments with one flag the last, except for flags that gather', () => {
    const { identity = expect.unreachable } = componentArg()
    const entries = ['max_pods=1', 'max-pods', 'max-pods+=1', 'feature_gates=A=true', '=']
    expect(entries.map((entry) => identity(entry))).toEqual(['max-pods', 'max-pods', undefined, undefined, undefined])
    expect(['max_pods=4=2', 'max-pods', '='].map(argOf)).toEqual([['max-pods', '4=2'], ['max-pods', 'true'], undefined])
  })
})

it.each([
  ['registry.example', true],
  ['10.0.0.1:1', true],
  ['[fd00::1]:65535', true],
  ['[10.0.0.1]', false],
  ['fd00::1', false],
  ['a:65536', false],
  ['a:0', false],
  ['a:', false],
  ['', false],
])('%j is a host, perhaps with a port: %s', (text, is) => expect(isHostAndPort(text)).toBe(is))

describe('registries', () => {
  const of = (endpoint: string) => registriesSchema.safeParse({ mirrors: { a: { endpoint: [endpoint] } } }).success
  it.each(['https://mirror.example:5000', 'http://10.0.0.1/v2/%7Ea_~'])('have the endpoint %s', (text) =>
    expect(of(text)).toBe(true),
  )
  it.each([
    'mirror.example',
    'https://a/%7',
    'https://a/%7g',
    'https://a/?b',
    'https://a/b c',
    'ftp://a',
    'https://me@a',
    '//me:pw@a',
  ])('do not have the endpoint %s', (text) => expect(of(text)).toBe(false))

  it('of a host are the cluster’s and its own', () => {
    const one = { mirrors: { a: {}, b: {} } }
    const two = { mirrors: { b: { endpoint: [] } }, configs: { c: {} } }
    expect(mergeRegistries(one, two)).toStrictEqual({ mirrors: { a: {}, b: { endpoint: [] } }, configs: { c: {} } })
    expect(mergeRegistries({ configs: {} }, {})).toStrictEqual({ configs: {} })
    expect([
      mergeRegistries(one, undefined),
      mergeRegistries(undefined, two),
      mergeRegistries(undefined, undefined),
    ]).toEqual([one, two, undefined])
  })
})
