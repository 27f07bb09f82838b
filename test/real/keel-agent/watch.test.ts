import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchApi } from '../../../src/agent/kubernetes/watch.ts'
import { TestCa } from '../../support/agent/test-ca.ts'

const ca = new TestCa()
const { cert, key } = ca.sign({ subject: '/CN=api', usage: 'serverAuth' })
const server = createServer({ cert, key }, () => undefined)
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => {
  server.closeAllConnections()
  server.close()
  ca.remove()
})

test('attack 6: an API server that never begins its answer to a watch is given up after ten seconds', async () => {
  const { port } = server.address() as AddressInfo
  const credentials = { server: new URL(`https://127.0.0.1:${port}`), ca: Buffer.from(ca.pem.cert), token: 'none' }
  const began = performance.now()
  await expect(watchApi(credentials, '/apis', '1', new AbortController().signal).next()).rejects.toThrow(
    'the API server does not answer',
  )
  expect(performance.now() - began).toBeLessThan(30_000)
})
