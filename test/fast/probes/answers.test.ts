import { expect, it } from 'vitest'
import { sha256 } from '../../../src/model/digest.ts'
import { topLevelKeys } from '../../../src/probes/distribution/config-keys.ts'
import { distributionRun } from '../../../src/probes/distribution/distribution-run.ts'
import { settingsOfWords } from '../../../src/probes/distribution/k3s-settings.ts'
import { certificateId, pastVersion, seenPast } from '../../../src/probes/distribution/seen-past.ts'
import { foreignState } from '../../../src/probes/foreign.ts'
import { credentialNotes } from '../../../src/probes/host/credential-notes.ts'
import { dropIns } from '../../../src/probes/host/drop-ins.ts'
import { generation } from '../../../src/probes/host/generation.ts'
import { hostSystem } from '../../../src/probes/host/host-system.ts'
import { nixosSystem } from '../../../src/probes/host/nixos-system.ts'
import { pathStates } from '../../../src/probes/host/path-states.ts'
import { lines, reads } from '../../support/reads.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

reads('a host’s system', hostSystem.parse, [
  [
    'with all programs',
    'id=debian\nmachine=x86_64\nsystemd=257\n',
    { id: 'debian', machine: 'x86_64', systemd: 257, missing: [] },
  ],
  [
    'without systemd',
    'id=alpine\nmachine=aarch64\nsystemd=\n',
    { id: 'alpine', machine: 'aarch64', systemd: 0, missing: [] },
  ],
  [
    'without some programs, and lines that are no answer',
    'warning\nid=a=b\nmissing=flock\nmissing=systemd-creds\n',
    { id: 'a=b', machine: '', systemd: 0, missing: ['flock', 'systemd-creds'] },
  ],
])

reads('what keel left on a host', generation.parse, [
  ['nothing', '', { owned: [], restartPending: false, unconfirmed: false }],
  [
    'files',
    'owned\t/etc/a\nowned\t/etc/b\nowned\n',
    { owned: ['/etc/a', '/etc/b'], restartPending: false, unconfirmed: false },
  ],
  [
    'a restart that did not happen',
    'pending\nowned\t/etc/a\n',
    { owned: ['/etc/a'], restartPending: true, unconfirmed: false },
  ],
  ['a deploy that did not see k3s healthy', 'unconfirmed\n', { owned: [], restartPending: false, unconfirmed: true }],
])

const stored = 'c'.repeat(64)
const kept = { kind: 'file', mode: '0600', owner: 'root', group: 'root', sha256: stored } as const
const inPaths = {
  '/kept': kept,
  '/changed': { ...kept, sha256: 'd'.repeat(64) },
  '/readable': { ...kept, mode: '0644' },
  '/given': { ...kept, owner: 'mallory' },
  '/link': { kind: 'link', target: '/kept' },
  '/gone': { kind: 'none' },
} as const
reads('the credentials on a host', (text) => credentialNotes.parse(text, inPaths), [
  ['as keel stored it', `a\t/kept\tsource\t${stored}\n`, { a: { kind: 'intact', source: 'source' } }],
  ['without a note of it', 'a\t/kept\t\t\n', { a: { kind: 'damaged' } }],
  ['without its file', `a\t/gone\tsource\t${stored}\nb\t/unasked\t\t\n`, { a: { kind: 'none' }, b: { kind: 'none' } }],
  ...['/changed', '/readable', '/given', '/link'].map(
    (path) => [`${path.slice(1)}`, `a\t${path}\tsource\t${stored}\n`, { a: { kind: 'damaged' } }] as const,
  ),
])

reads('drop-ins', dropIns.parse, [
  ['none', '', []],
  [
    'one a line',
    '/etc/systemd/system/k3s.service.d/a.conf\n/b.conf\n',
    ['/etc/systemd/system/k3s.service.d/a.conf', '/b.conf'],
  ],
])

const digest = 'a'.repeat(64)
reads('what is at paths', pathStates.parse, [
  [
    'of every kind',
    lines(
      `/n\tnone`,
      `/l\tlink\tto`,
      `/d\tdirectory\t755`,
      `/o\tother`,
      `/f\tfile\t640\troot\tadm`,
      `/f\tsha256\t${digest}`,
      `/gone\tfile\t600\troot\troot`,
    ),
    {
      '/n': { kind: 'none' },
      '/l': { kind: 'link', target: 'to' },
      '/d': { kind: 'directory', mode: '0755' },
      '/o': { kind: 'other' },
      '/f': { kind: 'file', mode: '0640', owner: 'root', group: 'adm', sha256: digest },
      '/gone': { kind: 'other' },
    },
  ],
])

