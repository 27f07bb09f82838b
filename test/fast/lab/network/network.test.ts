import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../../src/errors.ts'
import { conflist } from '../../../../src/lab/network/conflist.ts'
import { chooseNetwork, hostAddresses, hostNetworkScript, switchBatches } from '../../../../src/lab/network/network.ts'

describe('the subnet of a lab', () => {
  test.each([
    { taken: [], found: '10.77.0.0/24', promise: 'the first, where nothing is taken' },
    { taken: ['192.0.2.2/24', '::1/128', 'default/32'], found: '10.77.0.0/24', promise: 'others do not matter' },
    { taken: ['0.0.0.0/0'], found: '10.77.0.0/24', promise: 'a default route takes nothing' },
    { taken: ['10.77.0.1/24'], found: '10.77.1.0/24', promise: "another lab's address" },
    { taken: ['10.77.0.200/32', '10.77.1.0/30'], found: '10.77.2.0/24', promise: 'smaller networks inside' },
    { taken: ['10.77.0.0/20'], found: '10.77.16.0/24', promise: 'a larger network around' },
  ])('$promise: $taken → $found', ({ taken, found }) => {
    expect(chooseNetwork(taken).subnet).toBe(found)
  })

  test('none is left inside somebody else’s 10.0.0.0/8', () => {
    expect(() => chooseNetwork(['10.0.0.0/8'])).toThrow(KeelError)
  })
})

describe('the network of a host', () => {
  const network = chooseNetwork([])
  const hosts = ['server-1', 'agent-1', 'spare-1'].map((name, index) => ({ name, ...hostAddresses(network, index) }))

  test('its script', async () => {
    await expect(hosts.map((host) => hostNetworkScript('demo', network, host, hosts)).join('\n')).toMatchFileSnapshot(
      '../../../golden/lab/network.sh',
    )
  })

  test('the switch', async () => {
    await expect(JSON.stringify(switchBatches('demo', network), null, 2)).toMatchFileSnapshot(
      '../../../golden/lab/switch.json',
    )
  })

  test('its network plug-in gives Pods addresses of its own Pod network', async () => {
    await expect(JSON.stringify(conflist('10.42.2.0/24'), null, 2)).toMatchFileSnapshot(
      '../../../golden/lab/conflist.json',
    )
  })
})
