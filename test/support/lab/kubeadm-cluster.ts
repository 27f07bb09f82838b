import { kubeadmAccess } from '../../../src/desired/distribution/kubeadm/access.ts'
import { type BootedLab, bootedLab, nodesIn } from './booted-lab.ts'

/** A lab of hosts for kubeadm, and an inventory of them. */
export interface KubeadmCluster extends BootedLab {
  /** With the API server of the first server itself. */
  kubectl(...args: readonly string[]): Promise<string>
  /** `kubectl apply`. */
  apply(object: object): Promise<void>
  nodes(): Promise<readonly string[]>
}

/** @param flatcar hosts that are Flatcar look-alikes: off until `lab provision` */
export async function kubeadmCluster(
  name: string,
  servers: number,
  agents: number,
  flatcar: readonly string[] = [],
): Promise<KubeadmCluster> {
  const counts = ['--servers', `${servers}`, '--agents', `${agents}`]
  for (const one of flatcar) counts.push('--flatcar', one)
  const booted = await bootedLab(name, ['--distribution', 'kubeadm', ...counts])
  const ask = (words: readonly string[], input?: string) =>
    booted
      .host('server-1')
      .sh(`${kubeadmAccess.kubectl.join(' ')} ${words.map((word) => `'${word}'`).join(' ')}`, input)
  const kubectl = (...args: readonly string[]) => ask(args)
  return {
    ...booted,
    kubectl,
    apply: async (object) => void (await ask(['apply', '-f', '-'], JSON.stringify(object))),
    nodes: async () => nodesIn(await kubectl('get', 'nodes', '--no-headers')),
  }
}
