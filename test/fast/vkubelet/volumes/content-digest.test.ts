import { expect, test } from 'vitest'
import { resolveVolume } from '../../../../src/vkubelet/pod/resolve-volume.ts'
import { facts, lookUp } from '../../../support/vkubelet/resolved-volume.ts'
import { type Json, samplePod } from '../../../support/vkubelet/sample-pod.ts'

test('another content has another digest, and the same content the same', () => {
  const digestOf = (volume: Json) => {
    const pod = samplePod({ spec: { volumes: [{ name: 'v', ...volume }] } })
    const found = resolveVolume(pod, pod.volumes[0] ?? expect.unreachable(), lookUp, facts)
    return found.kind === 'content' ? found.digest : expect.unreachable()
  }
  const some: Json[] = [
    { configMap: { name: 'settings' } },
    { configMap: { name: 'settings', defaultMode: 0o600 } },
    { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
    { configMap: { name: 'settings', items: [{ key: 'a', path: 'b' }] } },
    { emptyDir: {} },
    { emptyDir: { medium: 'Memory' } },
    { emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { hostPath: { path: '/srv/data' } },
    { hostPath: { path: '/srv/data', type: 'DirectoryOrCreate' } },
  ]
  expect(new Set(some.map(digestOf)).size).toBe(some.length)
  expect(some.map(digestOf)).toEqual(some.map(digestOf))
})
