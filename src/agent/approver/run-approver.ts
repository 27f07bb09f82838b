import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { HostName } from '../../model/brands.ts'
import type { ApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { ApiError } from '../kubernetes/api.ts'
import type { Credentials } from '../kubernetes/credentials.ts'
import { logTo } from '../log.ts'
import { approveRequests } from './approve-requests.ts'
import { Complaints } from './complaints.ts'
import { whileLeading } from './while-leading.ts'

/** Approves what the policy allows, on one server at a time, until `signal`. */
export async function runApprover(policy: ApproverPolicy, identity: HostName, signal: AbortSignal): Promise<void> {
  const log = logTo(process.stderr, policy.log.level)
  const complaints = new Complaints(log)
  // a handshake takes more time than the question after it, and a node that floods has hundreds decided
  const connections = new Agent({ keepAlive: true })
  const read = async () => ({ ...(await credentialsOf(policy.kubernetes)), connections })
  log.info(`the policy has ${policy.allowed.length} entries`)
  await whileLeading({ read, lease: policy.lease, identity, log, complaints, signal }, (leading) =>
    approveRequests({ policy, read, identity, log, complaints }, leading),
  )
}

/** Read anew for each question: the host renews the token. @throws ApiError while there is none */
async function credentialsOf({ server, ca, token }: ApproverPolicy['kubernetes']): Promise<Credentials> {
  const [authority, secret] = await Promise.all([ca, token].map((path) => readFile(path).catch(() => undefined)))
  const text = secret?.toString().trim() ?? ''
  // one line of base64 and dots: nothing else may get into a header
  if (authority === undefined || !/^[\w.=-]+$/.test(text))
    throw new ApiError('the host has no token for the approver yet')
  return { server: new URL(server), ca: authority, token: text }
}
