import { describe, expect, test } from 'vitest'
import { contentOf, refusals } from '../../../support/vkubelet/resolved-volume.ts'
import type { Json } from '../../../support/vkubelet/sample-pod.ts'

describe('what this Node does not mount is refused:', () => {
  const empty = { name: 'v', emptyDir: {} }
  const mount = (more: Json) => ({ volumeMounts: [{ name: 'v', mountPath: '/data', ...more }] })
  const PLAIN = 'a unit takes paths of letters, digits and ._-+@,=~'
  const HIDES = 'a volume may not hide what the kernel and systemd have there'
  const at = 'spec.containers[0].volumeMounts[0]'

  test.each<[string, Json, Json, string]>([
    [
      'a claim',
      { name: 'v', persistentVolumeClaim: { claimName: 'c' } },
      {},
      'spec.volumes[0].persistentVolumeClaim: this Node attaches no disks: mount it on the host, and allow its path in the inventory',
    ],
    ['a driver', { name: 'v', csi: { driver: 'x' } }, {}, 'spec.volumes[0].csi: this Node runs no drivers of volumes'],
    [
      'a source of a later Kubernetes',
      { name: 'v', magic: {} },
      {},
      'spec.volumes[0].magic: keel does not know this field',
    ],
    [
      'a projection of a later Kubernetes',
      { name: 'v', projected: { sources: [{ clusterTrustBundle: { name: 'x' } }] } },
      {},
      'spec.volumes[0].projected.sources[0]: keel does not know this source',
    ],
    [
      'a device of the host',
      { name: 'v', hostPath: { path: '/dev/sda', type: 'BlockDevice' } },
      {},
      'spec.volumes[0].hostPath.type: keel gives Pods files and folders of the host',
    ],
    [
      'a path of the host that goes up',
      { name: 'v', hostPath: { path: '/srv/../etc' } },
      {},
      `spec.volumes[0].hostPath.path: ${PLAIN}`,
    ],
    [
      'a limit that is none',
      { name: 'v', emptyDir: { sizeLimit: 'much' } },
      {},
      'spec.volumes[0].emptyDir.sizeLimit: this is no quantity',
    ],
    [
      'a file that goes up',
      { name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: 'b/../../c' }] } },
      {},
      'spec.volumes[0].configMap.items[0].path: keel does not understand what is there',
    ],
    [
      'a file from / on',
      { name: 'v', secret: { secretName: 'c', items: [{ key: 'a', path: '/etc/passwd' }] } },
      {},
      'spec.volumes[0].secret.items[0].path: keel does not understand what is there',
    ],
    [
      'a file in the place of keel’s own link',
      { name: 'v', secret: { secretName: 'c', items: [{ key: 'a', path: '..data' }] } },
      {},
      'spec.volumes[0].secret.items[0].path: keel does not understand what is there',
    ],
    [
      'setuid',
      { name: 'v', secret: { secretName: 'c', defaultMode: 0o4755 } },
      {},
      'spec.volumes[0].secret.defaultMode: keel does not understand what is there',
    ],
    [
      'a field nobody knows',
      { name: 'v', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.x' } }] } },
      {},
      'spec.volumes[0].downwardAPI.items[0].fieldRef: keel does not know this field',
    ],
    [
      'a mount of no volume',
      empty,
      { volumeMounts: [{ name: 'w', mountPath: '/data' }] },
      `${at}.name: the Pod has no such volume`,
    ],
    ['a path that a unit reads as two', empty, mount({ mountPath: '/a:/b' }), `${at}.mountPath: ${PLAIN}`],
    ['a path with a line break', empty, mount({ mountPath: '/a\nUser=root' }), `${at}.mountPath: ${PLAIN}`],
    ['a specifier', empty, mount({ mountPath: '/a%n' }), `${at}.mountPath: ${PLAIN}`],
    ['the root', empty, mount({ mountPath: '/' }), `${at}.mountPath: ${PLAIN}`],
    ['the kernel’s files', empty, mount({ mountPath: '/proc/sys' }), `${at}.mountPath: ${HIDES}`],
    ['devices', empty, mount({ mountPath: '/dev' }), `${at}.mountPath: ${HIDES}`],
    ['a part that goes up', empty, mount({ subPath: 'a/../../b' }), `${at}.subPath: ${PLAIN}`],
    ['a part from / on', empty, mount({ subPath: '/a' }), `${at}.subPath: ${PLAIN}`],
    [
      'variables in a part',
      empty,
      mount({ subPathExpr: '$(NAME)' }),
      `${at}.subPathExpr: keel replaces no variables in a subPath`,
    ],
    [
      'mounts that spread',
      empty,
      mount({ mountPropagation: 'Bidirectional' }),
      `${at}.mountPropagation: what a unit mounts stays in it`,
    ],
    [
      'a part of a path of the host',
      { name: 'v', hostPath: { path: '/srv' } },
      mount({ subPath: 'a' }),
      `${at}.subPath: name the path itself in the hostPath`,
    ],
    [
      'a part of what a container writes',
      empty,
      {
        volumeMounts: [
          { name: 'v', mountPath: '/all' },
          { name: 'v', mountPath: '/part', subPath: 'a' },
        ],
      },
      'spec.containers[0].volumeMounts[1].subPath: a container may write the folder that it is in',
    ],
    [
      'two volumes at one path',
      empty,
      {
        volumeMounts: [
          { name: 'v', mountPath: '/a' },
          { name: 'v', mountPath: '/a/' },
        ],
      },
      'spec.containers[0].volumeMounts: two volumes have one path',
    ],
  ])('%s', (_what, volume, container, expected) => {
    expect(refusals({ volumes: [volume] }, container)).toEqual([expected])
  })

  test('two volumes of one name', () => {
    expect(refusals({ volumes: [empty, empty] })).toEqual(['spec.volumes: two volumes have one name'])
  })

  test('parts beside each other, and one that is only read as a whole, are not', () => {
    const volumeMounts = [
      { name: 'v', mountPath: '/a', subPath: 'a' },
      { name: 'v', mountPath: '/b', subPath: 'b/c' },
      { name: 'v', mountPath: '/all', readOnly: true },
      { name: 'v', mountPath: '/dev/shm', subPath: 'd', mountPropagation: 'None' },
    ]
    expect(refusals({ volumes: [empty] }, { volumeMounts })).toBe('pod')
    const content = contentOf({ emptyDir: { sizeLimit: '1Ki' } }, {}, { volumeMounts })
    expect(content).toMatchObject({ kind: 'empty', medium: 'disk', limit: 1024n, folders: ['a', 'b/c', 'd'] })
  })
})
