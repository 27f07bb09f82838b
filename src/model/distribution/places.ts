/** Where the distribution has its files on a host. The same on all hosts of a cluster. */
export interface Places {
  readonly configuration: string
  readonly config: string
  /** A folder of files that are read after `config`, and count before it. */
  readonly configParts: string
  readonly data: string
  /** Part of `data`: what only servers have, the datastore (`db`) and keys (`tls`) among it. */
  readonly server: string
  /** By which a node shows that it is the one that registered under its name. */
  readonly nodePassword: string
}
