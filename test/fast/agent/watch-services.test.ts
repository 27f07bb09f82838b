import { afterEach, beforeEach, expect, test } from 'vitest'
import { helperAt } from '../../../src/agent/helper/helper.ts'
import type { ServiceReport } from '../../../src/agent/services/services-report.ts'
import { watchServices } from '../../../src/agent/services/watch-services.ts'
import { HelperStandIn } from '../../support/agent/helper-stand-in.ts'
import { until } from '../../support/until.ts'

let standIn: HelperStandIn
beforeEach(async () => {
  standIn = new HelperStandIn()
  await standIn.listen()
})
afterEach(() => standIn.close())

const never = new AbortController().signal
const state = (unit: string, active = 'active') => `Id=${unit}\nLoadState=loaded\nActiveState=${active}\n`
const told = (services: readonly ServiceReport[] | undefined) =>
  services?.map(({ unit, active }) => `${unit} ${active}`)

test('looks come as they are made, from one process of the helper; one without a change says so', async () => {
  standIn.act = (socket) => socket.write(`${state('k3s.service')}\n${state('a.service')}looked\nlooked\n`)
  const looks = watchServices(helperAt(standIn.paths), never)
  expect(told((await looks.next()).value ?? undefined)).toEqual(['k3s.service active', 'a.service active'])
  expect(await looks.next()).toEqual({ done: false, value: undefined })
  const [socket] = standIn.open
  socket?.write(`${state('k3s.service', 'failed')}loo`)
  socket?.write('ked\nend\tok\n')
  expect(told((await looks.next()).value ?? undefined)).toEqual(['k3s.service failed'])
  expect(await looks.next()).toEqual({ done: true, value: undefined })
  expect(standIn.asked).toEqual(['look watch'])
  await until('the connection is closed', () => standIn.open.size === 0)
})

test.each<[string, HelperStandIn['act'], RegExp]>([
  ['stops', (socket) => socket.end('looked\n'), /stopped in the middle/],
  ['says that it failed', (socket) => socket.end('end\tfailed\n'), /answers: failed/],
  ['never ends a look', (socket) => socket.end('Id=x\n'.repeat(5_000)), /says too much/],
  ['sends a line without end', (socket) => socket.end(`${'x'.repeat(70_000)}\nlooked\n`), /says too much/],
])('attack 6: a helper that %s is left', async (_what, act, reason) => {
  standIn.act = act
  const looks = watchServices(helperAt(standIn.paths), never)
  const all = async () => {
    for await (const _look of looks);
  }
  await expect(all()).rejects.toThrow(reason)
  await until('the connection is closed', () => standIn.open.size === 0)
})

test('who no longer wants them leaves the helper', async () => {
  standIn.act = (socket) => socket.write('looked\n')
  const ending = new AbortController()
  const looks = watchServices(helperAt(standIn.paths), ending.signal)
  await looks.next()
  const next = looks.next()
  ending.abort()
  await expect(next).rejects.toThrow('did not end its answer in time')
  await until('the connection is closed', () => standIn.open.size === 0)
})
