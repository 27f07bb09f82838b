/** The environment of keel's process. */
export type Env = Readonly<Record<string, string | undefined>>
