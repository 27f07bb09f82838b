import { expect, test } from 'vitest'
import { type Around, type Preparations, preparePod } from '../../../src/vkubelet/prepare.ts'
import { Preparing } from '../../../src/vkubelet/preparing.ts'
import { samplePod } from '../../support/vkubelet/sample-pod.ts'

/** All but the objects of the API server. */
const around: Omit<Around, 'objects'> = {
  credentials: { server: new URL('https://127.0.0.1:1'), ca: Buffer.from('') },
  tokens: { read: async () => undefined },
  images: { find: async () => ({ kind: 'ready', program: ['/bin/true'] }) },
  tell: () => undefined,
  mounts: [],
  host: { nodeName: 'ocean', addresses: ['10.0.0.1'], allocatable: { cpu: 1n, memory: 1n } },
  units: new Map(),
}

const pods = ['a', 'b', 'c'].map((uid) => samplePod({ metadata: { uid, name: uid } }))
const found = (uid: string): Preparations => ({
  preparations: new Map([[`${uid}/main`, { kind: 'ready', program: [], variables: new Set<string>() }]]),
  variables: new Map(),
  contents: new Map(),
})
const keysOf = ({ preparations }: Preparations) => [...preparations.keys()]

test('a Pod that fails is told, and the others are prepared', async () => {
  const failed: string[] = []
  const made = await new Preparing(() => undefined).prepare(pods, {
    prepare: async ({ uid }) => (uid === 'b' ? Promise.reject(new Error('no')) : found(uid)),
    failed: ({ uid }) => failed.push(uid),
    patience: 10_000,
  })
  expect([keysOf(made), failed]).toEqual([['a/main', 'c/main'], ['b']])
})

test('a Pod whose answer is slow does not keep others, is not asked twice, and comes later', async () => {
  let changes = 0
  const preparing = new Preparing(() => {
    changes += 1
  })
  const slow = Promise.withResolvers<void>()
  const asked: string[] = []
  const wanted = {
    prepare: async ({ uid }: { readonly uid: string }) => {
      asked.push(uid)
      if (uid === 'b') await slow.promise
      return found(uid)
    },
    failed: () => expect.unreachable(),
    patience: 5,
  }
  expect(keysOf(await preparing.prepare(pods, wanted))).toEqual(['a/main', 'c/main'])
  expect(keysOf(await preparing.prepare(pods, wanted))).toEqual(['a/main', 'c/main'])
  expect([asked.filter((uid) => uid === 'b').length, changes]).toEqual([1, 0])
  slow.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(changes).toBe(1)
  expect(keysOf(await preparing.prepare(pods, wanted)).toSorted()).toEqual(['a/main', 'b/main', 'c/main'])
})

test('the objects of a Pod are read side by side, each of them once', async () => {
  const refs = (kind: 'configMapRef' | 'secretRef') => ['x', 'y'].map((name) => ({ [kind]: { name } }))
  const envFrom = [...refs('configMapRef'), ...refs('secretRef'), ...refs('secretRef')]
  const pod = samplePod({ container: { envFrom } })
  let open = 0
  let mostOpen = 0
  const asked: string[] = []
  const made = await preparePod(pod, {
    ...around,
    objects: {
      read: async (_credentials, _namespace, { kind, name }) => {
        asked.push(`${kind}/${name}`)
        open += 1
        mostOpen = Math.max(mostOpen, open)
        await new Promise((resolve) => setImmediate(resolve))
        open -= 1
        return { texts: new Map([[name, 'value']]), files: new Map() }
      },
    },
  })
  expect([asked.toSorted(), mostOpen]).toEqual([['configMap/x', 'configMap/y', 'secret/x', 'secret/y'], 4])
  expect([...made.preparations.values()]).toMatchObject([{ kind: 'ready', variables: new Set(['x', 'y']) }])
})

test('the volumes of a Pod that are files have one limit together', async () => {
  const volumes = ['a', 'b'].map((name) => ({ name, configMap: { name: 'large' } }))
  const made = await preparePod(samplePod({ spec: { volumes } }), {
    ...around,
    objects: { read: async () => ({ texts: new Map(), files: new Map([['large', Buffer.alloc(9_000_000)]]) }) },
  })
  const message = 'volume b: the volumes of this Pod that are files have more than 16 MiB in memory'
  expect([...made.preparations.values()]).toEqual([{ kind: 'waiting', reason: 'ContainerCreating', message }])
})

test('a Pod that names thousands of large objects is told so, and few of them are read', async () => {
  const envFrom = Array.from({ length: 200 }, (_, at) => ({ configMapRef: { name: `c${at}` } }))
  let asked = 0
  const made = await preparePod(samplePod({ container: { envFrom } }), {
    ...around,
    objects: {
      read: async () => {
        asked += 1
        await new Promise((resolve) => setImmediate(resolve))
        return { texts: new Map(), files: new Map([['large', Buffer.alloc(1_000_000)]]) }
      },
    },
  })
  const message = 'the configMaps and secrets that this Pod names are too large together: more than 16 MiB'
  expect([...made.preparations.values()]).toEqual([{ kind: 'waiting', reason: 'ContainerCreating', message }])
  expect(asked).toBeLessThan(30)
})
