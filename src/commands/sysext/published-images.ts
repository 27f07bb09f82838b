/** What `sysext publish --json` prints, with its time. */
export interface PublishedImages {
  readonly directory: string
  readonly images: readonly { readonly file: string; readonly sha256: string }[]
  /** The fingerprint of the key that has signed the list: hex digits. */
  readonly fingerprint: string
}
