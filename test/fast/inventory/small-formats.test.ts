import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import { listed } from '../../../src/inventory/check/listed.ts'
import { frameIn } from '../../../src/inventory/typescript/import-fresh.ts'
import { addressIn, parseCidr, parseListenIp, parseNodeIp } from '../../../src/model/addresses/ip.ts'
import { addressKey, formatSshAddress, parseSshAddress } from '../../../src/model/addresses/ssh-address.ts'
import { parseFileOwner, parseHostFilePath } from '../../../src/model/host-paths/host-file-path.ts'
import { registriesSchema } from '../../../src/model/k3s/registries.ts'
import { parseVisiblePath } from '../../../src/model/keel-agent/keel-agent-path.ts'
import { parseDomain } from '../../../src/model/names.ts'

const refusalOf = (attempt: () => unknown) => {
  try {
    attempt()
  } catch (error) {
    if (error instanceof KeelError) return error
    throw error
  }
  return undefined
}

describe('names in a message', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `h${index}`)
  test.for([
    [1, 'h0'],
    [8, 'h0, h1, h2, h3, h4, h5, h6, h7'],
    [9, 'h0, h1, h2, h3, h4, h5, h6 and 2 more'],
    [207, 'h0, h1, h2, h3, h4, h5, h6 and 200 more'],
  ] as const)('%i: %s', ([count, text]) => expect(listed(names(count))).toBe(text))
})

describe('the place in a file of an inventory that an error names', () => {
  const file = 'file:///i/hosts/a.ts'
  test.for([
    ['a frame', `Error: x\n    at ${file}?keel-load=3:7:12\n    at node:internal:1:1`, { line: 7, column: 12 }],
    [
      'the first of several',
      `Error\n    at ${file}?keel-load=12:7:1\n    at ${file}?keel-load=12:9:2`,
      { line: 7, column: 1 },
    ],
    [
      'a caret below the line',
      `${file}?keel-load=3:7\nconst a = ;\n          ^\n\nSyntaxError`,
      { line: 7, column: 11 },
    ],
    ['no caret', `${file}?keel-load=3:7\nSyntaxError`, { line: 7, column: 1 }],
    ['a tab before the caret', `${file}?keel-load=3:7\n\ta = ;\n\t   ^`, { line: 7, column: 5 }],
  ] as const)('%s', ([, stack, place]) => expect(frameIn(stack)).toEqual({ url: file, ...place }))

  test.for(['Error\n    at node:internal:1:1', `Error\n    at ${file}:7:12`, ''])('none in %j', (stack) =>
    expect(frameIn(stack)).toBeUndefined(),
  )
})

describe('where SSH reaches a host', () => {
  test.for([
    ['maia', 'maia'],
    ['Maia.Mercury.', 'maia.mercury.'],
    ['root@[FD00:0::5]:2222', 'fd00::5'],
    ['[fe80::1%Eth0]', 'fe80::1%Eth0'],
    ['a_b', 'a_b'],
    ['10.0.0.1:22', '10.0.0.1'],
  ])('%s is %s', ([text = '', host]) => {
    expect(parseSshAddress(text).host).toBe(host)
  })

  test.for([
    '0x7f000001',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    '010.0.0.1',
    '10.0.0.256',
    '10.0.0.1.',
    'a.0x1',
    'host.1',
    '::1',
    'fd00::5',
    '[10.0.0.1]',
    '[::ffff:10.0.0.1]',
    '[::1.2.3.04]',
    '[fd00::5',
    'fd00::5]',
    '[fd00::5%]',
    '[fd00::5%eth 0]',
    '[fe80::1%25eth0/64]',
    `${'a'.repeat(64)}.example`,
    'a..b',
    'bücher.example',
    'maia:0',
    'maia:65536',
    'maia:022',
    'maia:2 2',
    'maia\n',
    'ma\u200bia',
    'root@@maia',
    '-oProxyCommand=x@maia',
    '',
    '@maia',
    'root@',
  ])('%j is none', (text) => {
    expect(refusalOf(() => parseSshAddress(text))).toMatchObject({ code: 'ssh-address' })
  })

  test('an address in other clothes is named', () => {
    expect(refusalOf(() => parseSshAddress('[::ffff:10.0.0.1]'))?.why).toBe(
      'that is the IPv4 address 10.0.0.1, which has no brackets',
    )
  })

  test('two spellings of one address are one', () => {
    const key = (text: string) => addressKey(parseSshAddress(text).host, 22)
    expect(key('[FD00:0:0::5]')).toBe(key('root@[fd00::5]'))
    expect(key('Maia.')).toBe(key('maia'))
    expect(key('[fe80::1%eth0]')).not.toBe(key('[fe80::1%eth1]'))
  })

  test.for(['[fe80::1%eth0]', 'maia', '10.0.0.1', '[fd00::5]:2222'])(
    '%s is read again as what it is written as',
    (text) => {
      const address = { user: 'root', port: 22, ...parseSshAddress(text) }
      expect({ user: 'root', port: 22, ...parseSshAddress(formatSshAddress(address)) }).toEqual(address)
    },
  )
})

