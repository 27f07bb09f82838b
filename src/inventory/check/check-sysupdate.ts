import { type Fault, KeelError } from '../../errors.ts'
import { OSES } from '../../model/cluster.ts'
import { parsePublicKeyring } from '../../model/keys/openpgp-public-key.ts'
import { kubernetesImage } from '../../model/systems/kubernetes-image.ts'
import type { Finding } from '../definitions.ts'
import { isBroken } from '../draft.ts'
import type { People } from '../people.ts'
import { distributionOf, osOf } from '../settings.ts'
import { listed } from './listed.ts'

/** Only a host whose Kubernetes is an image can download new ones, and it needs the public key that has signed them. */
export function checkSysupdate(people: People): Finding[] {
  const { sysupdate } = people.cluster.values
  return sysupdate === undefined ? [] : [...checkKey(people, sysupdate.key), ...checkHosts(people)]
}

function checkKey({ cluster: { source }, imageKey }: People, path: string): Finding[] {
  const fault = faultOfKey(imageKey)
  if (fault === undefined) return []
  const { code, found, why, todo } = fault
  return [
    {
      source,
      path: ['sysupdate', 'key'],
      code,
      found: `${path}: ${found}`,
      ...(why === undefined ? {} : { why }),
      ...(todo === undefined ? {} : { todo }),
    },
  ]
}

function faultOfKey(file: People['imageKey']): Pick<Fault, 'code' | 'found' | 'why' | 'todo'> | undefined {
  if (file === undefined) return { code: 'inventory-read', found: 'it was not read' }
  if (!(file instanceof Uint8Array)) return file
  try {
    parsePublicKeyring(file)
    return undefined
  } catch (error) {
    if (error instanceof KeelError) return error
    throw error
  }
}

function checkHosts({ cluster, hosts }: People): Finding[] {
  if (isBroken(cluster, 'distribution')) return []
  const images = kubernetesImage[distributionOf(cluster.values)]
  const asking = hosts.filter((host) => host.values.sysupdate !== false && !isBroken(host, 'sysupdate'))
  return OSES.flatMap((os): Finding[] => {
    const image = images[os]
    const names = asking.filter((host) => osOf(host, cluster) === os).map(({ source }) => source.name)
    if (image.kind === 'image' || names.length === 0) return []
    return [
      {
        source: cluster.source,
        path: ['sysupdate'],
        part: 'key',
        code: 'sysupdate-no-image',
        found: `no image to update on ${listed(names.toSorted())}`,
        why: image.why,
        todo: 'write `sysupdate: false` in the files of these hosts, or remove it here',
      },
    ]
  })
}
