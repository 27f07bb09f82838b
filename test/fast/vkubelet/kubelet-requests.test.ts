import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf } from '../../../src/vkubelet/requests/access.ts'
import { bearerOf } from '../../../src/vkubelet/requests/bearer.ts'
import { kubeletRequest } from '../../../src/vkubelet/requests/kubelet-request.ts'
import { userOf } from '../../../src/vkubelet/requests/user.ts'
import { Remembered } from '../../../src/vkubelet/server/remembered.ts'

const container = { namespace: 'default', pod: 'a.b-c', container: 'main' }

describe('a request to a kubelet', () => {
  test.each<[string, string, object]>([
    ['GET', '/healthz', { kind: 'health' }],
    ['GET', '/pods', { kind: 'pods' }],
    ['GET', '/metrics', { kind: 'metrics' }],
    ['GET', '/metrics/resource', { kind: 'resource-metrics' }],
    ['GET', '/stats/summary?only_cpu_and_memory=true', { kind: 'summary' }],
    ['GET', '/containerLogs/default/a.b-c/main?follow=true', { kind: 'logs', container }],
    ['POST', '/exec/default/a.b-c/main?command=id&output=1', { kind: 'exec', container }],
    ['GET', '/attach/default/a.b-c/main', { kind: 'attach', container }],
    ['POST', '/portForward/default/a.b-c', { kind: 'forward', pod: { namespace: 'default', pod: 'a.b-c' } }],
    ['DELETE', '/pods', { status: 405 }],
    ['POST', '/metrics', { status: 405 }],
    ['GET', '/run/default/a/main', { status: 404 }],
    ['GET', '/logs/', { status: 404 }],
    ['GET', '/containerLogs/default/a/main/more', { status: 404 }],
    ['GET', '/containerLogs//a/main', { status: 404 }],
    ['GET', 'containerLogs/default/a/main', { status: 404 }],
    ['POST', '/exec/default/a', { status: 404 }],
    ['POST', '/exec/default/a/b%2Fc', { status: 404 }],
    ['POST', '/portForward/default/a/main', { status: 404 }],
    ['GET', '/constructor', { status: 404 }],
    ['GET', '/constructor/default/a/main', { status: 404 }],
  ])('%s %s', (method, url, expected) => {
    expect(kubeletRequest(method, url)).toMatchObject(expected)
  })

  test('attack: whatever comes is a request with names, or none', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('exec', 'containerLogs', '..', '.', '%2e', 'a', ''))
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST'), fc.array(part), (method, parts) => {
        const found = kubeletRequest(method, `/${parts.join('/')}`)
        if ('container' in found) expect(Object.values(found.container).join('')).toMatch(/^[a-z0-9.-]+$/)
      }),
    )
  })
})

test.each([
  ['GET', '/metrics/resource', 'get', 'metrics'],
  ['GET', '/metrics?x', 'get', 'metrics'],
  ['GET', '/stats/summary', 'get', 'stats'],
  ['GET', '/metricsx', 'get', 'proxy'],
  ['POST', '/exec/a/b/c', 'create', 'proxy'],
  ['GET', '/exec/a/b/c', 'create', 'proxy'],
  ['GET', '/attach/a/b/c?x', 'create', 'proxy'],
  ['GET', '/portForward/a/b', 'create', 'proxy'],
  ['GET', '/containerLogs/a/b/c', 'get', 'proxy'],
  ['DELETE', '/', 'delete', 'proxy'],
  ['BREW', '/metrics/../exec', 'unknown', 'metrics'],
])('%s %s needs %s on nodes/%s', (method, url, verb, subresource) => {
  expect(accessOf(method, url)).toEqual({ verb, subresource })
})

test('what is allowed by a path is what is answered by it', () => {
  for (const [url, subresource] of [
    ['/metrics/../exec/a/b/c', 'metrics'],
    ['/stats/..//pods', 'stats'],
  ] as const) {
    expect(accessOf('GET', url).subresource).toBe(subresource)
    expect(kubeletRequest('GET', url)).toEqual({ status: 404 })
  }
})

test.each<[object, object | undefined]>([
  [
    { CN: 'ada', O: 'a' },
    { name: 'ada', groups: ['a'] },
  ],
  [
    { CN: 'ada', O: ['a', 'b'] },
    { name: 'ada', groups: ['a', 'b'] },
  ],
  [{ CN: 'ada' }, { name: 'ada', groups: [] }],
  [{ O: 'system:masters' }, undefined],
  [{ CN: '', O: 'system:masters' }, undefined],
  [{ CN: ['ada', 'root'] }, undefined],
])('the user of %j', (subject, expected) => {
  expect(userOf(subject)).toEqual(expected)
})

test.each([
  ['Bearer a.b-c_~+/==', 'a.b-c_~+/=='],
  ['bearer  x', 'x'],
  ['Basic x', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [`Bearer ${'x'.repeat(20_000)}`, undefined],
  [undefined, undefined],
])('the token of %.20s', (header, expected) => {
  expect(bearerOf(header)).toBe(expected)
})

describe('an answer is remembered', () => {
  test('for a time, and asked for once at a time', async () => {
    let now = 0
    let asked = 0
    const known = new Remembered<number>(() => 100)
    const ask = () =>
      known.ask(
        'a',
        async () => ++asked,
        () => now,
      )
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
    now = 99
    expect(await ask()).toBe(1)
    now = 100
    expect(await ask()).toBe(2)
  })

  test('unless it is a failure', async () => {
    const known = new Remembered<number>(() => 100)
    await expect(known.ask('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await known.ask('a', async () => 1)).toBe(1)
  })

  test('attack: many keys take no memory', async () => {
    let asked = 0
    const known = new Remembered<number>(() => 1e9)
    for (let index = 0; index < 2_000; index++) await known.ask(`${index}`, async () => ++asked)
    await known.ask('1999', async () => ++asked)
    expect(asked).toBe(2_000)
    await known.ask('0', async () => ++asked)
    expect(asked).toBe(2_001)
  })
})
