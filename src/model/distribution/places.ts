/** The files and folders of the distribution on a host. The same on all hosts of a cluster. */
export interface Places {
  readonly configuration: string
  readonly config: string
  /** A folder of files that the distribution reads after `config`, and that have priority over it. */
  readonly configParts: string
  readonly data: string
  /** A part of `data` that only servers have. It contains the datastore (`db`) and keys (`tls`). */
  readonly server: string
  /** Files in which a server keeps the tokens that nodes join with. Absent where each join has its own. */
  readonly tokens?: TokenFiles
  /** Folders of certificates, each in a file that ends in `.crt`. */
  readonly certificates: readonly string[]
  /** A node uses it to prove that it is the one that registered with this name. Absent where it has a certificate for that. */
  readonly nodePassword?: string
}

/** Of the token with which servers join, and of the one for all other nodes. */
export interface TokenFiles {
  readonly server: string
  readonly agent: string
}
