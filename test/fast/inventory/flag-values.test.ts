import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberRanges, textKinds } from '../../../src/model/k3s/flag-kinds/flag-kinds.ts'
import { k3sFlags, ownedFlag } from '../../../src/model/k3s/k3s-flags.ts'
import { checkClusterOptions, checkHostOptions } from '../../../src/model/k3s/k3s-options.ts'

type Row = readonly [flag: string, takes: readonly unknown[], refuses: readonly unknown[]]

const ARGS = [
  ['--max-pods=5'],
  ['-v=2'],
  ['=x'],
  ['max pods=1'],
  [''],
  ['a=1', 'a=2'],
  ['a=1', 'a=1'],
  ['ключ=1'],
  ['a_b=1', 'a-b=2'],
]
const PATHS = ['', 'relative', '/a/../b', '/a//b', '/a/', '/a\nb', '/\u202eb']
const SOCKETS = [...PATHS, 'unix://', 'unix://relative', 'tcp://127.0.0.1:2375', 'http:///run/x.sock']
const NODE_ADDRESSES = [
  '',
  'x',
  '10.0.0',
  '010.0.0.1',
  '0x7f.0.0.1',
  '10.0.0.1:80',
  '[fd00::5]',
  'fe80::1%eth0',
  '::ffff:10.0.0.1',
  '127.0.0.1',
  '0.0.0.0',
  '::1',
  '224.0.0.1',
  '10.0.0.1/24',
  ' 10.0.0.1',
  '１０.0.0.1',
]

