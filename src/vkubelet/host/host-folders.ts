/** Where the program keeps what belongs to Pods. */
export interface HostFolders {
  /** Of systemd's units for this boot. */
  readonly units: string
  /** A folder for each Pod, with the environments of its containers and its volumes. On a file system in memory. */
  readonly pods: string
  /** The same for volumes on the disk: they outlive a boot. */
  readonly disk: string
  /** Where systemd makes those of `StateDirectory=` and its like. */
  readonly directories: {
    readonly state: string
    readonly cache: string
    readonly logs: string
    readonly runtime: string
  }
}
