import { expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { secretsIn } from '../../../src/desired/secrets-in.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Json } from '../../../src/model/cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

function credentialsOf(registries: Json): readonly string[] {
  const host = sampleHost({ name: 'maia', registries })
  const state = hostStateOf(clusterStateOf(sampleCluster([host])), host, sampleSurroundings)
  return state.distribution.credentials.map(({ id }) => id)
}

test.each<[string, Json, boolean]>([
  ['a password', { configs: { a: { auth: { password: { secret: 'hub' as SecretName } } } } }, true],
  [
    'a password beside nothing',
    { mirrors: null, configs: { a: { auth: { password: { secret: 'hub' as SecretName } } } } },
    true,
  ],
  ['nothing', { mirrors: { a: null } }, false],
  ['a registry called secret', { mirrors: { secret: { endpoint: ['https://a.example'] } } }, false],
  ['images called secret', { mirrors: { a: { rewrite: { secret: 'all/secret', '^b': 'b' } } } }, false],
])('%s: whether k3s gets its registries as a credential', (_what, registries, isSecret) => {
  expect(credentialsOf(registries).includes('k3s-registries')).toBe(isSecret)
})

test('a credential names each of its secrets once, in their order', () => {
  const [b, a] = ['b', 'a'].map((name) => ({ secret: name as SecretName }))
  expect(secretsIn({ kind: 'yaml', value: { x: b, y: [null, a, { z: b }], n: null, t: 'text' } as Json })).toEqual([
    'b',
    'a',
  ])
  expect(secretsIn({ kind: 'secret', secret: 'c' as SecretName })).toEqual(['c'])
})
