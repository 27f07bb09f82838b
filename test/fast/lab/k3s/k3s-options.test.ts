import { expect, it } from 'vitest'
import { k3sOptions, k3sOptionsFor } from '../../../../src/lab/k3s/k3s-options.ts'

const kubelet = ['fail-cgroupv1=false']

it.each([
  ['a named k3s 1.35 on cgroup v1', 'named', 'v1.35.0+k3s1', 'v1', kubelet],
  ['a later one', 'named', 'v1.36.3+k3s1', 'v1', kubelet],
  ['a release', 'release', 'v1.35.2+k3s1', 'v1', kubelet],
  ['on cgroup v2', 'named', 'v1.36.3+k3s1', 'v2', undefined],
  ['before 1.35, whose kubelet warns only', 'named', 'v1.34.9+k3s1', 'v1', undefined],
  ['the look-alike, which does it by itself', 'lookalike', 'v1.35.0+lookalike', 'v1', undefined],
] as const)('kubelet is told to run on cgroup v1 where it would refuse to: %s', (_, kind, version, cgroups, given) => {
  const { server, agent } = k3sOptionsFor({ kind, version }, cgroups)
  expect([server['kubelet-arg'], agent['kubelet-arg']]).toEqual([given, given])
  expect(server).toMatchObject(k3sOptions.server)
  expect(agent).toMatchObject(k3sOptions.agent)
})
