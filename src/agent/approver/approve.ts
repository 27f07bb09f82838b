import { approverPolicySchema } from '../../model/keel-agent/approver-policy.ts'
import { ended } from '../ended.ts'
import { hostName } from '../host-name.ts'
import { readConfiguration } from '../read-configuration.ts'
import { runApprover } from './run-approver.ts'

/**
 * `keel-agent approve`: approves the agents' certificate requests until it is told to end.
 * @param path of the policy
 * @throws KeelError `agent-config`, `agent-node-name` (exit 2)
 */
export async function approve(path: string, { NODE_NAME }: { readonly NODE_NAME?: string | undefined }): Promise<void> {
  const policy = await readConfiguration(path, approverPolicySchema)
  const ending = new AbortController()
  void ended().then(() => ending.abort())
  await runApprover(policy, hostName(NODE_NAME), ending.signal)
}
