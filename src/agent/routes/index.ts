import type { HostName } from '../../model/brands.ts'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import { readNode } from '../node/read-node.ts'
import { json } from '../server/answer.ts'
import type { Route } from '../server/route.ts'
import { certificates } from './certificates.ts'
import { health } from './health.ts'
import { metricsText } from './metrics-text.ts'
import { readiness } from './readiness.ts'

/** Everything that the agent serves. */
export function routes({
  name,
  identity,
}: {
  readonly name: HostName
  readonly identity: KeptIdentity
}): readonly Route[] {
  const get = (path: string, answer: Route['answer']): Route => ({ method: 'GET', path, role: 'viewer', answer })
  return [
    get('/v1/health', () => json(health)),
    get('/v1/ready', () => {
      const found = readiness(identity.current())
      return json(found, found.ready ? 200 : 503)
    }),
    get('/v1/node', async () => json(await readNode(name))),
    get('/v1/certificates', () => json(certificates(identity.current()))),
    get('/metrics', async () => ({
      status: 200,
      // prometheus.io/docs/instrumenting/exposition_formats, Text-based format
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: metricsText(await readNode(name), identity.current()),
    })),
  ]
}
