import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { storedObject } from '../../../src/vkubelet/api/objects.ts'
import type { Pod } from '../../../src/vkubelet/pod/pod.ts'
import { isKey, isPathInside } from '../../../src/vkubelet/pod/relative-path.ts'
import type { HostFacts } from '../../../src/vkubelet/pod/resolve-environment.ts'
import { resolveVolume, type VolumeContent, type VolumeLookUp } from '../../../src/vkubelet/pod/resolve-volume.ts'
import { whyNotMounted } from '../../../src/vkubelet/units/allowed-path.ts'
import { containerUnit } from '../../../src/vkubelet/units/container-unit.ts'
import { whyNotMade } from '../../../src/vkubelet/units/mount-point.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { containerObject, readSample, samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

type Json = Readonly<Record<string, unknown>>

const TOO_MUCH = 'volume v: the volumes of this Pod that are files have more than 16 MiB in memory'

const facts: HostFacts = {
  nodeName: 'ocean',
  addresses: ['10.0.0.1'],
  allocatable: { cpu: 4_000_000_000n, memory: 8_000_000_000n * 1_000_000_000n },
}
const objects = new Map<string, ReadonlyMap<string, Buffer>>([
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
const lookUp: VolumeLookUp = {
  filesOf: ({ kind, name }) => objects.get(`${kind}/${name}`),
  tokenOf: ({ audience = 'api' }) => (audience === 'nobody' ? undefined : `token for ${audience}`),
}

/** What a volume of a Pod has: files by path, or the words of a fault. */
const contentOf = (volume: Json, spec: Json = {}, container: Json = {}): VolumeContent | string => {
  const pod = samplePod({
    metadata: { labels: { app: 'uptimed', b: 'two "words"\n' } },
    spec: { volumes: [{ name: 'v', ...volume }], ...spec },
    container,
  })
  const [read = expect.unreachable()] = pod.volumes
  const found = resolveVolume(pod, read, lookUp, facts)
  return found.kind === 'content' ? found.content : found.message
}
const filesOf = (volume: Json, spec: Json = {}, container: Json = {}) => {
  const content = contentOf(volume, spec, container)
  if (typeof content === 'string' || content.kind !== 'files') return content
  return Object.fromEntries(
    [...content.files].map(([path, { bytes, mode }]) => [path, `${mode.toString(8)} ${bytes.toString('latin1')}`]),
  )
}
const refusals = (spec: Json, container: Json = {}) => {
  const read = readSample({ spec, container })
  return read.kind === 'refused' ? read.refusals.map(({ path, why }) => `${path}: ${why}`) : read.kind
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

describe('whose the files are', () => {
  const volume = { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }
  const owned = (spec: Json, container: Json = {}) => {
    const content = contentOf(volume, spec, container)
    if (typeof content === 'string' || content.kind !== 'files') return expect.unreachable()
    const { mode, user } = content.files.get('token') ?? expect.unreachable()
    return { owner: content.owner, mode, user }
  }
  const root = { user: 0, group: 0, isShared: false }

  test('without users: root’s, and a token is for all', () => {
    expect(owned({})).toEqual({ owner: root, mode: 0o644, user: undefined })
  })
  test('of one user: a token is for that user alone', () => {
    expect(owned({ securityContext: { runAsUser: 7 } })).toEqual({ owner: root, mode: 0o600, user: 7 })
  })
  test('of one user with a group: the user’s, because systemd gives nobody the group', () => {
    const owner = { user: 7, group: 9, isShared: true }
    expect(owned({ securityContext: { runAsUser: 7, fsGroup: 9 } })).toEqual({ owner, mode: 0o640, user: undefined })
  })
  test('of two users: a token is for all, and a group is refused', () => {
    const two = [7, 8].map((runAsUser) => containerObject({ name: `c${runAsUser}`, securityContext: { runAsUser } }))
    expect(owned({ containers: two })).toEqual({ owner: root, mode: 0o644, user: undefined })
    expect(refusals({ containers: two, securityContext: { fsGroup: 9 } })).toEqual([
      'spec.securityContext.fsGroup: its containers have different users',
    ])
  })
})

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

describe('a unit', () => {
  const mountsOf = (volumes: readonly Json[], volumeMounts: readonly Json[]) => {
    const pod = samplePod({ spec: { volumes }, container: { volumeMounts } })
    const host = {
      hidden: [],
      mounts: [
        { path: '/srv/data', readOnly: false },
        { path: '/srv/site', readOnly: true },
      ],
      mostTasks: 9,
      mostPods: 110,
    }
    const prepared = { program: ['/bin/true'], variables: new Set<string>() }
    const text = unitText(containerUnit(pod, pod.containers[0] ?? expect.unreachable(), prepared, { run: 0 }, host))
    return text.split('\n').filter((line) => /^Bind(ReadOnly)?Paths=\/(run\/keel-vkubelet|var|srv)\//.test(line))
  }
  const MEMORY = `/run/keel-vkubelet/pods/${UID}/volumes`

  test.each<[string, Json, Json, string]>([
    ['files: never to write', { configMap: { name: 'a' } }, {}, `BindReadOnlyPaths=${MEMORY}/v:/data`],
    [
      'one file',
      { configMap: { name: 'a' } },
      { subPath: 'a.conf', mountPath: '/etc/a.conf' },
      `BindReadOnlyPaths=${MEMORY}/v/a.conf:/etc/a.conf`,
    ],
    ['memory', { emptyDir: { medium: 'Memory' } }, {}, `BindPaths=${MEMORY}/v:/data`],
    ['the disk', { emptyDir: {} }, {}, `BindPaths=/var/lib/keel-vkubelet/pods/${UID}/volumes/v:/data`],
    [
      'the disk to read',
      { emptyDir: {} },
      { readOnly: true },
      `BindReadOnlyPaths=/var/lib/keel-vkubelet/pods/${UID}/volumes/v:/data`,
    ],
    ['a path of the host', { hostPath: { path: '/srv/data' } }, {}, 'BindPaths=/srv/data:/data'],
    ['one that nobody may write', { hostPath: { path: '/srv/site' } }, {}, 'BindReadOnlyPaths=/srv/site:/data'],
    [
      'a path with a slash at its end',
      { emptyDir: { medium: 'Memory' } },
      { mountPath: '/data/' },
      `BindPaths=${MEMORY}/v:/data`,
    ],
  ])('binds %s', (_what, volume, mount, expected) => {
    expect(mountsOf([{ name: 'v', ...volume }], [{ name: 'v', mountPath: '/data', ...mount }])).toEqual([expected])
  })

  test('only a path of the allow-list itself is allowed, and nothing below it', () => {
    const allowed = [{ path: '/srv/data', readOnly: false }]
    expect(
      ['/srv/data', '/srv/data/x', '/srv', '/srv/data/', '/srv/dat'].map((path) => whyNotMounted(path, allowed)),
    ).toEqual([
      undefined,
      'the inventory does not allow /srv/data/x as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv/data/ as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv/dat as a volume: name it in systemdKubelet.hostPaths',
    ])
  })
})

describe('a mount point in a folder that a container can write', () => {
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'settings', configMap: { name: 'a' } },
  ]
  const mounts = (path: string, more: Json = {}) => [
    { name: 'data', mountPath: '/data', ...more },
    { name: 'settings', mountPath: path },
  ]
  const WHY = 'a container that is not root may write the folder that it is in'
  const user = { securityContext: { runAsUser: 7 } }

  test.each<[string, string, Json, Json, unknown]>([
    ['may be a link by then', '/data/x/nologin', user, {}, [`spec.containers[0].volumeMounts[1].mountPath: ${WHY}`]],
    ['is so in /tmp', '/tmp/x', user, {}, [`spec.containers[0].volumeMounts[1].mountPath: ${WHY}`]],
    ['is no folder beside it', '/data2/x', user, {}, 'pod'],
    ['is none that it can only read', '/data/x', user, { readOnly: true }, 'pod'],
    ['is root’s own matter', '/data/x', {}, {}, 'pod'],
    ['may be /tmp itself', '/tmp', user, {}, 'pod'],
  ])('%s: %s', (_what, path, container, more, expected) => {
    expect(refusals({ volumes }, { ...container, volumeMounts: mounts(path, more) })).toEqual(expected)
  })
})

describe('a mount point that the host does not have', () => {
  test.each([
    '/data',
    '/config/app',
    '/srv/x',
    '/mnt/x/y',
    '/opt/app/etc',
    '/var/lib/app',
    '/var/lib/postgresql/15/main',
    '/var/log/app',
    '/etc/app',
    '/etc/app/conf.d/a.conf',
    '/etc/nginx/conf.d/site.conf',
    '/system-update-of-mine',
  ])('is made: %s', (path) => {
    expect(whyNotMade(path)).toBeUndefined()
  })

  test.each([
    '/etc/nologin',
    '/etc/nologin/x',
    '/system-update',
    '/etc/initrd-release',
    '/.dockerenv',
    '/.autorelabel',
    '/forcefsck',
    '/etc/systemd/system/ssh.service',
    '/etc/systemd/system/ssh.service.d',
    '/etc/cron.allow',
    '/etc/cron.d/x',
    '/etc/rc3.d/x',
    '/etc/modprobe.d/x.conf',
    '/etc/app.conf',
    '/etc/ld.so.preload',
    '/usr/local/bin/x',
    '/usr/lib/systemd/system-generators/x',
    '/lib/modules/x',
    '/boot/x',
    '/var/lib/dpkg/info/x.postinst',
    '/var/lib/systemd/linger/x',
    '/var/lib/keel-pods/x',
    '/var/spool/cron/crontabs/root',
  ])('is not: %s', (path) => {
    expect(whyNotMade(path)).toBe(
      `the host has no ${path}, and its system would read what systemd makes there: mount the volume elsewhere`,
    )
  })
})

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

test('no path of a file leaves its volume', () => {
  const part = fc.constantFrom('..', '.', '', 'a', '..a', '...', '\0', '/', 'x'.repeat(256))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const path = parts.join('/')
      if (!isPathInside(path)) return
      expect(new URL(path, 'file:///run/v/').pathname.startsWith('/run/v/')).toBe(true)
      expect(path).not.toMatch(/^\.\.|\0/)
    }),
  )
  expect(['a', 'a.b', '..a', '.', '..', 'a/b', ''].map(isKey)).toEqual([true, true, false, false, false, false, false])
})

test('a hostile answer of the API server has no keys', () => {
  for (const answer of [undefined, 7, [], { data: [] }, { data: { a: 7 } }, { data: 'x' }])
    expect(storedObject('secret', answer).files.size).toBe(0)
})
