import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { Recipient, SecretName } from '../../../src/model/brands.ts'
import type { Cluster, Host } from '../../../src/model/cluster.ts'
import { ignitionText } from '../../../src/targets/flatcar/butane.ts'
import { generatedFiles } from '../../../src/targets/generated-files.ts'
import { originOf } from '../../../src/templates/generated-text.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const core = (host: string) => ({ user: 'core', host, port: 22 })
const server = sampleHost({
  name: 'ocean',
  os: 'flatcar',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1'],
  address: core('10.0.0.1'),
  firewall: { api: ['203.0.113.0/24'] },
  k3s: { 'datastore-endpoint': { secret: 'database' as SecretName } },
  manifests: [{ name: 'a.yaml', content: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n' }],
})
const agent = sampleHost({
  name: 'maia',
  os: 'flatcar',
  arch: 'arm64',
  address: core('maia.example'),
  firewall: { api: ['0.0.0.0/0', '::/0'] },
  nodeIPs: ['100.64.0.5'],
  network: { interface: 'tailscale0' },
  labels: { 'example.com/tier': 'edge' },
  files: [
    {
      path: '/etc/sysctl.d/90-mine.conf',
      content: 'vm.max_map_count = 262144\n',
      mode: '0644',
      owner: 'root',
      group: 'root',
    },
    { path: '/home/core/note', content: 'no newline at its end', mode: '0600', owner: 'core', group: '500' },
  ],
})
const worker = sampleHost({ name: 'dune', os: 'flatcar', address: core('10.0.0.3'), nodeIPs: ['10.0.0.3'] })
const cluster = sampleCluster([server, agent])
const ofKubeadm = sampleCluster([{ ...server, k3s: {}, os: 'debian' }, worker], {
  distribution: { ...sampleKubeadm, containerd: 'managed' },
})

function filesOf(host: Host, of: Cluster = cluster): Readonly<Record<string, string>> {
  const surroundings = of.distribution.kind === 'kubeadm' ? kubeadmSurroundings : sampleSurroundings
  const files = generatedFiles(of, host, hostStateOf(clusterStateOf(of), host, surroundings))
  return Object.fromEntries(files.map(({ name, text }) => [name, text]))
}

// regenerate with `npx vitest run --project fast -u`, then review the diff like code
describe('what a Flatcar machine is given for its first boot', () => {
  it.each([
    [server, cluster],
    [agent, cluster],
    [worker, ofKubeadm],
  ])('$0.name', async (host, of) => {
    for (const [name, text] of Object.entries(filesOf(host, of)))
      await expect(text).toMatchFileSnapshot(`../../golden/flatcar/${host.name}/${name}`)
  })

  it('holds no secret, no credential, no CA and no program: they come over SSH', () => {
    const text = Object.values(filesOf(server)).join('\n')
    for (const absent of ['BEGIN CERTIFICATE', 'server-ca', '.raw', 'K10']) expect(text).not.toContain(absent)
    const { storage } = parse(filesOf(server)['butane.yaml'] ?? '')
    expect(
      storage.files.map(({ path }: { path: string }) => path).filter((path: string) => path.includes('cred')),
    ).toEqual([])
  })

  it('can start k3s only when its program and its tokens are there', () => {
    const { systemd } = parse(filesOf(server)['butane.yaml'] ?? '')
    const { contents } = systemd.units.find(({ name }: { name: string }) => name === 'k3s.service')
    expect(contents.match(/^ConditionPathExists=.*$/gm)).toEqual([
      'ConditionPathExists=/usr/local/bin/k3s',
      'ConditionPathExists=/etc/credstore.encrypted/k3s-server-token',
      'ConditionPathExists=/etc/credstore.encrypted/k3s-agent-token',
    ])
  })

  it('can join a cluster of kubeadm only when kubeadm is there, and links what its system may link already', () => {
    const { storage, systemd } = parse(filesOf(worker, ofKubeadm)['butane.yaml'] ?? '')
    expect(systemd.units).toEqual([expect.objectContaining({ name: 'keel-kubeadm.service', enabled: true })])
    expect(systemd.units[0].contents.match(/^ConditionPathExists=.*$/gm)).toEqual([
      'ConditionPathExists=/usr/bin/kubeadm',
    ])
    expect(storage.links).toEqual([
      {
        path: '/etc/systemd/system/sysinit.target.wants/systemd-sysext.service',
        target: '/lib/systemd/system/systemd-sysext.service',
        overwrite: true,
      },
    ])
  })

  it('has all that the keel-agent needs but its program, and its unit enabled', () => {
    const host = { ...agent, keelAgent: true }
    const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
    const butane = filesOf(host, sampleCluster([server, host], { keelAgent }))['butane.yaml'] ?? ''
    const { storage, systemd } = parse(butane, { version: '1.1' })
    expect(storage.directories).toContainEqual({ path: '/var/lib/keel/crypto', mode: 0o700 })
    const modes = storage.files.map(({ path, mode }: { path: string; mode: number }) => [path, mode])
    expect(modes).toContainEqual(['/etc/keel/kubeconfig', 0o600])
    expect(systemd.units).toContainEqual(expect.objectContaining({ name: 'keel-agent.service', enabled: true }))
  })

  it('lets in the admins who have an SSH key, and is refused where none has', () => {
    const [ada] = cluster.admins
    if (ada === undefined) throw new Error('no admin')
    const age = { name: 'bob', key: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p' as Recipient }
    const { passwd } = parse(filesOf(server, { ...cluster, admins: [age, ada] })['butane.yaml'] ?? '')
    expect(passwd.users).toEqual([{ name: 'core', ssh_authorized_keys: [`${ada.key} ada`] }])
    expect(() => filesOf(server, { ...cluster, admins: [age] })).toThrow(
      expect.objectContaining({ code: 'no-login', exit: 2 }),
    )
  })

  const oddSpaces = ['\u2028', '\u0085x', 'x\u2029', '\ufeff', '\u00a0', '\ufffe', 'x\uffff', '\u007f', '\u0080']

  it('brings every file as the inventory has it (property)', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const content = lines.join(end)
        const host = { ...agent, files: [{ path: '/etc/x', content, mode: '0640', owner: '7', group: 'core' }] }
        const ignition = JSON.parse(filesOf(host)['config.ign'] ?? '')
        const found = ignition.storage.files.find(({ path }: { path: string }) => path === '/etc/x')
        expect(found).toMatchObject({ mode: 0o640, user: { id: 7 }, group: { name: 'core' } })
        expect(bytesOf(found.contents.source)).toBe(content)
      }),
      { numRuns: 60, examples: oddSpaces.map((odd): [string[], string] => [[odd], '\n']) },
    )
  })

  it('is known as keel’s until somebody edits it', () => {
    const butane = filesOf(agent)['butane.yaml'] ?? ''
    const ignition = generatedFiles(cluster, agent, hostStateOf(clusterStateOf(cluster), agent, sampleSurroundings))[1]
    const beside = (text: string | undefined) => () => text
    expect(originOf(butane)).toBe('generated')
    expect(originOf(butane.replace('0600', '0666'))).toBe('edited')
    expect(originOf('variant: flatcar\nversion: 1.1.0\n')).toBe('foreign')
    expect(ignition?.originOf(ignitionText(butane), beside(butane))).toBe('generated')
    expect(ignition?.originOf(ignitionText(butane).replace('384', '438'), beside(butane))).toBe('edited')
    expect(ignition?.originOf(ignitionText(butane), beside('{'))).toBe('foreign')
    expect(ignition?.originOf(ignitionText(butane), beside(undefined))).toBe('foreign')
  })
})

function bytesOf(dataUrl: string): string {
  const [, base64, body = ''] = /^data:(;base64)?,(.*)$/s.exec(dataUrl) ?? []
  return base64 === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString()
}
