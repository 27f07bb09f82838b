import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readPins } from '../../src/artifacts/pins.ts'
import { documentText } from '../../src/desired/distribution/kubeadm/document-text.ts'
import { type LabOf, readLab } from '../../src/lab/description.ts'
import { cgroupVersion } from '../../src/lab/machine/cgroups.ts'
import { kubeadmCas, serviceAccountKey } from '../../src/model/kubeadm/pki.ts'
import { Keel } from '../support/keel/keel.ts'
import { LabHost } from '../support/lab/lab-host.ts'
import { until } from '../support/until.ts'

/**
 * A cluster of kubeadm as a person makes it with what keel gives today: the image of `keel sysext build`, the documents
 * of `keel render --out`, the CAs of the inventory, and kubeadm's own commands, one after the other. The programs are
 * upstream's. The times are those that a deploy of keel's is compared with.
 */
const name = 'e2e-hand'
let home: string
let lab: LabOf<'kubeadm'>
let keel: Keel
const machine = () => new Keel({ cwd: home, env: {} })
const host = (wanted: string) =>
  new LabHost(name, lab.hosts.find((one) => one.name === wanted) ?? expect.unreachable(wanted))
const kubectl = (...args: readonly string[]) =>
  host('server-1').sh(`kubectl --kubeconfig /etc/kubernetes/admin.conf ${args.map((arg) => `'${arg}'`).join(' ')}`)
const hosts = ['server-1', 'agent-1'] as const

async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  const began = performance.now()
  const result = await act()
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return result
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keel-by-hand-'))
  const identity = join(home, '.ssh/id_ed25519')
  await mkdir(join(home, '.ssh'), { mode: 0o700 })
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'admin', '-f', identity])
  await machine().expect(0, 'lab', 'down', '--name', name)
  await timed('lab of 2 hosts, with the images of Kubernetes', () =>
    machine().expect(0, 'lab', 'up', '--name', name, '--distribution', 'kubeadm', '--identity', identity),
  )
  const described = await readLab(name)
  lab = described.distribution === 'kubeadm' ? described : expect.unreachable(described.distribution)
  const inventory = join(home, 'inventory')
  keel = new Keel({ cwd: inventory, env: { HOME: home, SSH_AUTH_SOCK: undefined } })
  await timed('keel init --lab', () => keel.with({ cwd: home }).expect(0, 'init', inventory, '--lab', name, '--yes'))
})
afterAll(async () => {
  await machine().expect(0, 'lab', 'down', '--name', name)
  await rm(home, { recursive: true, force: true })
})

