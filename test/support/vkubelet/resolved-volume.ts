import { expect } from 'vitest'
import { storedObject } from '../../../src/vkubelet/api/objects.ts'
import type { HostFacts } from '../../../src/vkubelet/pod/resolve-environment.ts'
import { resolveVolume, type VolumeContent, type VolumeLookUp } from '../../../src/vkubelet/pod/resolve-volume.ts'
import { type Json, readSample, samplePod } from './sample-pod.ts'

export const facts: HostFacts = {
  nodeName: 'ocean',
  addresses: ['10.0.0.1'],
  allocatable: { cpu: 4_000_000_000n, memory: 8_000_000_000n * 1_000_000_000n },
}
/** What the API server has, by kind and name. */
export const objects = new Map<string, ReadonlyMap<string, Buffer>>([
  [
    'configMap/settings',
    storedObject('configMap', { data: { a: '1', 'b.conf': 'zwei' }, binaryData: { raw: '/wA=' } }).files,
  ],
  ['secret/db', storedObject('secret', { data: { password: Buffer.from('pa$$').toString('base64') } }).files],
  ['configMap/kube-root-ca.crt', storedObject('configMap', { data: { 'ca.crt': 'PEM' } }).files],
  [
    'configMap/evil',
    new Map([
      ['../../etc/passwd', Buffer.from('x')],
      ['..data', Buffer.from('x')],
      ['ok', Buffer.from('y')],
    ]),
  ],
])
export const lookUp: VolumeLookUp = {
  filesOf: ({ kind, name }) => objects.get(`${kind}/${name}`),
  tokenOf: ({ audience = 'api' }) => (audience === 'nobody' ? undefined : `token for ${audience}`),
}

/** What a volume of a Pod has: files by path, or the words of a fault. */
export const contentOf = (volume: Json, spec: Json = {}, container: Json = {}): VolumeContent | string => {
  const pod = samplePod({
    metadata: { labels: { app: 'uptimed', b: 'two "words"\n' } },
    spec: { volumes: [{ name: 'v', ...volume }], ...spec },
    container,
  })
  const [read = expect.unreachable()] = pod.volumes
  const found = resolveVolume(pod, read, lookUp, facts)
  return found.kind === 'content' ? found.content : found.message
}

/** What this Node has against a Pod, or `pod`. */
export const refusals = (spec: Json, container: Json = {}) => {
  const read = readSample({ spec, container })
  return read.kind === 'refused' ? read.refusals.map(({ path, why }) => `${path}: ${why}`) : read.kind
}
