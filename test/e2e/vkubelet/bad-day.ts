import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, podOf, unitOf } from '../../support/vkubelet/farm-node.ts'

/** The program is killed, and what is deleted by force. */
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
