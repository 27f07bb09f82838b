import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, NODE, podOf, scriptOf, unitOf } from '../../support/vkubelet/farm-node.ts'

/** What Kubernetes' own controllers and its scheduler make of such a Node. */
export function controllerTests(farm: () => FarmNode): void {
  const templateOf = (app: string, container: object, more: object = {}) => {
    const { spec } = podOf(app, { container, spec: more }) as { readonly spec: object }
    return { metadata: { labels: { app } }, spec }
  }
  const runningOf = async (app: string) =>
    (await farm().host().sh(`systemctl list-units --plain --no-legend 'vks.default.${app}-*.service' | wc -l`)).trim()

  describe('a controller', () => {
    test('Job: counts what ends well, tries again what does not, and gives up after its limit', async () => {
      const job = (name: string, script: string, spec: object) => ({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name },
        spec: { template: templateOf(name, scriptOf(script), { restartPolicy: 'Never' }), ...spec },
      })
      await farm().apply(
        job('good', 'echo done', { completions: 3, parallelism: 2 }),
        job('bad', 'exit 7', { backoffLimit: 1 }),
      )
      await farm().kubectl('wait --for=condition=Complete job/good --timeout=60s')
      expect(await farm().kubectl('get job good -o jsonpath={.status.succeeded}')).toBe('3')
      await farm().kubectl('wait --for=condition=Failed job/bad --timeout=90s')
      expect(
        await farm().kubectl(
          'get job bad -o \'jsonpath={.status.failed} {.status.conditions[?(@.type=="Failed")].reason}\'',
        ),
      ).toBe('2 BackoffLimitExceeded')
      const codes = 'jsonpath={.items[*].status.containerStatuses[0].state.terminated.exitCode}'
      expect(await farm().kubectl(`get pods -l app=bad -o '${codes}'`)).toBe('7 7')
      await farm().cluster.kubectl('delete', 'job', 'good', 'bad')
    })

    test('StatefulSet: one after the other by name, and each has its name again after an update', async () => {
      const set = (text: string) => ({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'db' },
        spec: {
          replicas: 2,
          serviceName: 'db',
          selector: { matchLabels: { app: 'db' } },
          template: templateOf('db', {
            ...scriptOf(`echo ${text} $NAME; exec sleep 3600`),
            env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          }),
        },
      })
      await farm().apply(set('first'))
      await farm().kubectl('rollout status statefulset/db --timeout=60s')
      const began = 'jsonpath={range .items[*]}{.metadata.name} {.status.startTime}{"\\n"}{end}'
      const [zero = '', one = ''] = (await farm().kubectl(`get pods -l app=db -o '${began}'`)).split('\n')
      expect([zero.split(' ')[0], one.split(' ')[0]]).toEqual(['db-0', 'db-1'])
      expect(Date.parse(zero.split(' ')[1] ?? '')).toBeLessThanOrEqual(Date.parse(one.split(' ')[1] ?? ''))
      await farm().apply(set('second'))
      await farm().kubectl('rollout status statefulset/db --timeout=60s')
      for (const name of ['db-0', 'db-1']) expect(await farm().kubectl(`logs ${name}`)).toBe(`second ${name}`)
      await farm().kubectl('scale statefulset db --replicas=1')
      await until('db-1 is gone', async () => (await runningOf('db')) === '1')
      await farm().cluster.kubectl('delete', 'statefulset', 'db')
      await until('no unit of it is left', async () => (await runningOf('db')) === '0')
    })
  })

  describe('a host port', () => {
    const ports = [{ containerPort: 9100, hostPort: 9100 }]
    const bound = { nodeName: NODE }

    test('is one Pod’s: the scheduler finds no Node for another until it is gone', async () => {
      await farm().apply(podOf('port-1', { container: { ports } }))
      await farm().waitFor('port-1', 'condition=Ready')
      await farm().apply(podOf('port-2', { container: { ports } }))
      await until('the scheduler says so', async () =>
        (await farm().kubectl('describe pod port-2')).includes("didn't have free ports"),
      )
      expect((await farm().read('port-1')).status.phase).toBe('Running')
      await farm().cluster.kubectl('delete', 'pod', 'port-1')
      await farm().waitFor('port-2', 'condition=Ready')
    })

    // after the other one: when such a Pod has failed, the scheduler forgets that the port is in use (HostPortInfo.Remove)
    test('is not for a Pod that passes the scheduler by: it has failed, and says whose the port is', async () => {
      const mapped = [{ containerPort: 80, hostPort: 9100 }]
      await farm().apply(
        podOf('port-3', { container: { ports }, spec: bound }),
        podOf('port-4', { container: { ports: mapped }, spec: bound }),
      )
      await farm().waitFor('port-3', 'jsonpath={.status.phase}=Failed')
      expect((await farm().read('port-3')).status).toMatchObject({
        reason: 'NodePorts',
        message: 'host port 9100/TCP is that of Pod default/port-2',
      })
      await until('an Event says so', async () =>
        (await farm().kubectl('get events --field-selector involvedObject.name=port-3')).includes('NodePorts'),
      )
      await until('the one with a mapping says why it waits', async () =>
        (await farm().kubectl("get pod port-4 -o 'jsonpath={.status.message}'")).includes(
          'none is mapped: write 80, or',
        ),
      )
      expect((await farm().read('port-2')).status.phase).toBe('Running')
      await farm().cluster.kubectl('delete', 'pod', 'port-2', 'port-3', 'port-4')
    })
  })

  test('kubectl drain ends all Pods of the Node, with their grace, and uncordon lets others in', async () => {
    const goodbye = scriptOf("trap 'sleep 1; echo bye; exit 0' TERM; sleep 3600 & wait")
    await farm().apply(podOf('drained', { container: goodbye }))
    await farm().waitFor('drained', 'condition=Ready')
    const following = farm().kubectl('logs -f drained')
    await farm().kubectl(`drain ${NODE} --ignore-daemonsets --force --timeout=60s`)
    expect(await following).toBe('bye')
    expect(
      (
        await farm()
          .host()
          .sh(`systemctl list-units --all --plain --no-legend '${unitOf('drained')}'`)
      ).trim(),
    ).toBe('')
    await farm().apply(podOf('after'))
    await until('nothing comes to it', async () =>
      (await farm().kubectl('describe pod after')).includes('unschedulable'),
    )
    await farm().kubectl(`uncordon ${NODE}`)
    await farm().waitFor('after', 'condition=Ready')
    await farm().cluster.kubectl('delete', 'pod', 'after')
  })
}
