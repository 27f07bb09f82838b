import type { Reader } from '../../model/cluster.ts'
import type { FileState } from '../../secrets/readers/staleness.ts'

/** What `secret ls --json` prints, with its time. */
export interface ListedSecrets {
  readonly secrets: readonly ListedSecret[]
}

/** A secret in `secret ls --json`. `state`: what is to be done about its file; `detail`: the same for a person. */
export interface ListedSecret {
  readonly name: string
  readonly file: string
  readonly readers: readonly Pick<Reader, 'kind' | 'name'>[]
  readonly state: FileState['kind']
  readonly detail: string
}
