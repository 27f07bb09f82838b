import type { ClientChannel } from 'ssh2'

/**
 * The number of bytes that ssh2 gets at once: enough to keep its window (2 MiB) full, and few enough to show progress
 * on a slow link.
 */
const slice = 512 * 1024

/**
 * Writes with backpressure, and calls `active` when the host accepts data. @returns false if the host has closed its
 * end first and reads no more
 */
export async function write(channel: ClientChannel, bytes: Uint8Array, active: () => void): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += slice) {
    if (!(await writeSlice(channel, bytes.subarray(at, at + slice)))) return false
    active()
  }
  return true
}

/** Sends all of `input`, or as much as the host reads. Then it closes the iterator. */
export async function writeAll(
  channel: ClientChannel,
  input: Uint8Array | AsyncIterable<Uint8Array>,
  active: () => void,
): Promise<void> {
  if (input instanceof Uint8Array) {
    await write(channel, input, active)
    return
  }
  for await (const chunk of input) {
    if (!(await write(channel, chunk, active))) return
  }
}

/** ssh2 never calls back for data that it could not send before the channel closed. */
function writeSlice(channel: ClientChannel, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (channel.writableEnded) {
      resolve(false)
      return
    }
    const closed = () => resolve(false)
    channel.once('close', closed)
    channel.write(bytes, (error) => {
      channel.off('close', closed)
      resolve(!error)
    })
  })
}
