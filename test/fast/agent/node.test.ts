import { describe, expect, test } from 'vitest'
import { addressesOf } from '../../../src/agent/node/addresses.ts'
import { mountsOf } from '../../../src/agent/node/mounts.ts'
import type { NodeReport } from '../../../src/agent/node/node-report.ts'
import { systemOf } from '../../../src/agent/node/os-release.ts'
import { metricsText } from '../../../src/agent/routes/metrics-text.ts'
import { parseHostName } from '../../../src/model/names.ts'

describe('/etc/os-release', () => {
  test.each([
    [
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
      ['debian', '12', 'Debian GNU/Linux 12 (bookworm)'],
    ],
    ["ID='nixos'\nVERSION_ID=25.11\n", ['nixos', '25.11', '']],
    ['OLD_ID=x\n', ['', '', '']],
    ['', ['', '', '']],
  ])('%j', (text, [id, version, name]) => {
    expect(systemOf(text)).toEqual({ id, version, name })
  })
})

describe('the mounts of disks', () => {
  const line = (device: string, mount: string, type: string, source: string) =>
    `36 35 ${device} / ${mount} rw,noatime shared:1 - ${type} ${source} rw\n`

  test.each([
    ['the root, whatever it is on', line('0:20', '/', 'overlay', 'overlay'), [['/', 'overlay']]],
    ['no memory or kernel', line('0:5', '/proc', 'proc', 'proc') + line('0:9', '/run', 'tmpfs', 'tmpfs'), []],
    [
      'a disk once, at its shortest path',
      line('8:1', '/var/lib/x', 'ext4', '/dev/sda1') + line('8:1', '/var', 'ext4', '/dev/sda1'),
      [['/var', 'ext4']],
    ],
    [
      'several, by path',
      line('8:2', '/var', 'xfs', '/dev/sdb') + line('8:1', '/', 'ext4', '/dev/sda'),
      [
        ['/', 'ext4'],
        ['/var', 'xfs'],
      ],
    ],
    ['a path with a space', line('8:3', '/mnt/a\\040b', 'ext4', '/dev/sdc'), [['/mnt/a b', 'ext4']]],
    ['a line that is cut off', '36 35 8:1\n36 35 8:1 / /x - ext4', []],
  ])('%s', (_what, text, expected) => {
    expect(mountsOf(text).map(({ mount, type }) => [mount, type])).toEqual(expected)
  })
})

test('the addresses of the machine, from what the kernel says of routes and interfaces', () => {
  const fibTrie = `Main:
  +-- 0.0.0.0/1 2 0 2
     +-- 10.77.0.0/28 2 0 2
        |-- 10.77.0.0
           /24 link UNICAST
        |-- 10.77.0.14
           /32 host LOCAL
     |-- 10.77.0.255
        /32 link BROADCAST
     +-- 127.0.0.0/31 1 0 0
        |-- 127.0.0.1
           /32 host LOCAL
Local:
        |-- 10.77.0.14
           /32 host LOCAL
`
  const ifInet6 = [
    'fe8000000000000000000afffe4d000e 02 40 20 80     eth0',
    'fd000000000000000000000000000007 02 40 00 80     eth0',
    '00000000000000000000000000000001 01 80 10 80       lo',
    '',
  ].join('\n')
  expect(addressesOf(fibTrie, ifInet6)).toEqual(['10.77.0.14', 'fd00::7'])
  expect(addressesOf('', '')).toEqual([])
})

test('metrics escape what a label must not contain (Prometheus: backslash, quote, line feed)', () => {
  const node: NodeReport = {
    name: parseHostName('maia'),
    time: '2026-11-29T00:00:00.000Z',
    system: { id: 'a"b', version: '1\\2', name: '' },
    kernel: '6\n1',
    machine: 'x86_64',
    uptime: 5,
    cpus: 2,
    load: [0.5, 0, 0],
    memory: { total: 2, free: 1 },
    disks: [],
    addresses: [],
  }
  const text = metricsText(node, { states: { operational: 'missing', first: 'expired' } })
  expect(text).toContain('keel_node_info{os="a\\"b",version="1\\\\2",kernel="6\\n1"} 1\n')
  expect(text).toContain('# TYPE keel_node_load1 gauge\nkeel_node_load1 0.5\n')
  // no samples, no metric
  expect(text).not.toContain('keel_node_disk')
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{.*\})? [\d.e+]+)$/)
})
