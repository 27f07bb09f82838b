import type { HostName } from '../../model/brands.ts'
import type { HostFile } from '../../model/cluster.ts'

/** What a server has for the keel-approver, whatever its system. */
export interface NodeApprover {
  readonly nodeName: HostName
  /** Absent: where the system has its programs. */
  readonly program?: string
  readonly policy: HostFile
  /** Requests the token, in the name of the cluster's administrator. */
  readonly tokenScript: HostFile
}
