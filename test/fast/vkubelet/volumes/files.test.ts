import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../../src/vkubelet/pod/pod.ts'
import { resolveVolume } from '../../../../src/vkubelet/pod/resolve-volume.ts'
import { contentOf, facts, lookUp, objects } from '../../../support/vkubelet/resolved-volume.ts'
import { type Json, samplePod } from '../../../support/vkubelet/sample-pod.ts'

const TOO_MUCH = 'volume v: the volumes of this Pod that are files have more than 16 MiB in memory'

const filesOf = (volume: Json, spec: Json = {}, container: Json = {}) => {
  const content = contentOf(volume, spec, container)
  if (typeof content === 'string' || content.kind !== 'files') return content
  return Object.fromEntries(
    [...content.files].map(([path, { bytes, mode }]) => [path, `${mode.toString(8)} ${bytes.toString('latin1')}`]),
  )
}

describe('the files of', () => {
  test.each<[string, Json, unknown]>([
    [
      'a configMap, also what is no text',
      { configMap: { name: 'settings', defaultMode: 0o644 } },
      { a: '644 1', 'b.conf': '644 zwei', raw: '644 \u00ff\0' },
    ],
    ['a secret', { secret: { secretName: 'db', defaultMode: 0o400 } }, { password: '400 pa$$' }],
    [
      'some keys, in folders and with permissions of their own',
      {
        configMap: {
          name: 'settings',
          items: [
            { key: 'a', path: 'deep/er/a', mode: 0o600 },
            { key: 'b.conf', path: 'b' },
          ],
        },
      },
      { 'deep/er/a': '600 1', b: '644 zwei' },
    ],
    ['an optional object that is not there', { configMap: { name: 'none', optional: true } }, {}],
    [
      'an optional key that is not there',
      { secret: { secretName: 'db', optional: true, items: [{ key: 'none', path: 'x' }] } },
      {},
    ],
    [
      'the downward API',
      {
        downwardAPI: {
          items: [
            { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
            { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
            { path: 'cpu', resourceFieldRef: { containerName: 'uptimed', resource: 'limits.cpu' }, mode: 0o440 },
          ],
        },
      },
      { name: '644 uptimed', labels: '644 app="uptimed"\nb="two \\"words\\"\\n"', cpu: '440 4' },
    ],
    [
      'what Kubernetes adds to every Pod',
      {
        projected: {
          defaultMode: 0o644,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
              },
            },
          ],
        },
      },
      { token: '644 token for api', 'ca.crt': '644 PEM', namespace: '644 default' },
    ],
    [
      'two sources: the later one counts',
      {
        projected: {
          sources: [
            { configMap: { name: 'settings' } },
            { secret: { name: 'db', items: [{ key: 'password', path: 'a' }] } },
          ],
        },
      },
      { a: '644 pa$$', 'b.conf': '644 zwei', raw: '644 \u00ff\0' },
    ],
    [
      'an object whose keys lead elsewhere are only those that do not',
      { configMap: { name: 'evil' } },
      { ok: '644 y' },
    ],
  ])('%s', (_what, volume, expected) => {
    expect(filesOf(volume)).toEqual(expected)
  })

  test.each<[string, Json, string]>([
    ['an object that is not there', { secret: { secretName: 'none' } }, 'volume v: secret none does not exist'],
    [
      'a key that is not there',
      { configMap: { name: 'settings', items: [{ key: 'x', path: 'x' }] } },
      'volume v: configMap settings has no key x',
    ],
    [
      'a token that the API server does not give',
      { projected: { sources: [{ serviceAccountToken: { audience: 'nobody', path: 't' } }] } },
      'volume v: the API server has given no token of the service account',
    ],
    [
      'a file in the place of a folder',
      {
        configMap: {
          name: 'settings',
          items: [
            { key: 'a', path: 'x' },
            { key: 'b.conf', path: 'x/y' },
          ],
        },
      },
      'volume v: a file has the path of a folder: two sources contradict each other',
    ],
  ])('%s are waited for', (_what, volume, message) => {
    expect(filesOf(volume)).toBe(message)
  })

  test('more than memory should hold are waited for', () => {
    const big = new Map([['big', Buffer.alloc(9_000_000)]])
    objects.set('configMap/big', big)
    const items = (path: string) => ({ configMap: { name: 'big', items: [{ key: 'big', path }] } })
    expect(filesOf({ projected: { sources: [items('a'), items('b')] } })).toBe(TOO_MUCH)
    // the later one counts
    expect(filesOf({ projected: { sources: [items('a'), items('a')] } })).not.toBe(TOO_MUCH)
  })

  test('one annotation, said a thousand times, is no gigabyte', () => {
    const said: unknown[] = []
    const annotations = {
      get large() {
        said.push('once more')
        return 'x'.repeat(200_000)
      },
    }
    const pod: Pod = {
      ...samplePod(),
      annotations,
      volumes: [
        {
          kind: 'files',
          name: 'v',
          mode: 0o644,
          sources: [
            {
              kind: 'fields',
              items: Array.from({ length: 1000 }, (_, at) => ({
                path: `${at}`,
                value: { kind: 'field', field: { of: 'annotations', key: 'large' } },
              })),
            },
          ],
        },
      ],
    }
    const [volume = expect.unreachable()] = pod.volumes
    expect(resolveVolume(pod, volume, lookUp, facts)).toEqual({ kind: 'fault', message: TOO_MUCH })
    expect(said.length).toBeLessThan(100)
  })

  test('files without contents take memory, too', () => {
    const keys = Array.from({ length: 5000 }, (_, at) => [`k${at}`, Buffer.alloc(0)] as const)
    objects.set('configMap/many', new Map(keys))
    expect(filesOf({ configMap: { name: 'many' } })).toBe(TOO_MUCH)
  })
})
