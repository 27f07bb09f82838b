import { firewall } from './firewall/part.ts'
import { haVip } from './ha-vip/part.ts'
import { keelAgent } from './keel-agent/part.ts'
import { keelApprover } from './keel-approver/part.ts'
import { keepalived } from './keepalived/part.ts'
import { kubeVip } from './kube-vip/part.ts'
import { sysupdate } from './sysupdate/part.ts'

/** Every part of a host, in the order in which a host starts them. */
export const parts = [firewall, keepalived, haVip, kubeVip, keelAgent, keelApprover, sysupdate] as const
