import { Agent } from 'node:https'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { Lease } from '../../../src/agent/approver/lease.ts'
import { ApproverApi } from '../../support/agent/approver-api.ts'
import { samplePolicy } from '../../support/agent/sample-signing-request.ts'
import { TestCa } from '../../support/agent/test-ca.ts'

const ca = new TestCa()
afterAll(() => ca.remove())

let api: ApproverApi
let server: URL
const connections = new Agent({ keepAlive: true })
beforeEach(async () => {
  api = new ApproverApi(ca)
  server = new URL(await api.listen())
})
afterEach(() => api.close())

const leaseOf = (identity: string) =>
  new Lease({
    read: async () => ({ server, ca: Buffer.from(ca.pem.cert), token: api.token, connections }),
    lease: samplePolicy.lease,
    identity,
    duration: 15,
    longest: 2_000,
  })
const methods = () => api.asked.splice(0).map((question) => question.split(' ')[0])

test('its holder renews it with one question, over one connection', async () => {
  const lease = leaseOf('ocean')
  expect(await lease.take(0)).toBe(true)
  expect(methods()).toEqual(['GET', 'POST'])
  const { acquireTime } = api.lease?.spec ?? {}
  for (let time = 2; time < 20; time += 2) expect(await lease.take(time * 1000)).toBe(true)
  expect(new Set(methods())).toEqual(new Set(['PUT']))
  expect(api.lease?.spec).toMatchObject({ holderIdentity: 'ocean', acquireTime, leaseTransitions: 0 })
  expect(api.connections).toBe(1)
})

test('attack 6: one that somebody else has taken is not its own any more', async () => {
  const [ocean, bay] = [leaseOf('ocean'), leaseOf('bay')]
  expect([await ocean.take(0), await bay.take(0)]).toEqual([true, false])
  // ocean was not heard of for the whole duration
  expect(await bay.take(15_000)).toBe(true)
  expect(await ocean.take(15_001)).toBe(false)
  expect(api.lease?.spec).toMatchObject({ holderIdentity: 'bay', leaseTransitions: 1 })
})

test('one that was deleted is made anew, and one that was left is free', async () => {
  const [ocean, bay] = [leaseOf('ocean'), leaseOf('bay')]
  await ocean.take(0)
  api.lease = undefined
  expect(await ocean.take(2_000)).toBe(true)
  await ocean.release()
  expect(await bay.take(2_001)).toBe(true)
  expect(await ocean.take(2_002)).toBe(false)
})

test('after a failure it asks first, because the answer to its update may be what was lost', async () => {
  const lease = leaseOf('ocean')
  await lease.take(0)
  api.mood = '500'
  await expect(lease.take(2_000)).rejects.toThrow('answered 500')
  api.mood = 'well'
  methods()
  expect(await lease.take(4_000)).toBe(true)
  expect(methods()).toEqual(['GET', 'PUT'])
})
