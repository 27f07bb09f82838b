import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { argumentsOf } from '../../support/docs/on-lab-hosts.ts'
import { commandsUnder } from '../../support/docs/story.ts'
import { inPhase } from '../../support/lab/deploy-until.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { done, killedChange } from './killed-change.ts'

/** Where keel is killed, in `npm run test:long` alone: they wait for minutes. */
const killedTest = test.runIf(process.env.KEEL_TEST_EVERY === 'yes')

/** The text of a host's file, for the kubelet of its distribution. */
export function withoutKubelet(text: string): string {
  return text.replace("kubelet: 'systemd',", '').replace(/systemdKubelet: \{.*?\n {2}\},/s, '')
}

/** agent-1 becomes an agent of k3s, and a systemd node again, and is removed. Its Pods are those of deploy.test.ts. */
export function changeKubeletTests(of: () => LabCluster): void {
  const names = { 'farm-1': ['agent-1'], luna: ['agent-1'] }
  const [planned, deployed] = commandsUnder('docs/virtual-kubelet.md', 'Change the kind of a node').map((command) =>
    argumentsOf(command, names),
  )
  const hostFile = () => join(of().inventory, 'hosts/agent-1/host.ts')
  const agent = () => of().host('agent-1')
  const keel = (words: readonly string[] = [], ...more: readonly string[]) => of().keel.run(...words, ...more)
  const killed = killedChange(of)
  const workload = (kind: 'Deployment' | 'DaemonSet', name: string, container: object, grace = 1) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': 'agent-1' },
          tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: grace,
          containers: [{ name: 'main', ...container }],
        },
      },
    },
  })
  const unit = { image: 'exec:/usr/bin/sleep', args: ['3600'] }
  const box = { image: 'localhost/tiny:1', imagePullPolicy: 'Never', args: ['sleep', '3600'] }
  const rolledOut = (what: string) => of().kubectl('rollout', 'status', what, '--timeout=90s')
  const node = async () => JSON.parse(await of().kubectl('get', 'node', 'agent-1', '-o', 'json'))
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  }
  const web = async () => JSON.parse(await of().kubectl('get', 'pods', '-l', 'app=web', '-o', 'json')).items
  let systemd: string

  describe('a host that changes its kind of kubelet', () => {
    test('keeps its Pods where one of them would be lost for ever, or a budget holds it', async () => {
      await of().apply(workload('DaemonSet', 'clock', unit))
      await of().apply(workload('Deployment', 'web', unit))
      await rolledOut('deployment/web')
      await rolledOut('daemonset/clock')
      systemd = await readFile(hostFile(), 'utf8')
      await writeFile(hostFile(), withoutKubelet(systemd))
      const plan = await keel(planned)
      expect(plan.stdout).toContain('drain Node agent-1')
      expect(plan.exitCode).toBe(0)

      const alone = await keel(deployed, '--yes')
      expect(alone.exitCode).toBe(1)
      expect(alone.stderr).toContain('no controller would make these Pods again elsewhere')
      expect(alone.stderr).toContain('default/tiny')
      await of().kubectl('delete', 'pod', 'tiny', 'again')

      await of().apply(budget)
      const held = await keel(deployed, '--yes', '--patience', '8')
      expect(held.exitCode).toBe(1)
      expect(held.stderr).toMatch(/after 8 s a PodDisruptionBudget keeps default\/web-/)
      expect((await node()).spec.unschedulable).toBeUndefined()
      expect(await agent().sh('systemctl is-active keel-vkubelet')).toBe('active')
    })

    killedTest('keeps its Pods where keel is killed while a budget holds one', async () => {
      const [before] = await web()
      const began = performance.now()
      await killed.afterCordon()
      // the drain has nobody any more to whom it could say what it waits for
      await until('the Node takes Pods again', async () => (await killed.cordoned()) === '')
      console.log(`killed while it drains: uncordoned after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      expect((await web()).map(({ metadata }: { metadata: { uid: string } }) => metadata.uid)).toEqual([
        before.metadata.uid,
      ])
      await killed.isRefused()
    })

    killedTest(
      'takes Pods again if keel was killed, its Node is empty, and the inventory wants no change any more',
      async () => {
        await of().kubectl('delete', 'poddisruptionbudget', 'web')
        const slowly = { preStop: { exec: { command: ['/usr/bin/sleep', '3'] } } }
        await of().apply(workload('Deployment', 'web', { ...unit, lifecycle: slowly }, 6))
        await rolledOut('deployment/web')
        await until('the one before is gone', async () => (await web()).length === 1)
        // kubectl says that it evicts a Pod before it does, and where nobody reads that, it ends: then the Pod stays, as above
        await killed.afterCordon('its Pod has to go', async () =>
          (await web()).some(({ metadata }: { metadata: object }) => 'deletionTimestamp' in metadata),
        )
        await until('its Pod waits for a Node', async () => {
          const pods = await web()
          return pods.length === 1 && pods[0].status.phase === 'Pending'
        })
        expect(await killed.cordoned()).toMatch(/^true[0-9a-f]{16}$/)
        expect(await agent().sh('systemctl is-active keel-vkubelet')).toBe('active')
        await killed.isRefused()

        await writeFile(hostFile(), systemd)
        expect((await of().keel.expect(3, 'plan', 'agent-1', '--exit-code')).stdout).toContain(
          'on server-1: uncordon Node agent-1 (a deploy that was interrupted had cordoned it)',
        )
        await of().keel.expect(0, 'deploy', '--yes')
        expect(await killed.cordoned()).toBe('')
        await rolledOut('deployment/web')
        expect((await of().keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
        await writeFile(hostFile(), withoutKubelet(systemd))
      },
    )

    killedTest('is no Node at all if keel is killed between the two kubelets, and says how to go on', async () => {
      await killed.neverBoth()
      await killed.after(done('leave-kubelet'))
      expect(await agent().sh('systemctl is-active k3s-agent keel-vkubelet || true')).toBe('inactive\ninactive')
      // its object may be there still: keel deletes it in a step of its own, and the next deploy does so, too
      await killed.isRefused()
    })

    test('becomes an agent of k3s then, without a unit of a Pod', async () => {
      await of().kubectl('delete', 'poddisruptionbudget', 'web', '--ignore-not-found')
      await killed.neverBoth()
      const { exitCode, stderr, seconds } = await keel(deployed, '--yes')
      expect(exitCode, stderr).toBe(0)
      console.log(`from units to an agent of k3s: ${seconds.toFixed(1)} s`)
      expect(await of().nodes()).toEqual(['agent-1 Ready', 'server-1 Ready'])
      const { spec, status } = await node()
      expect(status.nodeInfo.containerRuntimeVersion).toMatch(/^containerd:/)
      expect(spec.taints).toBeUndefined()
      expect(
        await agent().sh(
          "systemctl list-units --all --plain --no-legend 'vks*'; getent passwd | grep keel-pod || true",
        ),
      ).toBe('')
      expect(
        await agent().sh(
          'ls -d /run/systemd/system/vks* /run/keel-vkubelet /var/lib/keel-vkubelet 2>/dev/null || true',
        ),
      ).toBe('')
      expect((await of().keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
      await of().kubectl('delete', 'daemonset/clock', 'deployment/web')
      await of().apply(workload('Deployment', 'box', box))
      await of().apply(workload('DaemonSet', 'boxes', box))
      await rolledOut('deployment/box')
      await rolledOut('daemonset/boxes')
    })

    test('becomes a systemd node again, though keel is killed while that starts, without a container or a rule of one', async () => {
      await writeFile(hostFile(), systemd)
      await killed.neverBoth()
      const began = performance.now()
      await killed.after(inPhase('verify', 'agent-1'))
      await of().keel.expect(0, 'deploy', 'agent-1', '--yes')
      console.log(`from an agent of k3s to units, in two: ${((performance.now() - began) / 1000).toFixed(1)} s`)
      const { spec, status } = await node()
      expect(status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
      expect(spec.taints).toContainEqual(expect.objectContaining({ key: 'virtual-kubelet.io/provider' }))
      expect(await agent().sh('grep -lE "/kubepods[./]" /proc/[0-9]*/cgroup 2>/dev/null || true')).toBe('')
      expect(
        await agent().sh("iptables-save | grep -E '(KUBE|CNI)-' || true; ip -brief link show cni0 2>/dev/null || true"),
      ).toBe('')
      expect(await agent().sh('ls /etc/systemd/system | grep k3s || true')).toBe('')
      expect((await of().keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
      await of().kubectl('delete', 'daemonset/boxes', 'deployment/box')
      await of().apply(workload('Deployment', 'web', unit))
      await rolledOut('deployment/web')
    })

    test('is removed as docs/remove-a-node.md has it', async () => {
      for (const command of commandsUnder('docs/remove-a-node.md', 'A systemd node'))
        await of().keel.expect(0, ...argumentsOf(command, names))
      await until('the Node is gone', async () => (await of().nodes()).length === 1)
      const left = await agent().sh(
        "systemctl list-units --all --plain --no-legend --state=active 'vks*' keel-vkubelet.service; ls -d /etc/keel/vkubelet* /usr/local/bin/keel* /var/lib/keel* /run/keel-vkubelet 2>/dev/null || true",
      )
      expect(left).toBe('')
    })
  })
}
