import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readPins } from '../../src/artifacts/pins.ts'
import { documentText } from '../../src/desired/distribution/kubeadm/document-text.ts'
import type { LabOf } from '../../src/lab/description.ts'
import { cgroupVersion } from '../../src/lab/machine/cgroups.ts'
import { kubeadmCas, serviceAccountKey } from '../../src/model/kubeadm/pki.ts'
import { type BootedLab, bootedLab } from '../support/lab/booted-lab.ts'
import { until } from '../support/until.ts'

/**
 * A cluster of kubeadm as a person makes it with what keel gives today: the image of `keel sysext build`, the documents
 * of `keel render --out`, the CAs of the inventory, and kubeadm's own commands, one after the other. The programs are
 * upstream's. The times are those that a deploy of keel's is compared with.
 */
const name = 'e2e-hand'
let booted: BootedLab
let lab: LabOf<'kubeadm'>
const at = (path: string) => join(booted.home, path)
const kubectl = (...args: readonly string[]) =>
  booted
    .host('server-1')
    .sh(`kubectl --kubeconfig /etc/kubernetes/admin.conf ${args.map((arg) => `'${arg}'`).join(' ')}`)
const hosts = ['server-1', 'agent-1'] as const

async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  const began = performance.now()
  const result = await act()
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return result
}

beforeAll(async () => {
  booted = await bootedLab(name, ['--distribution', 'kubeadm'])
  const { described, seconds } = booted
  lab = described.distribution === 'kubeadm' ? described : expect.unreachable(described.distribution)
  console.log(`lab of 2 hosts, with the images of Kubernetes: ${seconds.up.toFixed(1)} s`)
  console.log(`keel init --lab: ${seconds.init.toFixed(1)} s`)
})
afterAll(() => booted?.down())

test('keel makes the image of the lab’s programs, as they are pinned', async () => {
  const { version } = lab.kubernetes
  await timed('keel sysext build', () =>
    booted.keel.expect(0, 'sysext', 'build', 'kubernetes', version, '--out', '../images'),
  )
  const pins = await readPins(at('inventory'))
  for (const program of ['kubelet', 'kubeadm', 'kubectl'])
    expect(pins.artifacts[program]?.[version]?.amd64?.url).toMatch(/^file:\/\/\//)
})

test('each host merges the image, and its kubelet waits for a configuration', async () => {
  const [image = ''] = await readdir(at('images'))
  await timed('image merged on both', () =>
    Promise.all(
      hosts.map(async (one) => {
        await booted.host(one).receive(at(join('images', image)), '/var/lib/extensions/kubernetes.raw')
        // as docs/sysext.md has it
        await booted.host(one).sh(
          `install -d /etc/systemd/system/systemd-sysext.service.d
cat > /etc/systemd/system/systemd-sysext.service.d/10-kubelet.conf
systemctl enable --quiet --now systemd-sysext
systemctl daemon-reload
systemctl enable --quiet kubelet`,
          dropIn,
        )
        expect(await booted.host(one).sh('kubeadm version -o short')).toBe(lab.kubernetes.version)
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
  const text = await readFile(at(`documents/${of}/etc/keel/kubeadm/kubeadm.yaml`), 'utf8')
  const all = parseAllDocuments(text).map((one) => one.toJS())
  const registration = all[0].nodeRegistration
  if (cgroupVersion() === 'v1') registration.ignorePreflightErrors = ['SystemVerification']
  if (token !== undefined) all[0].discovery.bootstrapToken.token = token
  return documentText(all)
}

test('kubeadm init, with the CAs of the inventory in place', async () => {
  await booted.keel.expect(0, 'render', '--out', '../documents')
  const server = booted.host('server-1')
  const place = (path: string, content: string) =>
    server.sh(`install -d -m 700 /etc/kubernetes/pki/etcd && umask 077 && cat > '${path}'`, content)
  for (const { key, certificateFile, path } of kubeadmCas) {
    await place(`${path}.key`, await secret(key))
    await place(`${path}.crt`, await readFile(at(join('inventory', certificateFile)), 'utf8'))
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
    at('.ssh/id_ed25519'),
    at(`inventory/secrets/${of}.age`),
  ])
  return stdout
}

test('with flannel, both nodes are Ready', async () => {
  const server = booted.host('server-1')
  const manifest = await readFile(lab.kubernetes.flannel, 'utf8')
  await timed('flannel: server-1 Ready', async () => {
    await server.sh('kubectl --kubeconfig /etc/kubernetes/admin.conf apply --server-side -f -', manifest)
    await kubectl('wait', '--for=condition=Ready', 'node/server-1', '--timeout=120s')
  })
  const token = await server.sh('kubeadm token create --ttl 5m')
  await timed('kubeadm join', async () => {
    await booted.host('agent-1').sh('cat > /root/kubeadm.yaml', await documents('agent-1', token))
    await booted.host('agent-1').sh('kubeadm join --config /root/kubeadm.yaml 2>&1')
  })
  await timed('agent-1 Ready', async () => {
    // kubeadm join does not wait for the kubelet to make its Node, and a wait for a condition needs one
    await kubectl('wait', '--for=create', 'node/agent-1', '--timeout=120s')
    await kubectl('wait', '--for=condition=Ready', 'node/agent-1', '--timeout=120s')
  })
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
  await booted.host('server-1').sh('kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f -', JSON.stringify(list))
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
  await booted.lab('reboot', 'server-1')
  await timed('server-1 Ready after a reboot', () =>
    until('the API answers, and both nodes are Ready', async () => {
      const nodes = await kubectl('get', 'nodes', '--no-headers').catch(() => '')
      return nodes.split('\n').filter((line) => / Ready /.test(line)).length === 2
    }),
  )
})
