import { approverFolder } from '../../model/keel-agent/keel-agent-path.ts'

/**
 * Where the token is, on a tmpfs. Only root can enter `runtime`. The approver's unit shows it the inner folder, so only
 * root and the approver read the token, whatever user systemd gives to the approver.
 */
const runtime = approverFolder.slice('/run/'.length)
const folder = `${approverFolder}/credential`
/** The same folder, as the approver sees it. */
const seenFolder = approverFolder

export const credential = {
  /** systemd makes it: RuntimeDirectory=. */
  runtime,
  folder,
  seenFolder,
  seen: { ca: `${seenFolder}/ca.crt`, token: `${seenFolder}/token` },
} as const
