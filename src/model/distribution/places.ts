/** The files and folders of the distribution on a host. The same on all hosts of a cluster. */
export interface Places {
  readonly configuration: string
  readonly config: string
  /** A folder of files that the distribution reads after `config`, and that have priority over it. */
  readonly configParts: string
  readonly data: string
  /** A part of `data` that only servers have. It contains the datastore (`db`) and keys (`tls`). */
  readonly server: string
  /** Files in which a server keeps the tokens that nodes join with. */
  readonly tokens: { readonly server: string; readonly agent: string }
  /** Folders of certificates, each in a file that ends in `.crt`. */
  readonly certificates: readonly string[]
  /** A node uses it to prove that it is the one that registered with this name. */
  readonly nodePassword: string
}