reads('a NixOS host’s systems', nixosSystem.parse, [
  ['that keel has not switched', 'current\t/a\nboot\t/b\nchannels\t\n', { current: '/a', boot: '/b', channels: '' }],
  ['without any answer', '', { current: '', boot: '', channels: '' }],
  ['with half a record', 'current\t/a\nsources\tab\nsystem\t/s\n', { current: '/a', boot: '', channels: '' }],
  [
    'without the sources of its record',
    `system\t/s\nmodule\t${base64('{}')}\n`,
    { current: '', boot: '', channels: '' },
  ],
  [
    'with a record of an earlier keel',
    `sources\tab\nsystem\t/s\nmodule\t${base64('{ ü }')}\n`,
    { current: '', boot: '', channels: '', record: { sources: 'ab', system: '/s', module: '{ ü }' } },
  ],
  [
    'with a record, and the channels that were there',
    `channels\t/c\nsources\tab\nsystem\t/s\nbuilt-from\t/was\nmodule\t${base64('{}')}\n`,
    { current: '', boot: '', channels: '/c', record: { sources: 'ab', system: '/s', module: '{}', channels: '/was' } },
  ],
])

reads('k3s’s data on a host', seenPast.parse, [
  ['none', 'agent\tno\n', { server: false, agent: false, noAgentData: true }],
  ['no answer about the node', '', { server: false, agent: false }],
  [
    'of a server',
    'server\tyes\nagent\tyes\nserverCa\tab\nagentCa\tcd\nprogram\tef\n',
    { server: true, agent: true, serverCa: 'ab', agentCa: 'cd' },
  ],
  [
    'of a server whose control plane is in Pods',
    'server\tyes\nagent\tyes\nreached\tv1.36.3\ncontrolPlane\tv1.36.4\n',
    { server: true, agent: true, reached: 'v1.36.3', controlPlane: 'v1.36.4' },
  ],
])

reads('the version of the program that a host has data of', pastVersion.parse, [
  ['as it says', 'version\tv1.36.3+k3s1\n', { version: 'v1.36.3+k3s1' }],
  ['that says nothing', '', {}],
])

it('two copies of a certificate are the same one, whatever their line ends are', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n'
  expect(certificateId(pem)).toBe(sha256('AAAABBBB'))
  expect(certificateId(`\n${pem.replaceAll('\n', '\r\n')}\r\n`)).toBe(sha256('AAAABBBB'))
})

const configured = (text: string) => distributionRun.parse(`file\t${base64(text)}\n`).configured
reads('the settings in a configuration file of k3s', configured, [
  [
    'with commas, and in lists',
    'cluster-cidr: a,b\nnode-ip: [c, "d,e"]\n',
    { 'cluster-cidr': ['a', 'b'], 'node-ip': ['c', 'd', 'e'] },
  ],
  ['that add to others', 'kube-controller-manager-arg+: [a=b]\n', { 'kube-controller-manager-arg': ['a=b'] }],
  [
    'in numbers and switches',
    'cluster-dns: 10\nsecrets-encryption: false\n',
    { 'cluster-dns': ['10'], 'secrets-encryption': ['false'] },
  ],
  ['that are not settled at the first start', 'tls-san: a\n', {}],
  ['whose values are no texts', 'cluster-cidr: { a: b }\nnode-name: [[a]]\n', {}],
  ['that is a list', '- cluster-cidr: a\n', {}],
  ['that is damaged', 'cluster-cidr: a\n\tb', {}],
])

reads('how k3s runs', distributionRun.parse, [
  ['not at all', '', { programIsNewer: false, configured: {} }],
  ['on a datastore that it does not have', 'datastore\tmysql\n', { programIsNewer: false, configured: {} }],
  [
    'with the program on the disk, which is newer',
    'of-program\tyes\nnewer\tyes\ndatastore\tsqlite\n',
    { isProgram: true, programIsNewer: true, datastore: 'sqlite', configured: {} },
  ],
  [
    'the command line before the files',
    lines(
      'version\tv1',
      `file\t${base64('node-name: a\nnode-ip: b')}`,
      'word\t--node-name=c',
      'word\t--secrets-encryption',
    ),
    {
      version: 'v1',
      programIsNewer: false,
      configured: { 'node-name': ['c'], 'node-ip': ['b'], 'secrets-encryption': ['true'] },
    },
  ],
])

it('configuration files that no host needs are not read', () => {
  const of = (length: number) => () => distributionRun.parse(`file\t${'A'.repeat(length)}\n`)
  expect(of(600_001)).toThrow(RangeError)
  expect(distributionRun.parse(`file\t${'A'.repeat(4)}\n`).configured).toEqual({})
})

