import { expect, it } from 'vitest'
import type { VipState } from '../../../src/parts/keepalived/vip-state.ts'
import type { ServerStatus } from '../../../src/status/vip-status.ts'
import { describeVip } from '../../../src/ui/describe-vip.ts'

const unit = (active: string) => ({ active, enabled: 'enabled', needsReload: false })
const seen = (server: string, over: Partial<VipState>): ServerStatus => ({
  server,
  kind: 'seen',
  state: {
    missing: [],
    holds: false,
    fit: true,
    reason: 'ready',
    loaded: true,
    changes: [],
    manager: unit('active'),
    health: unit('active'),
    ...over,
  },
})

it('says who has the address, who could take it since when, and why somebody could not', () => {
  const status = {
    address: '10.0.0.100',
    manager: 'keepalived',
    holders: ['a'],
    servers: [
      seen('a', { holds: true, changes: [{ at: 1795272456, what: 'MASTER' }] }),
      seen('b', { fit: false, reason: 'readyz answers 500' }),
      seen('c', { manager: unit('failed') }),
      { server: 'd', kind: 'unknown', fault: { code: 'unreachable', found: 'no answer' } },
    ],
  } as const
  expect(describeVip(status)).toBe(`10.0.0.100 is on a (keepalived)
  a: has it, healthy; MASTER since 2026-11-21T14:47:36Z
  b: not healthy (readyz answers 500)
  c: not healthy (keepalived does not run)
  d: no answer: no answer`)
  expect(describeVip({ ...status, holders: [] })).toContain('10.0.0.100 is on no server (keepalived)')
})