/** What a server takes, flag by flag, and what would end k3s or not work though it starts. */
const rows: readonly Row[] = [
  [
    'flannel-backend',
    ['vxlan', 'host-gw', 'wireguard-native', 'tailscale', 'none'],
    ['wireguard', 'ipsec', 'vxlan2', 'VXLAN', '', ' none', 'none '],
  ],
  ['egress-selector-mode', ['agent', 'cluster', 'pod', 'disabled'], ['foo', 'Agent', '']],
  ['secrets-encryption-provider', ['aescbc', 'secretbox'], ['aesgcm', 'identity', 'kms']],
  ['etcd-s3-bucket-lookup-type', ['auto', 'dns', 'path'], ['virtual', '']],
  [
    'disable',
    [
      ['traefik'],
      'traefik',
      'traefik,servicelb',
      ['coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server', 'runtimes'],
      [],
    ],
    [['treafik'], ['traefik', 'traefik'], 'traefik,traefik', [''], ['Traefik'], 'traefik,'],
  ],
  ['advertise-address', ['100.64.0.5', 'fd00::5'], NODE_ADDRESSES],
  [
    'node-external-ip',
    ['192.0.2.1', ['192.0.2.1', '2001:db8::1'], '192.0.2.1,2001:db8::1'],
    [['192.0.2.1', '192.0.2.2'], ...NODE_ADDRESSES],
  ],
  [
    'bind-address',
    ['0.0.0.0', '::', '127.0.0.1', '10.0.0.1'],
    ['', '*', 'localhost', '224.0.0.1', '010.0.0.1', 'fe80::1%eth0'],
  ],
  ['apiserver-bind-address', ['127.0.0.1', '::1'], ['localhost']],
  ['cluster-dns', ['10.43.0.10', ['10.43.0.10', 'fd43::a']], [['10.43.0.10', '10.43.0.11'], 'dns', '10.43.0.10/32']],
  [
    'tls-san',
    [
      ['api.example', '*.example.com', '10.0.0.1', 'fd00::1', 'a_b', 'xn--bcher-kva.example', 'B.example'],
      'api.example,10.0.0.1',
      'a'.repeat(63),
    ],
    [
      ['bücher.example'],
      ['https://api.example'],
      ['api.example:6443'],
      ['[fd00::1]'],
      ['a b'],
      [''],
      ['*'],
      ['a.*.example'],
      ['*a.example'],
      ['*.*.example'],
      ['api.example.'],
      ['.example'],
      ['a..b'],
      ['-a.example'],
      ['a-.example'],
      ['a'.repeat(64)],
      [`${'a.'.repeat(127)}ab`],
      ['fe80::1%eth0'],
      ['fd00::1%25eth0'],
      ['010.0.0.1'],
      ['10.0.0.256'],
      ['10.0.0.1/32'],
      ['::ffff:10.0.0.1'],
      ['0x7f000001'],
      ['user@api.example'],
      ['api.example', 'API.example'],
      ['fd00::1', 'fd00:0::1'],
      ['аpi.example'],
      ['api.example\u200b'],
      ['api\u3002example'],
    ],
  ],
  [
    'service-node-port-range',
    ['30000-32767', '30000', '1-65535', '80-80', '30000+10', '30000+0', '1+65534'],
    [
      '0-70000',
      '0-32767',
      '32767-30000',
      '',
      'a-b',
      '30000-',
      '-30000',
      '30000-32767-1',
      '30000+35536',
      '65536',
      '65535+1',
      '0+10',
      '30000+',
      '+10',
      '30000+-1',
      '30000-+1',
      '30000+010',
      '30000+1+1',
      '1+99999999999999999999',
      '030000-32767',
      '30000 - 32767',
      '1e4-2e4',
      '+1-2',
    ],
  ],
  ['servicelb-namespace', ['kube-system', 'a'], ['', 'Kube', 'a.b', '-a', 'a'.repeat(64), 'a_b']],
  ['write-kubeconfig-group', ['wheel', '100'], ['', 'a b', '-x']],
  [
    'helm-job-image',
    ['rancher/klipper-helm:v0.9', `registry.example:5000/a/b@sha256:${'a'.repeat(64)}`, 'x'],
    ['', 'A/B:1', 'a b', 'https://registry.example/a', 'a:', 'a@sha256:1', '../a', 'a//b'],
  ],
  ['pause-image', ['x', 'rancher/mirrored-pause:3.6'], ['', 'X']],
  [
    'system-default-registry',
    ['registry.example', 'registry.example:5000', 'registry.example/folder', '10.0.0.1:5000', '[fd00::1]:5000'],
    [
      '',
      'https://registry.example',
      'registry.example/',
      'a b',
      'registry.example:0',
      'registry.example:99999',
      'fd00::1',
    ],
  ],
  ['default-local-storage-path', ['/srv/storage'], PATHS],
  ['log', ['/var/log/k3s.log'], PATHS],
  ['resolv-conf', ['/etc/resolv.conf'], PATHS],
  ['vmodule', ['file=2,pattern*=4'], ['', 'file', 'file=x', 'file=2,', '=2']],
  ['v', [0, 10], [-1, 1.5, '2', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]],
  ['advertise-port', [0, 6443, 65_535], [-1, 65_536]],
  ['lb-server-port', [6444], [0, 1, 65_536]],
  ['etcd-snapshot-retention', [0, 5], [-1]],
  ['etcd-snapshot-name', ['etcd-snapshot', 'a.b_c-1'], ['', 'a/b', '../a', 'a b', '-a']],
  [
    'etcd-snapshot-schedule-cron',
    [
      '0 */12 * * *',
      '0 0,12 1-15 jan-jun MON',
      '@daily',
      '@every 5h',
      'TZ=Europe/Vienna 0 5 * * *',
      'CRON_TZ=UTC 0 5 * * ?',
      '0/10 * * * *',
    ],
    [
      '',
      '0 */12 * *',
      '0 0 12 * * *',
      '60 * * * *',
      '* 24 * * *',
      '* * 0 * *',
      '* * * 13 *',
      '* * * * 7',
      '*/0 * * * *',
      '5-1 * * * *',
      'a * * * *',
      '@often',
      '@every',
      '@every 5',
      '1-2-3 * * * *',
      '*/2/2 * * * *',
      ', * * * *',
      ' 0 5 * * *',
    ],
  ],
  [
    'etcd-snapshot-reconcile-interval',
    ['10m0s', '1.5h'],
    ['0s', '10', '-5m', '5 m', '5d', '', '1e3s', '300y', '9999999999999999h'],
  ],
  ['etcd-s3-timeout', ['5m', '100ms', '1h30m'], ['0', '5M', '+5m']],
  [
    'etcd-s3-endpoint',
    ['s3.amazonaws.com', 's3.example:9000', '10.0.0.1:9000'],
    ['https://s3.example', 's3.example/bucket', '', 's3 example', 's3.example:port', 'u:p@s3.example'],
  ],
  ['etcd-s3-bucket', ['snapshots', 'my.bucket-1'], ['', 'ab', 'a'.repeat(64), '-abc', 'a..b', '10.0.0.1', 'a/b']],
  ['etcd-s3-region', ['us-east-1', 'eu-central'], ['', 'a b']],
  ['etcd-s3-folder', ['a', 'a/b'], ['', 'a\nb']],
  [
    'etcd-s3-proxy',
    ['none', 'http://proxy.example:3128'],
    ['proxy.example:3128', 'http://', 'http://u:p@proxy.example', ''],
  ],
  ['etcd-s3-config-secret', ['s3-config'], ['', 'S3', 'a_b', '-a']],
  ['etcd-s3-endpoint-ca', ['/etc/ssl/ca.pem', 'A'.repeat(64), '/etc/a.pem /etc/b.pem'], ['', 'ca.pem']],
  [
    'container-runtime-endpoint',
    ['/run/containerd/containerd.sock', 'unix:///run/containerd/containerd.sock'],
    SOCKETS,
  ],
  ['image-service-endpoint', ['unix:///run/x.sock'], SOCKETS],
  ['default-runtime', ['nvidia', 'runc'], ['', 'a b', '../x']],
  ['snapshotter', ['overlayfs', 'fuse-overlayfs', 'stargz', 'native', 'zfs'], ['', 'over lay', 'a/b']],
  ['airgap-extra-registry', [['registry.example']], [['https://registry.example'], ['']]],
  [
    'node-internal-dns',
    ['a.example', ['a.example', 'b.example']],
    ['', 'A.example', 'a b', '*.example', 'a.example.', ['a.example', 'a.example']],
  ],
  ['node-external-dns', ['a.example'], ['bücher.example']],
  [
    'kubelet-arg',
    ['v=2', ['max-pods=42', 'no-such-flag=1', 'feature-gates=A=true,B=false', 'feature-gates=C=true', 'v']],
    [
      ...ARGS,
      ['node-labels=a=b'],
      ['register-with-taints=a=b:NoSchedule'],
      ['hostname-override=x'],
      ['node-ip=10.0.0.1'],
      ['feature-gates=A'],
      ['feature-gates=A=maybe'],
    ],
  ],
  ['kube-proxy-arg', [['proxy-mode=ipvs']], [...ARGS, ['cluster-cidr=10.0.0.0/8']]],
  [
    'kube-apiserver-arg',
    [
      [
        'audit-log-path=/a b',
        'enable-admission-plugins=A',
        'enable-admission-plugins=B',
        'tls-min-version=VersionTLS13',
      ],
    ],
    [
      ...ARGS,
      ['service-cluster-ip-range=10.0.0.0/8'],
      ['tls-min-version'],
      ['tls-min-version=1.3'],
      ['tls-cipher-suites'],
    ],
  ],
  ['kube-controller-manager-arg', [['node-cidr-mask-size=26']], ARGS],
  ['kube-scheduler-arg', [['v=2']], ARGS],
  ['kube-cloud-controller-manager-arg', [['v=2']], ARGS],
  ['etcd-arg', [['quota-backend-bytes=4294967296']], ARGS],
  ['kube-controller-arg', [['v=2']], ARGS],
  ['kube-cloud-controller-arg', [['v=2']], ARGS],
  ['etcd-snapshot-dir', ['/srv/snapshots'], PATHS],
  ['image-credential-provider-bin-dir', ['/opt/bin'], PATHS],
  ['image-credential-provider-config', ['/etc/x.yaml'], PATHS],
  ['flannel-conf', ['/etc/flannel.json'], PATHS],
  ['flannel-cni-conf', ['/etc/cni.conflist'], PATHS],
  ['vpn-auth-file', ['/etc/vpn'], PATHS],
  ['etcd-s3-retention', [5], [-1]],
]

