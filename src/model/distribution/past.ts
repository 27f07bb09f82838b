/** The files that show that the distribution has run on a host before. The same on all hosts of a cluster. */
export interface Past {
  /** A folder: it exists if the host has been a server. */
  readonly server: string
  /** A file: it exists if the host has joined as a node. */
  readonly agent: string
  /** The CA certificates on a server and on a node. They show to which cluster the data belongs. */
  readonly serverCa: string
  readonly agentCa: string
  /** A command that prints the version of the program on the first line, after these words. */
  readonly version: { readonly command: readonly string[]; readonly says: string }
}
