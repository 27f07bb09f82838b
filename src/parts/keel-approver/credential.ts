/**
 * Where the token is, on a tmpfs. Only root can enter `runtime`. The approver's unit shows it the inner folder, so only
 * root and the approver read the token, whatever user systemd gives to the approver.
 */
const runtime = 'keel-approver'
const folder = `/run/${runtime}/credential`
/** The same folder, as the approver sees it. */
const seenFolder = `/run/${runtime}`

export const credential = {
  /** systemd makes it: RuntimeDirectory=. */
  runtime,
  folder,
  seenFolder,
  seen: { ca: `${seenFolder}/ca.crt`, token: `${seenFolder}/token` },
} as const
