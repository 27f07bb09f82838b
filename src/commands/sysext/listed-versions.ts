/** What `sysext list --json` prints, with its time. */
export interface ListedVersions {
  readonly name: 'k3s' | 'kubernetes'
  /** The newest first. */
  readonly minors: readonly ListedMinor[]
  /** Why keel does not know the newest patch of some minors. Absent where it knows all. */
  readonly unknown?: string
}

export interface ListedMinor {
  /** `1.36` */
  readonly minor: string
  /** What upstream says of it today; `unknown`: it is newer than keel's table. */
  readonly support: 'supported' | 'ended' | 'unknown'
  /** The last day of its support, `2027-06-28`, if keel's table has it. */
  readonly ends?: string
  /** Whether this keel can deploy it. */
  readonly deployable: boolean
  /** Those that keel knows of, the newest first. */
  readonly versions: readonly ListedVersion[]
}

export interface ListedVersion {
  readonly version: string
  /** It is the newest patch, according to the releases. */
  readonly newest: boolean
  /** It is the version in hosts/cluster. */
  readonly inventory: boolean
  /** The architectures for which keel.lock.json has the hash of an image. */
  readonly pinned: readonly ('x86-64' | 'arm64')[]
}
