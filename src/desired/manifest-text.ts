import { stringify } from 'yaml'
import type { Json } from '../model/cluster.ts'
import type { WantedFile } from './host-state.ts'
import { k3sDataDirectory } from './k3s-config.ts'

/** Objects as files have them, for `kubectl apply` and for k3s. */
export function manifestText(objects: readonly Json[]): string {
  return `# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n${objects.map((one) => stringify(one)).join('---\n')}`
}

/** Objects that k3s applies, in their order, whenever this file changes; every server has the same. */
export function manifestFile(name: string, objects: readonly Json[]): WantedFile {
  return {
    path: `${k3sDataDirectory}/server/manifests/${name}`,
    content: manifestText(objects),
    mode: '0600',
    owner: 'root',
    group: 'root',
    restartsK3s: false,
  }
}

/** On every server and on nothing else, whatever taints keep other Pods away. */
export const onServers = {
  nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' },
  tolerations: [{ operator: 'Exists' }],
}
