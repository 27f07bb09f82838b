import fc from 'fast-check'
import { config } from '../../../src/butane/schema/config.ts'
import { fieldsOf } from '../../../src/butane/schema/fields-of.ts'
import type { Kind, StructKind } from '../../../src/butane/schema/kinds.ts'
import type { Version } from '../../../src/butane/versions.ts'

/** A config's values as JSON has them; bigint for integers beyond JavaScript's. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json }

const paths = [
  '/etc/a',
  '/etc/a/b',
  '/etc',
  '/',
  '',
  'a',
  '/etc/',
  '/a/../b',
  '/a//b',
  '/a/.',
  '/srv/d',
  '/srv/d/e',
  '/opt/t/f',
  '/opt/t/sub/g',
]
const unitPaths = [
  '/etc/systemd/system/x.service',
  '/etc/systemd/system/x.service.d/a.conf',
  '/etc/systemd/system/mnt-data.mount',
]
const devices = [
  '/dev/sda',
  '/dev/sdb',
  '/dev/disk/by-label/a-b',
  '/dev/mapper/dup',
  'sda',
  '',
  '/dev//sda',
  '/dev/.hidden',
  '/',
]
const unitNames = [
  'x.service',
  'x@.service',
  'x@1.service',
  'y@a@b.service',
  'y@a.service',
  'y.socket',
  'mnt-data.mount',
  'dev-sda.swap',
  '-.mount',
  'x',
  '',
  'a.conf',
  'b.conf',
  'x.conf/y',
  '.service',
  'x.service\n',
]
const units = [
  '',
  '[Unit]\nDescription=x\n',
  '[Install]\nWantedBy=a.target\n',
  '[Install]\n',
  'free text\n[Service]\nExecStart=/bin/a \\\n  b\n[Install]\nAlias=x',
  '[Unit',
  '[Unit] x\n',
  '[Unit]\nno option\n',
  '[Unit]\nlast',
  '# c \\\n[Unit]\n[Service]\nA=b',
  '[Install]\r\nWantedBy=a\r\n',
  `[Service]\nExecStart=${'x'.repeat(2100)}\n`,
  `[Service]\n${'A=b\n'.repeat(900)}ExecStart=${'y'.repeat(2200)}\n`,
  '\u2028[Unit]\n\u00a0A=b\n',
]
const hashes = [
  '',
  'sha256-',
  `sha256-${'0'.repeat(64)}`,
  `sha512-${'z'.repeat(128)}`,
  `sha512-${'0'.repeat(64)}`,
  'md5-00',
  'sha256',
  `sha256-${'é'.repeat(32)}`,
]
const urls = [
  '',
  'https://h/x',
  'http://h:80/x',
  'http://h:x/',
  'HTTP://H',
  'tftp://h/x',
  'gs://b/o',
  's3://b/o',
  's3://b/o?versionId=',
  's3://b/o?versionId=1',
  's3://b/o?versionId=;&versionId=2',
  's3:opaque?versionId=',
  'arn:aws:s3:::b/o',
  'arn:aws:s3:::b',
  'arn:aws:ec2:::b/o',
  'arn:aws:s3:eu:1:accesspoint/a/b',
  'arn:aws:s3:eu:1:accesspoint/a',
  'arn:aws:s3:::b/o?versionId=',
  'data:',
  'data:,',
  'data:,a b',
  'data:,a%20b',
  'data:,%2',
  'data:,a#b',
  'data:text/plain,x',
  'data:text/plain;charset=utf-8,x',
  'data:;base64,YQ==',
  'data:;base64,YQ',
  'data:;base64,YR==',
  'data:;base64,Y\nQ==',
  'data:x-a/b,c',
  'data:xa/b,c',
  'data:image/png;a="q\\"";base64,YQ==',
  'data:;a=%2,x',
  'data:;a="\\q",x',
  'data:;base64;a=b,YQ==',
  'data:;base64x,YQ==',
  'data:text,x',
  'data:message/a;b=c,é',
  'DATA:,x',
  'ftp://h',
  'file:///x',
  '//h/x',
  '/x',
  'x',
  ':x',
  'a:b',
  'https://',
  'https:',
  'https://[::1]/',
  'https://[::1]:1/',
  'https://[::1',
  'https://[fe80::1%25eth0]/',
  'https://[fe80::1%25e%20th]/',
  'https://u:p@h/',
  'https://u[:p@h/',
  'https://h%41/',
  'https://h%zz/',
  'https://h/%zz',
  'https://h/?%zz',
  'https://h/#%zz',
  'https://h /',
  'https://h/ x',
  'https://h/\u007f',
  'https://h/é',
  'https://é/',
  'https://a:1:2/',
  '1https://h',
  'ht+tp://h',
  '*',
  '?',
  '#',
  'https://h:/',
  'https://h\\x/',
  'https://a@b@c/',
]
const inlines = [
  '',
  'text',
  'a'.repeat(400),
  '\u00e9\u00e9',
  '~!*()',
  '{}',
  '[]',
  'null',
  '{',
  '{"ignition":{"version":"3.4.0"}}',
  '{"ignition":{"version":"3.3.0"}}',
  '{"ignition":{"version":"x"}}',
  '{"ignition":{"version":3}}',
  '{"IGNITION":{"Version":"3.4.0"}}',
  '{"ignition":{"version":"3.4.0"},"extra":1}',
  '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"rel"},{"path":"/a","mode":99999},null]}}',
  '{"ignition":{"version":"3.4.0"},"storage":{"luks":[{"name":"a","device":"/dev/x","clevis":{"custom":{"pin":"x"},"tpm2":true,"tang":[{"url":"ftp://a"}]}}]}}',
  '{"ignition":{"version":"3.3.0"},"passwd":{"users":[{"name":"a"},{"name":"a","uid":1.5}]}}',
  '{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"a"},{"name":"a","x":null}]}}',
  '{"ignition":{"version":"3.4.0","config":null},"systemd":{"units":[{"name":"x.service","enabled":true,"contents":"[Unit]\\nA=b"}]}}',
  '{"storage":{"files":null}} ',
  '{"ignition":{"version":"3.4.0"}} x',
]
const locals = [
  'f',
  'g',
  'sub/x',
  './sub/../f',
  '../x',
  '../dir/f',
  '/f',
  'missing',
  '',
  'sub',
  'keys.pub',
  'bad.service',
  'link',
  'dangling',
  'tree',
  'tree2',
  'big',
]
const short = [
  '',
  'a',
  'b',
  'dup',
  'a/b',
  '0',
  'raid1',
  'a:b',
  'x'.repeat(12),
  'x'.repeat(17),
  'x'.repeat(37),
  'é'.repeat(19),
  'x'.repeat(48),
  '<&>\u2028\u0001\t"\\\u007f',
]

const pools: Readonly<Record<string, readonly string[]>> = {
  path: [...paths, ...unitPaths],
  target: [...paths, '../b', '..', 'b'],
  device: devices,
  devices,
  name: [...unitNames, ...short],
  contents: units,
  contentsLocal: locals,
  sshAuthorizedKeysLocal: locals,
  local: locals,
  hash: hashes,
  source: urls,
  httpProxy: urls,
  httpsProxy: urls,
  inline: inlines,
  compression: ['', 'gzip', 'xz'],
  format: ['', 'ext4', 'btrfs', 'xfs', 'vfat', 'swap', 'none', 'zfs', 'toString'],
  level: ['', 'linear', 'raid0', '0', 'stripe', 'raid1', '1', 'mirror', 'raid10', 'raid2', '10'],
  guid: ['', '01234567-89AB-CDEF-EDCB-A98765432101', '01234567-89AB-CDEF-EDCB-A98765432101\n', 'x'],
  typeGuid: ['', '01234567-89ab-cdef-edcb-a98765432101', '0'],
}
const integers: readonly (number | bigint)[] = [
  0,
  1,
  2,
  5,
  100,
  -1,
  420,
  493,
  644,
  755,
  1777,
  0o1777,
  0o4755,
  0o7777,
  4096,
  7777,
  9223372036854775807n,
  -9223372036854775808n,
  9007199254740993n,
]
const odd = fc.constantFrom<Json>(null, 'yes', 'true', 1.9, 'x', [], {}, [null], { unknown: 1 })

/**
 * A Butane config with many values that the rules treat differently. Most of these configs are refused, some are not.
 */
