import { describe, expect, it } from 'vitest'
import type { Cluster, Host, K3sValue } from '../../../src/model/cluster.ts'
import { agentApi, apiAt } from '../../../src/model/k3s/api-address.ts'
import { nanoseconds } from '../../../src/model/k3s/flag-kinds/duration.ts'
import { isGoRegexp } from '../../../src/model/k3s/go-regexp.ts'
import { minorOf } from '../../../src/model/k3s/k3s-version.ts'
import { mergeOptions } from '../../../src/model/k3s/merge-options.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

type Options = Readonly<Record<string, K3sValue>>

describe('of k3s’s options a host gets', () => {
  it.each<[string, Options, Options, Options]>([
    ['the cluster’s', { debug: true }, {}, { debug: true }],
    ['its own before the cluster’s', { v: 1 }, { v: 2 }, { v: 2 }],
    [
      'the entries of both lists',
      { disable: ['traefik'] },
      { disable: ['servicelb'] },
      { disable: ['traefik', 'servicelb'] },
    ],
    ['an entry of both lists once', { disable: ['traefik', 'a'] }, { disable: ['a'] }, { disable: ['traefik', 'a'] }],
    [
      'its own entry about what the cluster has one for',
      { 'kubelet-arg': ['max-pods=100', 'v=1'] },
      { 'kubelet-arg': ['max-pods=200'] },
      { 'kubelet-arg': ['v=1', 'max-pods=200'] },
    ],
    ['its own value in place of a list', { 'tls-san': ['a'] }, { 'tls-san': 'b' }, { 'tls-san': 'b' }],
  ])('%s', (_what, cluster, host, merged) => {
    expect(mergeOptions(cluster, host, 'server')).toEqual(merged)
  })

  it('none that only servers know, on an agent', () => {
    expect(mergeOptions({ 'tls-san': ['a'], 'kubelet-arg': ['v=1'] }, { disable: ['b'] }, 'agent')).toEqual({
      'kubelet-arg': ['v=1'],
    })
  })
})

// Go's time.ParseDuration
describe('a duration', () => {
  it.each([
    ['1ns', 1],
    ['2us', 2e3],
    ['2\u00b5s', 2e3],
    ['3ms', 3e6],
    ['1.5s', 1.5e9],
    ['5m0s', 300e9],
    ['1h1m1s', 3661e9],
    ['2562047h', 2_562_047 * 3600e9],
  ])('%s', (text, length) => expect(nanoseconds(text)).toBe(length))

  it.each(['', '5', 's', '5 m', '1d', '-1s', '.5s', '1.s', '1s5', 'x1s', '2562048h', `${'1s'.repeat(33)}`])(
    '%j is none',
    (text) => {
      expect(nanoseconds(text)).toBeUndefined()
    },
  )
})

// regexp/syntax of Go
describe('a regular expression of Go', () => {
  it.each([
    'a|b*',
    '^(?P<name>.+)/(?i:x)$',
    '(?i)a',
    '\\Q(\\E',
    '\\d\\.\\x41\\x{10FFFF}',
    '\\pL\\p{Greek}\\p{^Lu}\\PN\\p{Any}',
    '[[:alpha:]][[:^digit:]]',
    'x{2,1000}',
    '\\-\\/',
  ])('%s', (text) => expect(isGoRegexp(text)).toBe(true))

  it.each([
    ['a group again', '(a)\\1'],
    ['looks ahead', 'a(?=b)'],
    ['looks ahead for nothing', 'a(?!b)'],
    ['looks back', '(?<=a)b'],
    ['looks back for nothing', '(?<!a)b'],
    ['repeats too often', 'x{1001}'],
    ['repeats too often at most', 'x{1,1001}'],
    ['an escape of JavaScript', '\\u0041'],
    ['a control letter', '\\cA'],
    ['a letter that needs no escape', '\\y'],
    ['a hexadecimal number of one digit', '\\x4'],
    ['a class that nobody has', '[[:letter:]]'],
    ['a script that nobody has', '\\p{Klingon}'],
    ['a class in small letters', '\\p{greek}'],
    ['a backslash at its end', 'a\\'],
    ['a group without an end', '(a'],
  ])('%s is none', (_what, text) => expect(isGoRegexp(text)).toBe(false))
})

it.each([
  ['v1.34.4+k3s1', 34],
  ['v1.5', undefined],
  ['v2.34.1', undefined],
  ['xv1.34.4', undefined],
])('the minor of %s is %s', (version, minor) => expect(minorOf(version)).toBe(minor))

describe('a program on a node reaches the API', () => {
  const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['fd00::1'] })
  const maia = sampleHost({ name: 'maia' })
  const without = { ...maia, k3s: { 'disable-apiserver-lb': true } }
  const vip = { vip: { address: '10.0.0.100', manager: 'kube-vip' } } as const
  it.each<[string, Host, Partial<Cluster>, string]>([
    ['on a server at its own API', ocean, vip, 'https://127.0.0.1:6443'],
    ['on an agent at k3s’s load balancer', maia, vip, 'https://127.0.0.1:6444'],
    ['on an agent at another port of it', { ...maia, k3s: { 'lb-server-port': 7000 } }, {}, 'https://127.0.0.1:7000'],
    ['without it at the first server', without, {}, 'https://[fd00::1]:6443'],
    ['without it at the address that moves', without, vip, 'https://10.0.0.100:6443'],
  ])('%s', (_what, host, over, url) => {
    expect(agentApi(sampleCluster([ocean, maia], over), host)).toBe(url)
  })

  it('by an IPv6 address in brackets', () => {
    expect([apiAt('10.0.0.1'), apiAt('ocean.example'), apiAt('fd00::1')]).toEqual([
      'https://10.0.0.1:6443',
      'https://ocean.example:6443',
      'https://[fd00::1]:6443',
    ])
  })
})
