import type { HostName } from '../../model/brands.ts'
import type { EventRing } from '../events/event-ring.ts'
import type { LastLook } from '../events/last-look.ts'
import type { Helper } from '../helper/helper.ts'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import { readJournal } from '../journal/read-journal.ts'
import type { Places } from '../kubernetes/credentials.ts'
import { readNode } from '../node/read-node.ts'
import { json, refusal } from '../server/answer.ts'
import type { Route } from '../server/route.ts'
import { readServices } from '../services/services.ts'
import { isReadable, isRestartable } from '../services/unit-states.ts'
import type { Accepted } from './accepted.ts'
import { certificates } from './certificates.ts'
import { readDrift } from './drift.ts'
import { readGeneration } from './generation.ts'
import { health } from './health.ts'
import { readKubernetes } from './kubernetes.ts'
import { metricsText } from './metrics-text.ts'
import { readiness } from './readiness.ts'

interface Serves {
  readonly name: HostName
  readonly identity: KeptIdentity
  readonly helper: Helper
  readonly places: Places
  readonly events: EventRing
  /** What the last look at the host has found. */
  readonly look: LastLook
  /** What is in the way of a certificate from Kubernetes. */
  readonly problem: () => string | undefined
}

/** Everything that the agent serves. */
export function routes(serves: Serves): readonly Route[] {
  return [...ofAgent(serves), ...ofHost(serves), ...forOperators(serves)]
}

function get(path: string, answer: Route['answer'], query?: Route['query']): Route {
  return { method: 'GET', path, role: 'viewer', answer, ...(query === undefined ? {} : { query }) }
}

function ofAgent({ identity, problem, events }: Serves): readonly Route[] {
  return [
    get('/v1/health', () => json(health)),
    get('/v1/ready', () => {
      const found = readiness(identity.current(), problem())
      return json(found, found.ready ? 200 : 503)
    }),
    get('/v1/certificates', () => json(certificates(identity.current()))),
    get(
      '/v1/events',
      ({ query: { since = 0, follow } }) => ({ lines: (signal) => events.read(since, follow, signal) }),
      ['since', 'follow'],
    ),
  ]
}

function ofHost({ name, identity, helper, places, events, look }: Serves): readonly Route[] {
  return [
    get('/v1/node', async () => json(await readNode(name))),
    get('/v1/services', async () => json(await readServices(helper))),
    get(
      '/v1/services/UNIT/journal',
      ({ unit, query }) =>
        isReadable(unit) ? { lines: (signal) => readJournal(helper, unit, query, signal) } : refusal('unit-unknown'),
      ['since', 'lines', 'follow'],
    ),
    get('/v1/kubernetes', async () => json(await readKubernetes(helper, places))),
    get('/v1/generation', async () => json(await readGeneration(helper))),
    get('/v1/drift', async () => json(await readDrift(helper))),
    get('/metrics', async () => ({
      status: 200,
      // prometheus.io/docs/instrumenting/exposition_formats, Text-based format
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: metricsText(await readNode(name), identity.current(), look, events.counts()),
    })),
  ]
}

/** What changes the host. The agent does none of it on its own. */
function forOperators({ helper }: Serves): readonly Route[] {
  const post = (path: string, answer: Route['answer']): Route => ({
    method: 'POST',
    path,
    role: 'operator',
    query: [],
    answer,
  })
  const accepted = (found: Accepted) => json(found, 202)
  return [
    post('/v1/services/UNIT/restart', async ({ unit }) => {
      if (!isRestartable(unit)) return refusal(isReadable(unit) ? 'unit-kept' : 'unit-unknown')
      await helper.ask('act', `restart ${unit}`)
      return accepted({ accepted: 'restart', unit })
    }),
    post('/v1/reboot', async () => {
      await helper.ask('act', 'reboot')
      return accepted({ accepted: 'reboot' })
    }),
  ]
}