export function arbitraryConfig(version: Version): fc.Arbitrary<Json> {
  return structOf(config, version, 0).map((fields) => ({ ...(fields as object), variant: 'flatcar', version }))
}

function structOf(struct: StructKind, version: Version, depth: number): fc.Arbitrary<Json> {
  const fields: Record<string, fc.Arbitrary<Json>> = {}
  for (const { name, yaml, field } of fieldsOf(struct, 'butane', version))
    fields[yaml] = seldomOdd(ofKind(field.of, name, version, depth + 1))
  const needed = ['path', 'name', 'device'].filter((name) => name in fields)
  return fc.record(fields, { requiredKeys: needed }).chain((record) => thinned(record, depth))
}

/** Only a few fields of a struct at a time, because a config with all of them is always refused. */
function thinned(record: { readonly [key: string]: Json }, depth: number): fc.Arbitrary<Json> {
  const keys = Object.keys(record)
  const most = depth < 3 ? 4 : 5
  return fc.subarray(keys, { maxLength: Math.min(most, keys.length) }).map((kept) => {
    const always = keys.filter((key) => ['path', 'name', 'device'].includes(key) && record[key] !== undefined)
    return Object.fromEntries([...new Set([...always, ...kept])].map((key) => [key, record[key] ?? null]))
  })
}

function ofKind(kind: Kind, name: string, version: Version, depth: number): fc.Arbitrary<Json> {
  switch (kind.kind) {
    case 'text':
      return fc.constantFrom(...(pools[name] ?? short))
    case 'integer':
      return fc.constantFrom<Json>(...integers)
    case 'flag':
      return fc.boolean()
    case 'list':
      return fc.array(ofKind(kind.item, name, version, depth), { maxLength: 3, size: 'max' })
    case 'struct':
      return structOf(kind, version, depth)
  }
}

function seldomOdd(value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.oneof({ weight: 80, arbitrary: value }, { weight: 1, arbitrary: odd })
}

/** JSON over several lines, which is also YAML. */
export function yamlOf(value: Json, indent = '\n'): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\u007f', '\\u007f')
  if (typeof value !== 'object' || value === null) return String(value)
  const deeper = `${indent}  `
  const items = Array.isArray(value)
    ? value.map((item: Json) => yamlOf(item, deeper))
    : Object.entries(value).map(([key, item]) => `${key}: ${yamlOf(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0 ? `${open}${close}` : `${open}${deeper}${items.join(`,${deeper}`)}${indent}${close}`
}
