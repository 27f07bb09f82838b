import { describe, expect, test } from 'vitest'
import { rejections } from '../../../src/vkubelet/reconcile/admission.ts'
import { containerObject, readSample } from '../../support/vkubelet/sample-pod.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

const wants = (containerPort: number, more: object = {}) => ({ containerPort, hostPort: containerPort, ...more })
const pod = (name: string, ...ports: readonly object[]) => ({
  metadata: { name },
  spec: { containers: [containerObject({ ports })] },
})

describe('host ports', () => {
  test('belong to one Pod: another one that wants it has failed, and says whose it is', () => {
    const host = new SimulatedHost()
    host.create('one', pod('one', wants(9100)))
    host.settle()
    host.create('two', pod('two', wants(80), wants(9100)))
    host.settle()
    expect(host.statusOf('two')).toMatchObject({
      phase: 'Failed',
      reason: 'NodePorts',
      message: 'host port 9100/TCP is that of Pod default/one',
    })
    expect(host.running).toEqual(['vks.default.one.uptimed.service'])
    // once it is over, it stays so
    host.delete('one')
    host.settle()
    expect(host.statusOf('two')).toMatchObject({ phase: 'Failed' })
    host.create('three', pod('three', wants(9100)))
    host.settle()
    expect(host.running).toEqual(['vks.default.three.uptimed.service'])
    host.delete('two')
    host.settle()
    expect([...host.pods.keys()]).toEqual(['three'])
  })

  test('are those of the one that runs, whatever the order in which the API server lists them', () => {
    const host = new SimulatedHost()
    host.create('late', pod('late', wants(9100)))
    host.settle()
    host.create('early', pod('early', wants(9100)))
    const { pods, ...world } = host.world()
    expect([...rejections({ ...world, pods: pods.toReversed() }).keys()]).toEqual(['early'])
    host.restart()
    expect([...rejections(host.world()).keys()]).toEqual(['early'])
  })

  test.each([
    ['another protocol', [wants(53)], [wants(53, { protocol: 'UDP' })]],
    ['another port', [wants(80)], [wants(81)]],
    ['ports that only say where the program listens', [{ containerPort: 80 }], [{ containerPort: 80 }]],
    ['hostPort 0, which is none', [wants(80)], [{ containerPort: 80, hostPort: 0 }]],
  ])('%s', (_what, first, second) => {
    const host = new SimulatedHost()
    host.create('one', pod('one', ...first))
    host.create('two', pod('two', ...second))
    host.settle()
    expect(host.running).toHaveLength(2)
  })

  test.each([
    [
      'a port that would have to be mapped',
      { containerPort: 8080, hostPort: 80 },
      'hostPort: a Pod has the ports of the host, and none is mapped: write 8080, or have the program listen on 80',
    ],
    [
      'an address',
      wants(80, { hostIP: '127.0.0.1' }),
      'hostIP: the program itself decides on which addresses of the host it listens',
    ],
    ['a field of tomorrow', wants(80, { portRange: '80-90' }), 'portRange: keel does not know this field'],
  ])('%s is refused', (_what, port, why) => {
    const read = readSample(pod('one', port))
    const refusals = read.kind === 'refused' ? read.refusals : []
    expect(refusals.map((one) => `${one.path}: ${one.why}`)).toEqual([`spec.containers[0].ports[0].${why}`])
  })
})

test('killed after each operation, two Pods that want one port end as one that runs and one that has failed', () => {
  for (let most = 0; most < 12; most += 1) {
    const host = new SimulatedHost()
    host.create('one', pod('one', wants(9100)))
    host.create('two', pod('two', wants(9100)))
    host.step(most)
    host.settle()
    expect(host.running).toEqual(['vks.default.one.uptimed.service'])
    expect(host.statusOf('two')).toMatchObject({ phase: 'Failed', reason: 'NodePorts' })
  }
})