describe('addresses and networks', () => {
  test.for([
    '::1.2.3.04',
    '64:ff9b::1.2.3.04',
    '١.1.1.1',
    '1.2.3.4 ',
    '1.2.3.4%eth0',
    'fd00::1%eth0',
    '::ffff:1.2.3.4',
    '1.2.3',
    '1.2.3.4/32',
    '[fd00::1]',
  ])('%j is no address', (text) => {
    expect(refusalOf(() => parseNodeIp(text))).toMatchObject({ code: 'node-ip' })
    expect(refusalOf(() => parseListenIp(text))).toMatchObject({ code: 'ip' })
  })
  test.for([
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/33',
    'fd00::/129',
    '010.0.0.0/8',
    'fd00::%eth0/64',
    '/8',
    '10.0.0.0/8 ',
    '10.0.0.0/1e1',
    '10.0.0.0/٨',
  ])('%j is no network', (text) => {
    expect(refusalOf(() => parseCidr(text))).toMatchObject({ code: 'network' })
  })
  test.for([
    ['10.43.0.0/16', 10, '10.43.0.10'],
    ['10.43.0.0/29', 10, undefined],
    ['10.43.0.0/28', 10, '10.43.0.10'],
    ['10.43.0.0/16', 300, '10.43.1.44'],
    ['fd43::/112', 10, 'fd43::a'],
    ['fd43::fff0/125', 10, undefined],
  ] as const)('address %s + %d is %s', ([network, index, address]) => {
    expect(addressIn(network, index)).toBe(address)
  })
  test.for([
    'Cluster.local',
    'a_b',
    `${'a'.repeat(64)}.local`,
    '10.0.0.1',
    'a.',
    '.a',
    'a..b',
    '',
    'a.1',
    `${'a.'.repeat(116)}b`,
  ])('%j is no domain', (text) => {
    expect(refusalOf(() => parseDomain(text))).toMatchObject({ code: 'domain' })
  })
})

