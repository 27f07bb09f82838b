import { parseDocument } from 'yaml'
import * as z from 'zod'
import type { Json } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { jsonText } from '../../model/text/json-text.ts'
import type { Settings } from './k3s-settings.ts'

/** Names the ConfigMap to kubectl, in the one question that a server is asked anyway. */
export function foundedReference({ founded }: Pick<Access, 'founded'>): readonly Json[] {
  return founded === undefined ? [] : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: founded }]
}

/** kubeadm's has about a kilobyte. YAML can take far longer than its length. */
const MOST_CHARACTERS = 50_000

/**
 * What kubeadm has founded the cluster with, by its own names (kubeadm.k8s.io/v1beta4, ClusterConfiguration).
 * @param configMap as JSON
 * @returns undefined where there is none, or it can't be read
 */
export function foundedWith(configMap: string | undefined): Settings | undefined {
  const text = configMapText.safeParse(configMap).data?.data.ClusterConfiguration
  if (text === undefined || text.length > MOST_CHARACTERS) return undefined
  const document = parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length > 0) return undefined
  const read = clusterConfiguration.safeParse(document.toJS({ maxAliasCount: 0 })).data
  if (read === undefined) return undefined
  const { networking, ...rest } = read
  const values = { ...rest, ...networking }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.split(',')]))
}

const configMapText = jsonText.pipe(
  z.object({ kind: z.literal('ConfigMap'), data: z.object({ ClusterConfiguration: z.string() }) }),
)
const clusterConfiguration = z.object({
  clusterName: z.string(),
  controlPlaneEndpoint: z.string(),
  networking: z.object({ podSubnet: z.string(), serviceSubnet: z.string(), dnsDomain: z.string() }),
})
