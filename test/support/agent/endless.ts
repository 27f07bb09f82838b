import { Readable } from 'node:stream'

/** An answer without an end, as fast as it is read: what nobody reads is not made. */
export function endless(): Readable {
  return new Readable({
    read() {
      this.push('x'.repeat(65_536))
    },
  })
}
