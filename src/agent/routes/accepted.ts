/** What an operator asked for is under way. The agent does not wait for it: `/v1/services` tells how it went. */
export interface Accepted {
  readonly accepted: 'restart' | 'reboot'
  /** Of a restart. */
  readonly unit?: string
}
