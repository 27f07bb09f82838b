/**
 * What the keel-agent answers, each under the name of its schema: schema/agent-v1/<name>.json. The comment is the
 * title. `v1` is in the paths: an answer may get more keys, and one that changes otherwise gets a new version.
 */
import type { AgentEvent } from '../../src/agent/events/event.ts'
import type { JournalLine } from '../../src/agent/journal/journal-line.ts'
import type { NodeReport } from '../../src/agent/node/node-report.ts'
import type { Accepted } from '../../src/agent/routes/accepted.ts'
import type { CertificatesReport } from '../../src/agent/routes/certificates.ts'
import type { DriftReport } from '../../src/agent/routes/drift.ts'
import type { GenerationReport } from '../../src/agent/routes/generation.ts'
import type { Health } from '../../src/agent/routes/health.ts'
import type { KubernetesReport } from '../../src/agent/routes/kubernetes.ts'
import type { Readiness } from '../../src/agent/routes/readiness.ts'
import type { Refusal } from '../../src/agent/server/answer.ts'
import type { StreamEnd } from '../../src/agent/server/stream-end.ts'
import type { ServicesReport } from '../../src/agent/services/services-report.ts'

export interface AgentApi {
  /** GET /v1/health: the keel-agent answers */
  readonly health: Health
  /** GET /v1/ready: whether the keel-agent has all that it works with; 503 if not */
  readonly ready: Readiness
  /** GET /v1/node: what the machine is and how it does */
  readonly node: NodeReport
  /** GET /v1/certificates: the certificates of the keel-agent */
  readonly certificates: CertificatesReport
  /** GET /v1/services: units of the host and how they are */
  readonly services: ServicesReport
  /**
   * a line of GET /v1/services/UNIT/journal?since=SECONDS&lines=COUNT&follow=1 (application/x-ndjson): since the Unix
   * time, the last COUNT lines (100 without it, 10000 at most), and those that follow
   */
  readonly journal: JournalLine | StreamEnd
  /** GET /v1/kubernetes: how Kubernetes is on this host */
  readonly kubernetes: KubernetesReport
  /** GET /v1/generation: what keel deployed last */
  readonly generation: GenerationReport
  /** GET /v1/drift: what differs from what keel deployed last */
  readonly drift: DriftReport
  /**
   * a line of GET /v1/events?since=SECONDS&follow=1 (application/x-ndjson): what the agent has noticed since the Unix
   * time, and what it notices
   */
  readonly events: AgentEvent | StreamEnd
  /** POST /v1/services/UNIT/restart and POST /v1/reboot, for operators: status 202, and it is under way */
  readonly accepted: Accepted
  /** every answer of the keel-agent that is no success */
  readonly error: Refusal
}