reads('the words of a command', (text) => settingsOfWords(text.split(' ')), [
  ['a value of its own', 'server --node-name a', { 'node-name': ['a'] }],
  ['a value behind its name', '--node-name=a=b', { 'node-name': ['a=b'] }],
  [
    'a switch before another option',
    '--secrets-encryption -v --node-name a',
    { 'secrets-encryption': ['true'], 'node-name': ['a'] },
  ],
  ['twice', '--node-ip a --node-ip=b,c', { 'node-ip': ['a', 'b', 'c'] }],
  ['something that only looks like one', 'x--node-name=a --Node-name=b', {}],
])

reads('the keys of a file that k3s reads', topLevelKeys, [
  ['an empty file', '', []],
  ['a map', 'a: 1\n"b c": { d: 2 }\n3: x\na: 4\n', ['a', 'b?c', '3', 'a']],
  ['a list', '- a\n', undefined],
  ['no YAML', 'a: [', undefined],
  ['a long key', `${'k'.repeat(70)}: 1\n`, ['k'.repeat(64)]],
])

const nothing = foreignState.parse('')
reads('what is on a host beside keel', foreignState.parse, [
  [
    'nothing',
    '',
    {
      ...{
        units: [],
        starters: [],
        containers: [],
        processes: [],
        ports: [],
        dropIns: [],
        defaults: [],
        environment: [],
      },
      ...{ variables: [], configs: [], files: [] },
    },
  ],
  [
    'units, processes and ports',
    lines(
      'unit\tk3s.service\tactive\tenabled\t/etc/k3s.service\tk3s server\tmulti-user.target  a.timer\ttoken tls-san',
      'process\t12\tk3s\tk3s.service',
      'port\ttcp\t6443\tk3s\t12\tk3s.service',
      'port\tudp\tx\tk3s\t1\t',
    ),
    {
      ...nothing,
      units: [
        {
          ...{
            unit: 'k3s.service',
            active: 'active',
            enabled: 'enabled',
            path: '/etc/k3s.service',
            what: 'k3s server',
          },
          ...{ startedBy: ['multi-user.target', 'a.timer'], flags: ['token', 'tls-san'] },
        },
      ],
      processes: [{ pid: '12', program: 'k3s', unit: 'k3s.service' }],
      ports: [
        { protocol: 'tcp', port: 6443, program: 'k3s', pid: '12', unit: 'k3s.service' },
        { protocol: 'udp', port: 0, program: 'k3s', pid: '1', unit: '' },
      ],
    },
  ],
  [
    'what starts or changes it',
    lines(
      'starter\t/etc/crontab:3\tk3s',
      'container\tkind\tkindest/node\trunning',
      'drop-in\tk3s.service\t/a.conf\tExecStart Environment',
      'default\t/b.conf\tDefaultLimitNOFILE',
      'environment\tK3S_URL K3S_TOKEN',
      'variables\t/etc/default/k3s\tread\tA B',
      'variables\t/etc/sysconfig/k3s\tno\tC',
      'password\t/etc/rancher/node/password\t600 root',
    ),
    {
      ...nothing,
      starters: [{ place: '/etc/crontab:3', what: 'k3s' }],
      containers: [{ name: 'kind', what: 'kindest/node', state: 'running' }],
      dropIns: [{ unit: 'k3s.service', path: '/a.conf', sets: ['ExecStart', 'Environment'] }],
      defaults: [{ path: '/b.conf', sets: ['DefaultLimitNOFILE'] }],
      environment: ['K3S_URL', 'K3S_TOKEN'],
      variables: [
        { path: '/etc/default/k3s', isRead: true, names: ['A', 'B'] },
        { path: '/etc/sysconfig/k3s', isRead: false, names: ['C'] },
      ],
      nodePassword: '600 root',
    },
  ],
  [
    'files that k3s reads',
    lines(
      `config\t/a.yaml\ttext\t${base64('b: c')}`,
      `config\t/large.yaml\tlarge\t${base64('b: c')}`,
      `config\t/long.yaml\ttext\t${base64('b: c').padEnd(22_001, 'A')}`,
      `config\t/list.yaml\ttext\t${base64('- a')}`,
      `file\tregistries\t/r.yaml`,
      `file\tsomething\t/s`,
    ),
    {
      ...nothing,
      configs: [
        { path: '/a.yaml', keys: ['b'] },
        { path: '/large.yaml' },
        { path: '/long.yaml' },
        { path: '/list.yaml' },
      ],
      files: [{ kind: 'registries', path: '/r.yaml' }],
    },
  ],
])
