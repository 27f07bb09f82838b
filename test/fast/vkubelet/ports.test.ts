import { describe, expect, test } from 'vitest'
import { containerObject, readSample } from '../../support/vkubelet/sample-pod.ts'
import { SimulatedHost } from '../../support/vkubelet/simulated-host.ts'

const wants = (containerPort: number, more: object = {}) => ({ containerPort, hostPort: containerPort, ...more })
const pod = (name: string, ...ports: readonly object[]) => ({
  metadata: { name },
  spec: { containers: [containerObject({ ports })] },
})

describe('host ports', () => {
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
