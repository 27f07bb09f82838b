import manifest from '../package.json' with { type: 'json' }

/** keel's own version, as published. */
export const version: string = manifest.version

/** What `keel version` prints. `k3s`: of the inventory, inside of one. */
export interface Versions {
  readonly keel: string
  readonly node: string
  readonly k3s?: string
}
