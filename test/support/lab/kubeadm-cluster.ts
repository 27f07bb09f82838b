import { kubeadmAccess } from '../../../src/desired/distribution/kubeadm/access.ts'
import { type BootedLab, bootedLab, nodesIn } from './booted-lab.ts'

/** A lab of hosts for kubeadm, and an inventory of them. */
export interface KubeadmCluster extends BootedLab {
  /** With the API server of the first server itself. */
  kubectl(...args: readonly string[]): Promise<string>
  nodes(): Promise<readonly string[]>
}

export async function kubeadmCluster(name: string, servers: number, agents: number): Promise<KubeadmCluster> {
  const counts = ['--servers', `${servers}`, '--agents', `${agents}`]
  const booted = await bootedLab(name, ['--distribution', 'kubeadm', ...counts])
  const kubectl = (...args: readonly string[]) =>
    booted.host('server-1').sh(`${kubeadmAccess.kubectl.join(' ')} ${args.map((arg) => `'${arg}'`).join(' ')}`)
  return { ...booted, kubectl, nodes: async () => nodesIn(await kubectl('get', 'nodes', '--no-headers')) }
}
