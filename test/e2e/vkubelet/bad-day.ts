import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, NODE, podOf, scriptOf, unitOf } from '../../support/vkubelet/farm-node.ts'

/** The program is killed, Pods take all they can get, and what is deleted by force. */
export function badDayTests(farm: () => FarmNode): void {
  describe('a bad day', () => {
    test('the program is killed: the Pod runs on, and the next start takes it over', async () => {
      await farm().apply(podOf('stays'))
      await farm().waitFor('stays', 'condition=Ready')
      const invocation = () =>
        farm()
          .host()
          .sh(`systemctl show -p InvocationID,MainPID --value '${unitOf('stays')}'`)
      const before = await invocation()
      await farm()
        .host()
        .sh(
          'systemctl kill --signal=SIGKILL vkubelet-test; while systemctl is-active --quiet vkubelet-test; do sleep 0.1; done; systemctl reset-failed vkubelet-test || true',
        )
      expect(await invocation()).toBe(before)
      // deleted while nobody looks
      await farm().apply(podOf('goes'))
      await farm().cluster.kubectl('delete', 'pod', 'goes', '--force', '--grace-period=0')
      await farm().start()
      await farm().apply(podOf('after'))
      await farm().waitFor('after', 'condition=Ready')
      expect(await invocation()).toBe(before)
      expect((await farm().read('stays')).status.containerStatuses[0].restartCount).toBe(0)
    })

    test('no API server for a while: Pods run on, crash and run again, and it is told when it is back', async () => {
      await farm().apply(podOf('calm'), podOf('crashes', { container: scriptOf('sleep 1; exit 3') }))
      await farm().waitFor('calm', 'condition=Ready')
      const invocation = () =>
        farm()
          .host()
          .sh(`systemctl show -p InvocationID --value '${unitOf('calm')}'`)
      const runs = async () =>
        Number(
          await farm()
            .host()
            .sh(`sed -n 's/^Run=//p' '/run/systemd/system/${unitOf('crashes')}'`),
        )
      const calm = await invocation()
      await until('it has crashed', async () => (await runs()) > 0)
      await farm().host().sh('systemctl stop k3s')
      const before = await runs()
      await until('it runs again without the API server', async () => (await runs()) > before)
      await farm().host().sh('systemctl start k3s')
      const restarts = async () =>
        Number(await farm().kubectl("get pod crashes -o 'jsonpath={.status.containerStatuses[0].restartCount}'"))
      await until('it is told', async () => (await restarts()) > before)
      await until('the Node is Ready', async () => (await farm().cluster.nodes()).includes(`${NODE} Ready`))
      await farm().waitFor('calm', 'condition=Ready')
      expect(await invocation()).toBe(calm)
      expect((await farm().read('calm')).status.containerStatuses[0].restartCount).toBe(0)
      await farm().cluster.kubectl('delete', 'pod', 'calm', 'crashes')
    })

    test('a fork bomb and a memory hog without limits stay within those of the Node, and others run on', async () => {
      await farm().apply(podOf('beside'))
      await farm().waitFor('beside', 'condition=Ready')
      const invocation = () =>
        farm()
          .host()
          .sh(`systemctl show -p InvocationID --value '${unitOf('beside')}'`)
      const before = await invocation()
      const never = { restartPolicy: 'Never' }
      await farm().apply(
        podOf('bomb', { container: scriptOf('while :; do sleep 1000 & done') }),
        podOf('hog', { spec: never, container: scriptOf('exec tail /dev/zero') }),
      )
      await farm().waitFor('hog', 'jsonpath={.status.phase}=Failed')
      expect((await farm().read('hog')).status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137 })
      const tasksOf = async (unit: string) =>
        Number(await farm().host().sh(`systemctl show -p TasksCurrent --value '${unit}'`))
      await until('the bomb has all that it gets', async () => (await tasksOf('vks-default.bomb.slice')) >= 190)
      expect(await tasksOf('vks-default.bomb.slice')).toBeLessThanOrEqual(200)
      const limits = await farm().host().sh('systemctl show -p MemoryMax,CPUWeight vks.slice')
      expect(limits.split('\n').toSorted()).toEqual([
        expect.stringMatching(/^CPUWeight=\d+$/),
        `MemoryMax=${384 * 2 ** 20}`,
      ])
      // the kernel's own count, on both kinds of cgroups
      const most = await farm()
        .host()
        .sh(
          'cat /sys/fs/cgroup/memory/vks.slice/memory.max_usage_in_bytes 2>/dev/null || cat /sys/fs/cgroup/vks.slice/memory.peak',
        )
      expect(Number(most)).toBeLessThanOrEqual(384 * 2 ** 20)
      await farm().apply(podOf('after-bomb'))
      await farm().waitFor('after-bomb', 'condition=Ready')
      expect(await invocation()).toBe(before)
      expect(await farm().cluster.nodes()).toContain(`${NODE} Ready`)
      await farm().cluster.kubectl('delete', 'pod', 'bomb', 'hog', 'beside', 'after-bomb')
      await until('the bomb has ended', async () => !((await tasksOf('vks-default.bomb.slice')) > 0))
    })

    test('a Pod that fails on the host says why, keeps no other one from its turn, and runs once it can', async () => {
      // a folder where the file of its unit has to be
      const path = `/run/systemd/system/${unitOf('fails')}`
      await farm().host().sh(`mkdir '${path}'`)
      await farm().apply(podOf('fails'), podOf('works'))
      await farm().waitFor('works', 'condition=Ready')
      const waiting = await until(
        'it says why',
        async () => (await farm().read('fails')).status.containerStatuses?.[0]?.state.waiting?.message,
      )
      expect(waiting).toBe(`the file of ${unitOf('fails')}: EISDIR`)
      const events = await farm().kubectl('get events --field-selector involvedObject.name=fails')
      expect(events).toContain(`error syncing pod: the file of ${unitOf('fails')}: EISDIR`)
      await farm().host().sh(`rmdir '${path}'`)
      await farm().waitFor('fails', 'condition=Ready')
      await farm().cluster.kubectl('delete', 'pod', 'fails', 'works')
    })

    test('a Deployment of this Node rolls out, and a forced delete leaves nothing', async () => {
      const template = podOf('web') as { metadata: object; spec: object }
      const { metadata, spec } = template
      await farm().apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec },
        },
      })
      expect(metadata).toBeDefined()
      await farm().cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')
      expect(
        (await farm().host().sh(`systemctl list-units --plain --no-legend 'vks.default.web-*.service' | wc -l`)).trim(),
      ).toBe('3')
      await farm().cluster.kubectl('delete', 'deployment', 'web', '--wait=false')
      await farm().cluster.kubectl('delete', 'pods', '-l', 'app=web', '--force', '--grace-period=0')
      await until(
        'no unit of it is left',
        async () => (await farm().host().sh(`ls /run/systemd/system | grep -c web || true`)).trim() === '0',
      )
    })
  })
}