test('keel makes the image of the lab’s programs, as they are pinned', async () => {
  const { version } = lab.kubernetes
  await timed('keel sysext build', () => keel.expect(0, 'sysext', 'build', 'kubernetes', version, '--out', '../images'))
  const pins = await readPins(join(home, 'inventory'))
  for (const program of ['kubelet', 'kubeadm', 'kubectl'])
    expect(pins.artifacts[program]?.[version]?.amd64?.url).toMatch(/^file:\/\/\//)
})

test('each host merges the image, and its kubelet waits for a configuration', async () => {
  const [image = ''] = await readdir(join(home, 'images'))
  await timed('image merged on both', () =>
    Promise.all(
      hosts.map(async (one) => {
        await host(one).receive(join(home, 'images', image), '/var/lib/extensions/kubernetes.raw')
        // as docs/sysext.md has it
        await host(one).sh(
          `install -d /etc/systemd/system/systemd-sysext.service.d
cat > /etc/systemd/system/systemd-sysext.service.d/10-kubelet.conf
systemctl enable --quiet --now systemd-sysext
systemctl daemon-reload
systemctl enable --quiet kubelet`,
          dropIn,
        )
        expect(await host(one).sh('kubeadm version -o short')).toBe(lab.kubernetes.version)
      }),
    ),
  )
})

const dropIn = `[Service]
ExecStartPost=systemctl daemon-reload
ExecStartPost=systemctl start --no-block kubelet.service
`

/** What keel renders for a host, with what a person adds: the token of a join, and cgroup v1 if this machine has it. */
async function documents(of: string, token?: string): Promise<string> {
  const text = await readFile(join(home, 'documents', of, 'kubeadm.yaml'), 'utf8')
  const all = parseAllDocuments(text).map((one) => one.toJS())
  const registration = all[0].nodeRegistration
  if (cgroupVersion() === 'v1') {
    registration.kubeletExtraArgs.push({ name: 'fail-cgroupv1', value: 'false' })
    registration.ignorePreflightErrors = ['SystemVerification']
  }
  if (token !== undefined) all[0].discovery.bootstrapToken.token = token
  return documentText(all)
}

test('kubeadm init, with the CAs of the inventory in place', async () => {
  await keel.expect(0, 'render', '--out', '../documents')
  const server = host('server-1')
  const place = (path: string, content: string) =>
    server.sh(`install -d -m 700 /etc/kubernetes/pki/etcd && umask 077 && cat > '${path}'`, content)
  for (const { key, certificateFile, path } of kubeadmCas) {
    await place(`${path}.key`, await secret(key))
    await place(`${path}.crt`, await readFile(join(home, 'inventory', certificateFile), 'utf8'))
  }
  await place('/etc/kubernetes/pki/sa.key', await secret(serviceAccountKey))
  await server.sh('openssl pkey -in /etc/kubernetes/pki/sa.key -pubout -out /etc/kubernetes/pki/sa.pub')
  await place('/root/kubeadm.yaml', await documents('server-1'))
  const said = await timed('kubeadm init', () => server.sh('kubeadm init --config /root/kubeadm.yaml 2>&1'))
  expect(said).toContain('Using existing ca certificate authority')
})

async function secret(of: string): Promise<string> {
  const { stdout } = await execa('age', [
    '--decrypt',
    '--identity',
    join(home, '.ssh/id_ed25519'),
    join(home, 'inventory/secrets', `${of}.age`),
  ])
  return stdout
}

test('with flannel, both nodes are Ready', async () => {
  const server = host('server-1')
  const manifest = await readFile(lab.kubernetes.flannel, 'utf8')
  await timed('flannel: server-1 Ready', async () => {
    await server.sh('kubectl --kubeconfig /etc/kubernetes/admin.conf apply --server-side -f -', manifest)
    await kubectl('wait', '--for=condition=Ready', 'node/server-1', '--timeout=120s')
  })
  const token = await server.sh('kubeadm token create --ttl 5m')
  await timed('kubeadm join', async () => {
    await host('agent-1').sh('cat > /root/kubeadm.yaml', await documents('agent-1', token))
    await host('agent-1').sh('kubeadm join --config /root/kubeadm.yaml 2>&1')
  })
  await timed('agent-1 Ready', () => kubectl('wait', '--for=condition=Ready', 'node/agent-1', '--timeout=120s'))
  await server.sh(`kubeadm token delete '${token.split('.')[0]}'`)
})

test('every Pod of Kubernetes itself is Ready: kube-proxy, CoreDNS, flannel', async () => {
  await timed('Pods of the system Ready', () =>
    kubectl('wait', '--for=condition=Ready', 'pods', '--all', '--all-namespaces', '--timeout=120s'),
  )
  console.log(await kubectl('get', 'pods', '-A', '-o', 'wide'))
})

const urlOf = (address: string) => `http://${address}:8080/`

test('Pods reach one another across nodes, by address, by Service and by name, and have logs', async () => {
  const pods = hosts.map((one) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `on-${one}`, labels: { on: one } },
    spec: {
      nodeName: one,
      containers: [{ name: 'main', image: 'localhost/tiny:1', imagePullPolicy: 'Never', args: ['serve', ':8080'] }],
    },
  }))
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'far' },
    spec: { selector: { on: 'agent-1' }, ports: [{ port: 8080 }] },
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [...pods, service] }
  await host('server-1').sh('kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f -', JSON.stringify(list))
  await timed('2 Pods Ready', () => kubectl('wait', '--for=condition=Ready', 'pods', '--all', '--timeout=90s'))
  const [address, cluster] = (
    await kubectl(
      'get',
      'pod/on-agent-1',
      'service/far',
      '-o',
      'jsonpath={.items[0].status.podIP} {.items[1].spec.clusterIP}',
    )
  ).split(' ')
  for (const to of [address ?? '', cluster ?? '', 'far.default.svc.cluster.local'])
    await until(`an answer of ${to}`, () =>
      kubectl('exec', 'on-server-1', '--', '/tiny', 'get', urlOf(to)).then(
        (answer) => answer.includes('on-agent-1'),
        () => false,
      ),
    )
  expect(await kubectl('logs', 'on-agent-1')).not.toBe('')
})

test('both nodes are Ready again after a reboot', async () => {
  await machine().expect(0, 'lab', 'reboot', '--name', name, 'server-1')
  await timed('server-1 Ready after a reboot', () =>
    until('the API answers, and both nodes are Ready', async () => {
      const nodes = await kubectl('get', 'nodes', '--no-headers').catch(() => '')
      return nodes.split('\n').filter((line) => / Ready /.test(line)).length === 2
    }),
  )
})
