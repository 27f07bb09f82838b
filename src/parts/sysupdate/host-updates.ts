import type { Cluster, Host, Sysupdate } from '../../model/cluster.ts'
import type { ImageKey } from '../../model/systems/image-file-name.ts'
import { kubernetesImage } from '../../model/systems/kubernetes-image.ts'

/** From where a host gets new images of its Kubernetes. */
export interface HostUpdates extends Sysupdate, Pick<ImageKey, 'name' | 'version'> {}

/** The same for all hosts of a cluster with this image; undefined where a host has none, or wants nothing. */
export function hostUpdates({ sysupdate, distribution }: Cluster): (host: Host) => HostUpdates | undefined {
  if (sysupdate === undefined) return () => undefined
  const images = kubernetesImage[distribution.kind]
  const of = (name: ImageKey['name']): HostUpdates => ({ ...sysupdate, name, version: distribution.version })
  const updates = { k3s: of('k3s'), kubernetes: of('kubernetes') }
  return (host) => {
    const image = images[host.os]
    return host.sysupdate === false || image.kind === 'none' ? undefined : updates[image.name]
  }
}
