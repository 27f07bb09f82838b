import { setTimeout as sleep } from 'node:timers/promises'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import type { Log } from '../agent/log.ts'
import { registerNode, renewLease, reportNode } from './api/register-node.ts'
import type { NodeFacts } from './node/node-facts.ts'
import { nextReport } from './node/node-lease.ts'
import { nodeConditions, nodeStatus } from './node/node-object.ts'
import { type Left, pressuresOf } from './node/pressures.ts'
import { reasonOf } from './reason-of.ts'
import { timeOf } from './state/container-status.ts'

interface Wanted {
  readonly read: () => Promise<Credentials>
  readonly facts: NodeFacts
  readonly left: () => Promise<Left>
  readonly log: Log
  readonly signal: AbortSignal
}

/** Registers the Node, and says every ten seconds that it is there. Ends by `signal` alone. */
export async function keepNode({ read, facts, left, log, signal }: Wanted): Promise<never> {
  for (let failures = 0; ; ) {
    try {
      const now = Date.now()
      const { uid, conditions: known } = await registerNode(await read(), facts)
      const conditions = nodeConditions(pressuresOf(await left()), undefined)
      await reportNode(await read(), facts.name, nodeStatus(facts, conditions, known, timeOf(now)))
      await renewLease(await read(), facts.name, uid, now)
      failures = 0
    } catch (error) {
      failures += 1
      log.warn(`the Node is not reported: ${reasonOf(error)}`)
    }
    await sleep(nextReport(failures), undefined, { signal })
  }
}
