/** Which files of a host tell that the distribution has a past there. The same on all hosts of a cluster. */
export interface Past {
  /** A folder: the host has been a server. */
  readonly server: string
  /** A file: the host has joined as a node. */
  readonly agent: string
  /** The CA certificates that a server and a node keep: of the cluster whose data it is. */
  readonly serverCa: string
  readonly agentCa: string
  /** Prints the version of the program on the first line, after these words. */
  readonly version: { readonly command: readonly string[]; readonly says: string }
}
