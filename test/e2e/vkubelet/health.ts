import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, podOf } from '../../support/vkubelet/farm-node.ts'

/** Probes, hooks and deadlines. */
export function healthTests(farm: () => FarmNode): void {
  describe('the health of a Pod', () => {
    const sh = (script: string) => ({ exec: { command: ['/bin/sh', '-c', script] } })

    test('decides when it is ready, and when it runs again', async () => {
      const script = 'echo well > /run/state; exec sleep 3600'
      const container = {
        command: ['/bin/bash', '-c', script],
        args: [],
        startupProbe: { ...sh('test -e /run/state'), periodSeconds: 1 },
        readinessProbe: { ...sh('test -e /srv/ready'), periodSeconds: 1, failureThreshold: 1 },
        livenessProbe: { ...sh('test ! -e /srv/sick'), periodSeconds: 1, failureThreshold: 2 },
        lifecycle: { postStart: sh('cp /run/state /srv/started'), preStop: sh('cp /run/state /srv/stopped') },
      }
      await farm().apply(podOf('probed', { container }))
      await until(
        'it has started',
        async () => (await farm().read('probed')).status.containerStatuses?.[0]?.started === true,
      )
      expect((await farm().read('probed')).status.containerStatuses[0]).toMatchObject({ ready: false })
      await farm().host().sh('touch /srv/ready')
      await farm().waitFor('probed', 'condition=Ready')
      await farm().host().sh('rm /srv/ready')
      await farm().waitFor('probed', 'condition=Ready=False')
      await farm().host().sh('touch /srv/sick')
      await until(
        'it runs again',
        async () => (await farm().read('probed')).status.containerStatuses[0].restartCount > 0,
      )
      const events = await farm().kubectl('get events --field-selector involvedObject.name=probed')
      expect(events).toContain('Readiness probe failed: the command ended with 1')
      expect(events).toMatch(/Unhealthy .*Liveness probe failed: the command ended with 1/)
      expect(events).toContain('Container main has to end: its liveness probe failed 2 times')
      await farm().host().sh('rm /srv/sick; touch /srv/ready')
      await farm().waitFor('probed', 'condition=Ready')
      await farm().cluster.kubectl('delete', 'pod', 'probed')
      expect(await farm().host().sh('cat /srv/started /srv/stopped')).toBe('well\nwell')
    })

    test('ends with its deadline', async () => {
      await farm().apply(podOf('short', { spec: { activeDeadlineSeconds: 2 } }))
      await farm().waitFor('short', 'jsonpath={.status.phase}=Failed')
      expect((await farm().read('short')).status).toMatchObject({ reason: 'DeadlineExceeded' })
      await farm().cluster.kubectl('delete', 'pod', 'short')
    })
  })
}
