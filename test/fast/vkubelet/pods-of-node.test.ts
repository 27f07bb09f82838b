import { expect, test, vi } from 'vitest'
import { PodsOfNode } from '../../../src/vkubelet/api/pods-of-node.ts'
import { PodsApi } from '../../support/vkubelet/pods-api.ts'

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
const object = (index: number) => ({
  metadata: { name: `p${index}`, uid: `uid-${index}`, managedFields: [{ manager: 'kubectl' }] },
  status: {},
})

test('Pods come a page at a time, and without who has changed their fields', async () => {
  const api = new PodsApi()
  for (let index = 0; index < 70; index++) api.pods.set(`p${index}`, object(index))
  const credentials = await api.listen()
  const ending = new AbortController()
  const pods = new PodsOfNode()
  const following = pods.follow({
    read: async () => credentials,
    node: 'ocean',
    log: silent,
    signal: ending.signal,
    changed: () => {},
  })
  try {
    await vi.waitFor(() => expect(pods.objects).toHaveLength(70))
    expect(api.lists).toBe(3)
    expect(pods.objects?.[0]).toEqual({ metadata: { name: 'p0', uid: 'uid-0' }, status: {} })
  } finally {
    ending.abort()
    api.close()
    await expect(following).rejects.toThrow()
  }
})
