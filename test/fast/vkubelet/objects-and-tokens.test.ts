import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Credentials } from '../../../src/agent/kubernetes/credentials.ts'
import { ApiObjects } from '../../../src/vkubelet/api/objects.ts'
import { deletePod } from '../../../src/vkubelet/api/report-pod.ts'
import { ApiTokens } from '../../../src/vkubelet/api/tokens.ts'
import { AtMost } from '../../../src/vkubelet/at-most.ts'
import { ObjectsApi } from '../../support/vkubelet/objects-api.ts'
import { samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

const api = new ObjectsApi(UID)
const places = new AtMost(8)
let credentials: Credentials
beforeAll(async () => {
  credentials = await api.listen()
})
afterAll(() => api.close())
beforeEach(() => {
  api.asked.length = 0
  api.bodies.length = 0
  api.isDown = false
  api.lasts = 3_600_000
  api.now = 0
  api.objects.clear()
})

const HOUR = 3_600_000

describe('an object of the API server', () => {
  const ref = { kind: 'configMap', name: 'settings' } as const
  const path = 'GET /api/v1/namespaces/default/configmaps/settings'
  const textsOf = async (objects: ApiObjects, age: number, now: number) =>
    Object.fromEntries((await objects.read(credentials, 'default', ref, age, now))?.texts ?? [])

  test('is read once for all Pods, and again when it is old', async () => {
    const objects = new ApiObjects(places)
    api.objects.set(path, { data: { a: '1' } })
    expect(await Promise.all([1, 2, 3].map(() => textsOf(objects, 1_000, 0)))).toEqual([
      { a: '1' },
      { a: '1' },
      { a: '1' },
    ])
    expect(api.asked).toEqual([path])
    api.objects.set(path, { data: { a: '2' } })
    expect(await textsOf(objects, 1_000, 999)).toEqual({ a: '1' })
    expect(await textsOf(objects, 1_000, 1_000)).toEqual({ a: '2' })
  })

  test('that is gone is gone, and one of a server that does not answer is what it was', async () => {
    const objects = new ApiObjects(places)
    await expect(
      objects.read({ ...credentials, server: new URL('https://127.0.0.1:1') }, 'default', ref, 0, 0),
    ).rejects.toThrow('does not answer')
    api.objects.set(path, { data: { a: '1' } })
    await textsOf(objects, 0, 0)
    api.isDown = true
    expect(await textsOf(objects, 0, 1)).toEqual({ a: '1' })
    api.isDown = false
    api.objects.clear()
    expect(await objects.read(credentials, 'default', ref, 0, 2)).toBeUndefined()
  })

  test('is kept as long as all of them have room, the last ones first', async () => {
    const objects = new ApiObjects(places)
    const large = { data: { a: 'x'.repeat(3_500_000) } }
    const read = (name: string) => objects.read(credentials, 'default', { kind: 'configMap', name }, HOUR, 0)
    const names = Array.from({ length: 12 }, (_, at) => `c${at}`)
    for (const name of names) {
      api.objects.set(`GET /api/v1/namespaces/default/configmaps/${name}`, large)
      await read(name)
      await read('c0')
    }
    expect(api.asked).toHaveLength(12)
    await read('c11')
    await read('c0')
    expect(api.asked).toHaveLength(12)
    await read('c1')
    expect(api.asked).toHaveLength(13)
  })

  test('is forgotten when nobody asks for it', async () => {
    const objects = new ApiObjects(places)
    api.objects.set(path, { data: { a: '1' } })
    await textsOf(objects, HOUR, 0)
    objects.forget(600_001)
    api.isDown = true
    await expect(textsOf(objects, HOUR, 600_002)).rejects.toThrow('503')
  })
})

describe('a token of a service account', () => {
  const pod = samplePod()
  const source = { kind: 'token', seconds: 3607, path: 'token' } as const
  const read = (tokens: ApiTokens, now: number, of = pod) => {
    api.now = now
    return tokens.read(credentials, of, 'v', source, now)
  }

  test.each([
    ['an hour: at 80 % of it', HOUR, 0.8 * HOUR],
    ['a year: after a day', 365 * 24 * HOUR, 24 * HOUR],
  ])('that lives %s, is renewed', async (_what, lasts, at) => {
    const tokens = new ApiTokens(places)
    api.lasts = lasts
    const first = await read(tokens, 0)
    expect(await read(tokens, at - 1)).toBe(first)
    expect(api.asked).toHaveLength(1)
    expect(await read(tokens, at)).not.toBe(first)
    expect(api.asked).toHaveLength(2)
  })

  test('is used until its end while no other one is given, and then not any more', async () => {
    const tokens = new ApiTokens(places)
    const first = await read(tokens, 0)
    api.isDown = true
    expect(await read(tokens, 0.8 * HOUR)).toBe(first)
    // it is asked for again every ten seconds, not at each step
    expect(await read(tokens, 0.8 * HOUR + 9_999)).toBe(first)
    expect(api.asked).toHaveLength(2)
    expect(await read(tokens, HOUR)).toBeUndefined()
    api.isDown = false
    expect(await read(tokens, HOUR + 10_000)).toBeDefined()
  })

  test('that lives no time is not asked for at each step', async () => {
    const tokens = new ApiTokens(places)
    api.lasts = -HOUR
    await read(tokens, HOUR)
    await read(tokens, HOUR + 7_999)
    expect(api.asked).toHaveLength(1)
  })

  test('of a Pod that the API server does not know is none', async () => {
    expect(await read(new ApiTokens(places), 0, { ...pod, uid: 'other' })).toBeUndefined()
  })

  test('is forgotten with its Pod', async () => {
    const tokens = new ApiTokens(places)
    const first = await read(tokens, 0)
    tokens.forget(new Set([UID]))
    expect(await read(tokens, 1)).toBe(first)
    tokens.forget(new Set())
    expect(await read(tokens, 2)).not.toBe(first)
  })
})

test('a Pod is deleted at once, and no other one of its name: the options arrive', async () => {
  api.objects.set('DELETE /api/v1/namespaces/default/pods/uptimed', {})
  await deletePod(credentials, samplePod())
  expect(api.bodies).toMatchObject([{ gracePeriodSeconds: 0, preconditions: { uid: UID } }])
})