const problemsOf = (flag: string, value: unknown) => checkClusterOptions({ [flag]: value }, () => undefined).issues

describe.for(rows)('%s', ([flag, takes, refuses]) => {
  test.for(takes.map((value) => ({ value, text: JSON.stringify(value).slice(0, 80) })))('takes $text', ({ value }) => {
    expect(problemsOf(flag, value)).toEqual([])
  })
  test.for(refuses.map((value) => ({ value, text: `${JSON.stringify(value)}`.slice(0, 80) })))(
    'refuses $text',
    ({ value }) => {
      const [first] = problemsOf(flag, value)
      expect(first).toMatchObject({ code: expect.stringMatching(/^k3s-(value|twice)$/), why: expect.any(String) })
      expect(first?.path[0]).toBe(flag)
    },
  )
})

test('every flag that keel leaves to the inventory, and that is no yes or no and no secret, has a kind or a range, and rows here', () => {
  const open = (['server', 'agent'] as const)
    .flatMap((role) => [...k3sFlags[role].values()])
    .filter(({ name }) => ownedFlag(name) === undefined)
  const judged = open.filter(({ type, secret, name }) => type !== 'Bool' && !secret && name !== 'write-kubeconfig-mode')
  const known = new Set(rows.map(([flag]) => flag))
  expect(judged.filter(({ name }) => !known.has(name)).map(({ name }) => name)).toEqual([])
  expect(
    judged.filter(({ type, kind, range }) => type !== 'Duration' && kind === undefined && range === undefined),
  ).toEqual([])
})

test('no kind is for a flag that k3s does not have, or that keel owns', () => {
  const names = [...Object.keys(textKinds), ...Object.keys(numberRanges)]
  expect(
    names.filter((name) => !(k3sFlags.server.has(name) || k3sFlags.agent.has(name)) || ownedFlag(name) !== undefined),
  ).toEqual([])
})

test('what was read is read again as the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.entries(textKinds)), fc.string({ unit: 'binary' }), ([, kind], text) => {
      const once = kind.read(text)
      if (typeof once === 'string') expect(kind.read(once)).toBe(once)
    }),
    { numRuns: 2000 },
  )
})

test('a wrong entry is told by its place in the list, a wrong word with the one that was meant', () => {
  const { issues } = checkClusterOptions(
    { disable: ['traefik', 'servicelp'], 'flannel-backend': 'wireguard' },
    () => undefined,
  )
  expect(issues).toMatchObject([
    { path: ['disable', 1], found: "'disable' contains 'servicelp'", todo: "did you mean 'servicelb'?" },
    {
      path: ['flannel-backend'],
      found: "'flannel-backend' is 'wireguard'",
      why: expect.stringContaining('wireguard-native'),
    },
  ])
})

test('an address has one spelling, whatever was written', () => {
  const { values } = checkHostOptions({ 'tls-san': ['FD00:0::1', 'API.example'] }, () => undefined, 'server')
  expect(values).toEqual({ 'tls-san': ['fd00::1', 'api.example'] })
})
