import type { HostName } from '../../model/brands.ts'
import type { HostFile } from '../../model/cluster.ts'
import type { FirstCertificate } from './first-certificate.ts'

/** What a node has for the keel-agent, whatever its system. */
export interface NodeAgent {
  readonly nodeName: HostName
  /** Absent: where the system has its programs. */
  readonly program?: string
  readonly configuration: string
  readonly files: readonly HostFile[]
  /** The folder for its key; nothing else writes there. */
  readonly state: { readonly path: string; readonly mode: string }
  /** Absent where keel does not know the CA that signs it. */
  readonly first?: FirstCertificate
  /** What is hidden from it, and must be there to be hidden when it starts. */
  readonly hiddenFolders: readonly { readonly path: string; readonly mode: string }[]
  /** Where its credential for Kubernetes and the CA are: visible even where a folder around them is hidden. */
  readonly credentialFolders: readonly string[]
}
