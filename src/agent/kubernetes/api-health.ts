import { ApiError, checkApi } from './api.ts'
import { type Credentials, type Places, readCredentials } from './credentials.ts'
import type { HealthCheck } from './health-check.ts'

interface ApiHealth {
  readonly server?: string
  readonly live: HealthCheck
  readonly ready: HealthCheck
}

/** Whether the API server that this node reaches is alive and ready (kubernetes.io/docs/reference/using-api/health-checks). */
export async function apiHealth(places: Places): Promise<ApiHealth> {
  const { credentials, unusable } = await readCredentials(places)
  if (credentials === undefined) {
    const missing = { ok: false, detail: unusable ?? 'the node has no credentials for the API yet' }
    return { live: missing, ready: missing }
  }
  const [live, ready] = await Promise.all([check(credentials, '/livez'), check(credentials, '/readyz')])
  return { server: credentials.server.origin, live, ready }
}

async function check(credentials: Credentials, path: string): Promise<HealthCheck> {
  try {
    await checkApi(credentials, path)
    return { ok: true, detail: 'ok' }
  } catch (error) {
    return { ok: false, detail: error instanceof ApiError ? error.message : 'it could not be asked' }
  }
}
