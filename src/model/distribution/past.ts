/** The files that show that the distribution has run on a host before. The same on all hosts of a cluster. */
export interface Past {
  /** A folder: it exists if the host has been a server. */
  readonly server: string
  /** A file: it exists if the host has joined as a node. */
  readonly agent: string
  /** The CA certificates on a server and on a node. They show to which cluster the data belongs. */
  readonly serverCa: string
  readonly agentCa: string
  /** Where the node's version changes apart from its program's; absent where it does not. */
  readonly upgraded?: UpgradedFiles
  /** A command that prints the version of the program on the first line, after these words. */
  readonly version: { readonly command: readonly string[]; readonly says: string }
}

export interface UpgradedFiles {
  /** Its only line is the version that the node has come to. */
  readonly reached: string
  /** A Pod's manifest, on servers: the tag of the image is the version of the API server. */
  readonly apiServer: string
}
