import { connections } from './connections.ts'
import { deploy } from './deploy.ts'
import type { Explanation } from './explanation.ts'
import { hosts } from './hosts.ts'
import { inventoryFiles } from './inventory-files.ts'
import { k3sOptions } from './k3s-options.ts'
import { keelAgent } from './keel-agent.ts'
import { kubeadm } from './kubeadm.ts'
import { lab } from './lab.ts'
import { notes } from './notes.ts'
import { ownMachine } from './own-machine.ts'
import { refusals } from './refusals.ts'
import { secrets } from './secrets.ts'
import { statusFindings } from './status-findings.ts'
import { systemdKubelet } from './systemd-kubelet.ts'

/** Every code of a fault, by area, in the order of docs/errors.md. A test finds a code that is missing here. */
export const explanations: Readonly<Record<string, readonly Explanation[]>> = {
  'The command line and this machine': ownMachine,
  'Files of the inventory': inventoryFiles,
  'Hosts, names and networks': hosts,
  'Options of k3s': k3sOptions,
  'Clusters of kubeadm': kubeadm,
  'Hosts with the systemd kubelet': systemdKubelet,
  Secrets: secrets,
  'Connections to hosts': connections,
  'What forbids a deploy': refusals,
  'A deploy that failed': deploy,
  'Notes of a plan': notes,
  'What status finds': statusFindings,
  'The keel-agent': keelAgent,
  'The lab': lab,
}

export function explanationOf(code: string): Explanation | undefined {
  return Object.values(explanations)
    .flat()
    .find(({ codes }) => codes.includes(code))
}

export function explainedCodes(): readonly string[] {
  return Object.values(explanations).flatMap((area) => area.flatMap(({ codes }) => codes))
}
