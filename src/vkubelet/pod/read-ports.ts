import * as z from 'zod'
import { refusalsOf } from './field.ts'
import { portFields } from './fields.ts'
import type { HostPort } from './pod.ts'
import type { Refusal } from './refusal.ts'

export const portsSchema = z
  .array(
    z.looseObject({
      name: z.string().max(63).nullish(),
      containerPort: z.int().min(1).max(65_535),
      hostPort: z.int().min(0).max(65_535).nullish(),
      protocol: z.enum(['TCP', 'UDP', 'SCTP']).nullish(),
    }),
  )
  .max(1000)
  .nullish()

/** @param path of the container in its Pod */
export function readPorts(
  ports: NonNullable<z.output<typeof portsSchema>>,
  path: string,
): { readonly ports: readonly HostPort[]; readonly refusals: readonly Refusal[] } {
  const wanted: HostPort[] = []
  const refusals: Refusal[] = []
  for (const [index, one] of ports.entries()) {
    const { containerPort, hostPort, protocol } = one
    const at = `${path}.ports[${index}]`
    refusals.push(...refusalsOf(one, portFields, at))
    if (!hostPort) continue
    wanted.push({ port: hostPort, protocol: protocol ?? 'TCP' })
    if (hostPort !== containerPort)
      refusals.push({
        path: `${at}.hostPort`,
        why: `a Pod has the ports of the host, and none is mapped: write ${containerPort}, or have the program listen on ${hostPort}`,
      })
  }
  return { ports: wanted, refusals }
}
