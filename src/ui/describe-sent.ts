import type { Sent } from '../deploy/event.ts'

const MB = 1_000_000

/** How far pushing to a host is; `undefined` for less than a megabyte, which takes no time. */
export function describeSent({ sent, total }: Sent): string | undefined {
  if (total < MB) return undefined
  const all = `${Math.round(total / MB)} MB`
  if (sent >= total) return `sent ${all}, the host checks it`
  return `sending ${Math.floor(sent / MB)} of ${all} (${Math.floor((100 * sent) / total)} %)`
}