describe('registries', () => {
  const isTaken = (value: object) => registriesSchema.safeParse(value).success
  const mirror = (name: string, endpoint = 'https://mirror.example') => ({
    mirrors: { [name]: { endpoint: [endpoint] } },
  })
  test.for(['docker.io', 'registry.example:5000', '*', '10.0.0.1:5000', '[fd00::1]:5000', 'localhost'])(
    'a mirror of %s',
    (name) => {
      expect(isTaken(mirror(name))).toBe(true)
    },
  )
  test.for([
    '',
    '../x',
    'https://docker.io',
    'docker.io/',
    'a b',
    'a\nb',
    '**',
    'docker.io:',
    'docker.io:99999',
    'bücher.example',
    'fd00::1',
    '[fd00::1%eth0]',
  ])('no mirror of %j', (name) => {
    expect(isTaken(mirror(name))).toBe(false)
  })
  test.for([
    'http://mirror.example',
    'https://mirror.example:5000/v2',
    'https://[fd00::1]:5000',
    'https://10.0.0.1/a%20b',
  ])('by way of %s', (endpoint) => {
    expect(isTaken(mirror('docker.io', endpoint))).toBe(true)
  })
  test.for([
    'mirror.example',
    'ftp://mirror.example',
    'https://',
    'https:/mirror.example',
    'https:\\\\mirror.example',
    'https://mirror.example\t',
    ' https://mirror.example',
    'https://mir\nror.example',
    'https://mirror.example/ä',
    'https://mirror.example/%zz',
    'https://mirror.example?x',
    'https://mirror.example#x',
    'https://ｍirror.example',
    'https://0x7f.1',
    'https://u:p@mirror.example',
    'https://@mirror.example',
    'HTTPS://mirror.example',
  ])('not by way of %j', (endpoint) => {
    expect(isTaken(mirror('docker.io', endpoint))).toBe(false)
  })
  test('an endpoint stands in a list once', () => {
    expect(isTaken({ mirrors: { 'docker.io': { endpoint: ['https://a.example', 'https://a.example'] } } })).toBe(false)
  })
  test.for([
    ['^library/(.*)', true],
    ['(?i)^a', true],
    ['(?P<x>a)', true],
    ['(?=a)', false],
    ['(a)\\1', false],
    ['(', false],
    ['[', false],
    ['', false],
    ['a{2,1}', false],
    ['a{1000}', true],
    ['a{1001}', false],
    ['a{1,1001}', false],
    ['a\\{1001}', true],
    ['\\Qa(b\\E', true],
    ['\\d+\\.\\w*\\/', true],
    ['\\pL\\p{Greek}\\P{^Lu}', true],
    ['\\p{Foo}', false],
    ['\\x41\\x{10FFFF}', true],
    ['\\x4', false],
    ['\\u0041', false],
    ['\\cA', false],
    ['\\Z', false],
    ['\\8', false],
    ['[[:alpha:]]', true],
    ['[[:alfa:]]', false],
    ['(?<!a)b', false],
    ['\\(?=a', true],
  ] as const)('a rewrite of %j: %s', ([expression, is]) => {
    expect(isTaken({ mirrors: { 'docker.io': { rewrite: { [expression]: '$1' } } } })).toBe(is)
  })
  test.for(['ca.pem', '/a/../b', ''])('no CA at %j', (file) => {
    expect(isTaken({ configs: { 'a.example': { tls: { ca_file: file } } } })).toBe(false)
  })
})

// U+0085 ends a line to Butane's reader of YAML: a file of that name would have another name on a Flatcar machine
test.for(['/\u0085a', '/a\u2028b', '/\ufeffa', '/\u202ea', '/\ud800', '/a\u009bb'])('%j is no path', (text) => {
  expect(refusalOf(() => parseHostFilePath(text))).toMatchObject({ code: 'file-path' })
})

describe('who owns a file', () => {
  test.for([
    ['root', true],
    ['_apt', true],
    ['0', true],
    ['65534', true],
    ['4294967294', true],
    // chown(2): leave it as it is
    ['4294967295', false],
    ['4294967296', false],
    // stat prints 7, and each plan would set it right again
    ['007', false],
    ['-1', false],
    ['a:b', false],
  ] as const)('%s: %s', ([owner, is]) => {
    expect(refusalOf(() => parseFileOwner(owner)) === undefined).toBe(is)
  })
})

describe('a path in a unit', () => {
  const long = (bytes: number) => `/opt/${'a'.repeat(bytes - '/opt/'.length)}`
  test('is short enough that Butane takes its line', () => expect(parseVisiblePath(long(1024))).toBe(long(1024)))
  test('is refused where it is not', () =>
    expect(refusalOf(() => parseVisiblePath(long(1025)))).toMatchObject({ code: 'keel-agent-path', exit: 2 }))
})
