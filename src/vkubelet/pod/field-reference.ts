import * as z from 'zod'
import { isPodName } from '../names/unit-name.ts'
import type { PodField, ResourceName } from './environment-source.ts'
import { type Quantity, quantityOf } from './quantity.ts'

/** The name of a configMap or a secret: as a Pod's, so it may end in a number. */
export const objectName = z.string().refine(isPodName)

/** References of the downward API, in variables and in files (kubernetes.io/docs/concepts/workloads/pods/downward-api). */

export const resourceSchema = z.looseObject({
  containerName: z.string().max(63).nullish(),
  resource: z.string().max(63),
  divisor: z.union([z.string(), z.number()]).nullish(),
})

const PLAIN: Readonly<Record<string, PodField>> = {
  'metadata.name': { of: 'pod', field: 'name' },
  'metadata.namespace': { of: 'pod', field: 'namespace' },
  'metadata.uid': { of: 'pod', field: 'uid' },
  'spec.serviceAccountName': { of: 'pod', field: 'serviceAccountName' },
  'spec.nodeName': { of: 'host', field: 'nodeName' },
  // a Pod has the addresses of its host
  'status.hostIP': { of: 'host', field: 'address' },
  'status.podIP': { of: 'host', field: 'address' },
  'status.hostIPs': { of: 'host', field: 'addresses' },
  'status.podIPs': { of: 'host', field: 'addresses' },
}

/** @returns undefined for a field that keel does not know */
export function fieldOf(path: string): PodField | undefined {
  if (Object.hasOwn(PLAIN, path)) return PLAIN[path]
  const [, of, name] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? []
  return name !== undefined && (of === 'labels' || of === 'annotations') ? { of, key: name } : undefined
}

const RESOURCES: readonly ResourceName[] = ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']

interface ResourceReference {
  readonly resource: ResourceName
  readonly container?: string
  readonly divisor: Quantity
}

/** @returns undefined for a resource that keel does not know, or a divisor that is no quantity */
export function resourceOf({
  containerName,
  resource,
  divisor,
}: z.output<typeof resourceSchema>): ResourceReference | undefined {
  // the API server writes `0` for none
  const read = quantityOf(`${divisor ?? 1}`)
  const by = read === 0n ? quantityOf('1') : read
  const known = RESOURCES.find((one) => one === resource)
  if (known === undefined || by === undefined) return undefined
  const container = containerName === null || containerName === undefined ? {} : { container: containerName }
  return { resource: known, divisor: by, ...container }
}
