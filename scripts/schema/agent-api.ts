/**
 * What the keel-agent answers, each under the name of its schema: schema/agent-v1/<name>.json. The comment is the
 * title. `v1` is in the paths: an answer may get more keys, and one that changes otherwise gets a new version.
 */
import type { NodeReport } from '../../src/agent/node/node-report.ts'
import type { CertificatesReport } from '../../src/agent/routes/certificates.ts'
import type { Health } from '../../src/agent/routes/health.ts'
import type { Readiness } from '../../src/agent/routes/readiness.ts'
import type { Refusal } from '../../src/agent/server/answer.ts'

export interface AgentApi {
  /** GET /v1/health: the keel-agent answers */
  readonly health: Health
  /** GET /v1/ready: whether the keel-agent has all that it works with; 503 if not */
  readonly ready: Readiness
  /** GET /v1/node: what the machine is and how it does */
  readonly node: NodeReport
  /** GET /v1/certificates: the certificates of the keel-agent */
  readonly certificates: CertificatesReport
  /** every answer of the keel-agent that is no success */
  readonly error: Refusal
}
