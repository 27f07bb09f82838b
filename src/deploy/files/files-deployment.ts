import type { FilesRendered } from '../../targets/rendered.ts'
import type { AnyDeployment } from '../host/host-deployment.ts'

/** Of a host on which keel writes files. */
export interface FilesDeployment extends AnyDeployment {
  readonly kind: 'files'
  readonly rendered: FilesRendered
  /** By id, what each credential is made from now. */
  readonly sources: Readonly<Record<string, string>>
}
