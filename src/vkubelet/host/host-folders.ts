/** Where the program keeps what belongs to Pods. All of it is empty after a boot. */
export interface HostFolders {
  /** Of systemd's units for this boot. */
  readonly units: string
  /** A folder for each Pod, with the environments of its containers. On a file system in memory. */
  readonly pods: string
}
