/** What `sysext build --json` prints, with its time. */
export interface SysextImage {
  /** The path of the image. */
  readonly file: string
  readonly name: 'k3s' | 'kubernetes'
  readonly version: string
  /** As systemd calls it. */
  readonly arch: 'x86-64' | 'arm64'
  /** The number of bytes. */
  readonly size: number
  /** 64 hex digits: of the image. */
  readonly sha256: string
  /** What is in it, and where that comes from. */
  readonly of: readonly SysextContent[]
  /** Whether keel.lock.json of an inventory has the image and what is in it. */
  readonly pinned: boolean
}

interface SysextContent {
  readonly name: string
  readonly version: string
  readonly url: string
  /** 64 hex digits. */
  readonly sha256: string
}
