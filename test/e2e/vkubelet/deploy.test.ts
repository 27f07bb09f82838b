import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { edit } from '../../support/edit.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { daemonPackage, testKey, writeRepository } from '../../support/vkubelet/repository.ts'
import { serveRepository } from '../../support/vkubelet/serve-repository.ts'
import { changeKubeletTests, withoutKubelet } from './change-kubelet.ts'

/**
 * keel deploys a host whose Pods are units of systemd, and its packages come from a repository that the test makes and
 * that the host itself serves.
 */
let cluster: LabCluster
const farm = () => cluster.host('agent-1')
const hostFile = () => join(cluster.inventory, 'hosts/agent-1/host.ts')

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vkd', agents: 1 })
  const folder = mkdtempSync(join(tmpdir(), 'keel-repository-'))
  const key = await testKey()
  try {
    await writeRepository(folder, [daemonPackage('tinyd', '1.0'), daemonPackage('tinyd', '2.0')], key)
    await mkdir(join(cluster.inventory, 'keys'))
    await writeFile(join(cluster.inventory, 'keys/packages.asc'), key.armoured)
    await edit(
      hostFile(),
      "role: 'agent',",
      `role: 'agent',
  kubelet: 'systemd',
  labels: { 'example.com/tier': 'edge' },
  systemdKubelet: {
    packages: ['tiny*'],
    programs: ['/usr/bin/sleep'],
    repositories: {
      own: {
        uris: 'http://127.0.0.1:8080',
        suites: './',
        signedBy: 'keys/packages.asc',
        login: { user: 'farm', password: { secret: 'packages-password' } },
      },
    },
  },`,
    )
    await edit(
      join(cluster.inventory, 'secrets.ts'),
      'secrets: {',
      "secrets: {\n    'packages-password': { readers: ['admins', 'agent-1'] },",
    )
    await cluster.keel.set('packages-password', 'hunter-two')
    await cluster.keel.expect(0, 'pin')
    await serveRepository(farm(), folder, '127.0.0.1', 'farm:hunter-two')
  } finally {
    key.remove()
    rmSync(folder, { recursive: true, force: true })
  }
})
afterAll(() => cluster?.down())

describe('a host with the systemd kubelet', () => {
  test('has a note about who can be root there, and is deployed like every other host', async () => {
    const plan = await cluster.keel.expect(0, 'plan')
    expect(plan.stdout).toContain('who may create Pods on Node agent-1 can install as root the packages tiny*')
    await cluster.keel.expect(0, 'deploy', '--yes')
    expect(await cluster.nodes()).toEqual(['agent-1 Ready', 'server-1 Ready'])
    expect(await farm().sh('systemctl is-active keel-vkubelet; ls /etc/systemd/system | grep k3s || true')).toBe(
      'active',
    )
    const node = JSON.parse(await cluster.kubectl('get', 'node', 'agent-1', '-o', 'json'))
    expect(node.metadata.labels['example.com/tier']).toBe('edge')
    expect(node.spec.taints).toContainEqual({
      key: 'virtual-kubelet.io/provider',
      value: 'systemd',
      effect: 'NoSchedule',
    })
    expect(node.status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  })

  test('has no changes afterwards, and its version in the status', async () => {
    const plan = await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(plan.stdout).toContain('No changes')
    const status = JSON.parse((await cluster.keel.expect(0, 'status', '--json')).stdout)
    expect(status.hosts.find(({ host }: { host: string }) => host === 'agent-1')).toMatchObject({
      node: 'ready',
      version: expect.stringMatching(/^v1\.\d+\.\d+$/),
      drift: { kind: 'none' },
    })
  })

  test('gets its changes back, and a new label without the program', async () => {
    await farm().sh(
      "printf '\\n[Service]\\nMemoryMax=1\\n' >> /etc/systemd/system/keel-vkubelet.service; systemctl daemon-reload",
    )
    expect((await cluster.keel.run('plan', '--exit-code')).exitCode).not.toBe(0)
    await edit(hostFile(), "'example.com/tier': 'edge'", "'example.com/tier': 'core'")
    await cluster.keel.expect(0, 'deploy', '--yes')
    expect(
      await cluster.kubectl('get', 'node', 'agent-1', '-o', 'jsonpath={.metadata.labels.example\\.com/tier}'),
    ).toBe('core')
    expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
  })

  test('does not become another kind of node by itself', async () => {
    const whole = await readFile(hostFile(), 'utf8')
    await writeFile(hostFile(), withoutKubelet(whole))
    const { exitCode, stdout, stderr } = await cluster.keel.run('plan')
    await writeFile(hostFile(), whole)
    expect(exitCode).not.toBe(0)
    expect(stdout + stderr).toContain('the units of its Pods would run on without an owner')
  })
})

describe('a package as an image', () => {
  const pod = (name: string, container: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': 'agent-1' },
      tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 2,
      containers: [{ name: 'main', ...container }],
    },
  })
  const read = async (name: string) => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json'))
  const waitingOf = async (name: string) => (await read(name)).status.containerStatuses?.[0]?.state.waiting

  test('is installed, is masked, and runs what its unit runs', async () => {
    await cluster.apply(pod('tiny', { image: 'own/tinyd:1.0' }))
    const began = performance.now()
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/tiny', '--timeout=60s')
    console.log(`with an installation: ${Math.round(performance.now() - began)} ms`)
    expect(await farm().sh('systemctl is-enabled tinyd.service || true; cat /var/lib/tinyd-policy')).toBe('masked\n101')
    expect(await farm().sh('journalctl --no-pager -o cat -t main | grep tinyd')).toContain('tinyd 1.0 -f --quiet')
    const events = await cluster.kubectl('get', 'events', '--field-selector', 'involvedObject.name=tiny')
    expect(events).toContain('Pulled')
    await cluster.apply(pod('again', { image: 'tinyd:1.0', imagePullPolicy: 'IfNotPresent' }))
    const second = performance.now()
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/again', '--timeout=60s')
    console.log(`with the package installed: ${Math.round(performance.now() - second)} ms`)
  })

  test.each([
    ['forbidden', { image: 'bash' }, 'ErrImagePull', 'does not allow the package bash'],
    ['registry', { image: 'docker.io/library/nginx' }, 'InvalidImageName', 'is no package'],
    ['absent', { image: 'tinyx' }, /ErrImagePull|ImagePullBackOff/, 'no repository has a package tinyx'],
    ['never', { image: 'tinyx', imagePullPolicy: 'Never' }, 'ErrImageNeverPull', 'imagePullPolicy is Never'],
    ['other', { image: 'tinyd:2.0' }, 'ErrImagePull', 'another Pod on this host has version 1.0'],
  ])('%s: is refused, with the reason', async (name, container, reason, message) => {
    await cluster.apply(pod(name, container))
    const waiting = await until('it says why', async () => {
      const found = await waitingOf(name)
      return found?.message?.includes(message) === true ? found : undefined
    })
    expect(waiting.reason).toMatch(reason)
    await cluster.kubectl('delete', 'pod', name)
  })

  test('leaves its password nowhere', async () => {
    const found = await farm().sh(
      'grep -rl hunter-two /etc /var/lib /var/log /var/cache /usr/local /run/systemd/system 2>/dev/null || true',
    )
    expect(found).toBe('')
  })
})

changeKubeletTests(() => cluster)
