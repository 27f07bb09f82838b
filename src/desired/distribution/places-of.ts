import type { Cluster } from '../../model/cluster.ts'
import type { Places } from '../../model/distribution/places.ts'
import { k3sPlaces } from './k3s/access.ts'
import { kubeadmPlaces } from './kubeadm/access.ts'

/** The same on every host: for questions to one that nothing is rendered for. */
export function placesOf({ distribution }: Pick<Cluster, 'distribution'>): Places {
  return distribution.kind === 'k3s' ? k3sPlaces : kubeadmPlaces
}
