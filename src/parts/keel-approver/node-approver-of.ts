import type { Host } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { APPROVER_ACCOUNT, KEEL_NAMESPACE } from '../../model/keel-agent/approver-account.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import { template } from '../../templates/template.ts'
import { rootFile } from '../root-file.ts'
import { approverPolicyOf } from './approver-policy-of.ts'
import tokenTemplate from './approver-token.sh.hbs'
import { credential } from './credential.ts'
import type { NodeApprover } from './node-approver.ts'

const tokenText = template<
  Pick<Access, 'kubectl' | 'admin' | 'ca'> & { server: string; folder: string; namespace: string; account: string }
>(tokenTemplate)

/** @returns undefined where the host has no approver: only servers with an agent have one, each of them */
export function nodeApproverOf(whole: WholeCluster): (host: Host) => NodeApprover | undefined {
  const { cluster, access, apiOn } = whole
  const { keelAgent } = cluster
  if (keelAgent === undefined || keelAgent.rbac === 'one-role') return () => undefined
  const { kubectl, admin, ca } = access
  const scriptFor = (host: Host) =>
    tokenText({
      ...{ kubectl, admin, ca },
      server: apiOn(host),
      folder: credential.folder,
      namespace: KEEL_NAMESPACE,
      account: APPROVER_ACCOUNT,
    })
  return (host) =>
    host.role !== 'server' || !host.keelAgent
      ? undefined
      : {
          nodeName: host.name,
          ...(keelAgent.program === undefined ? {} : { program: keelAgent.program }),
          // it has no secret, and the approver's user is known only while it runs: everybody may read it
          policy: rootFile(
            '/etc/keel/approver.json',
            '0644',
            `${JSON.stringify(approverPolicyOf(whole, keelAgent, host), null, 2)}\n`,
          ),
          tokenScript: rootFile('/etc/keel/approver-token.sh', '0600', scriptFor(host)),
        }
}
