/**
 * What keel's verbs print with `--json`, each under the name of its schema: schema/output/<name>.json. The comment is
 * the title. lab-status.ts has one more. All that the file of a type imports is compiled, so these files import little.
 */
import type { ListedSecrets } from '../../src/commands/secret/listed-secrets.ts'
import type { ListedVersions } from '../../src/commands/sysext/listed-versions.ts'
import type { PublishedImages } from '../../src/commands/sysext/published-images.ts'
import type { SysextImage } from '../../src/commands/sysext/sysext-image.ts'
import type { NodeReports } from '../../src/node-client/host-reports.ts'
import type { NodeDone, NodeFailure, NodeLine } from '../../src/node-client/node-lines.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { VipStatus } from '../../src/status/vip-status.ts'
import type { EndEvent, FaultsLine, LogLine, StreamLine, Timed } from '../../src/ui/run/lines.ts'
import type { Versions } from '../../src/version.ts'

export interface Outputs {
  /** keel plan --json: what a deploy would do */
  readonly plan: Timed & Plan
  /** a line of keel deploy --json or keel add-node --json: something that has happened; the last one is `end` */
  readonly events: StreamLine
  /** what every verb with --json prints if it could not do what was asked */
  readonly faults: Timed & FaultsLine
  /** a line of the file that --log names */
  readonly log: LogLine
  /** keel secret ls --json: the secrets, their readers and the state of their files */
  readonly 'secret-ls': Timed & ListedSecrets
  /** keel vip status --json, with --watch a line for each change and `end`: where the cluster's address is */
  readonly 'vip-status': Timed & (VipStatus | EndEvent)
  /** keel node status, health, services and certs --json, with --watch a line each: what the keel-agents answer */
  readonly node: Timed & (NodeReports | EndEvent)
  /** a line of keel node logs, events, restart and reboot --json */
  readonly 'node-lines': Timed & (NodeLine | NodeDone | NodeFailure | FaultsLine | EndEvent)
  /** keel sysext build --json: the image, and what is in it */
  readonly 'sysext-build': Timed & SysextImage
  /** keel sysext list --json: the versions that keel knows of, by minor */
  readonly 'sysext-list': Timed & ListedVersions
  /** keel sysext publish --json: the images in the signed list */
  readonly 'sysext-publish': Timed & PublishedImages
  /** keel version --json */
  readonly version: Timed & Versions
}
