import * as z from 'zod'
import { refusalsOf } from './field.ts'
import { portFields } from './fields.ts'
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

/** The scheduler keeps a `hostPort` for one Pod, and nothing maps it. @param path of the container in its Pod */
export function portRefusals(ports: NonNullable<z.output<typeof portsSchema>>, path: string): readonly Refusal[] {
  return ports.flatMap((one, index) => {
    const { containerPort, hostPort } = one
    const at = `${path}.ports[${index}]`
    const why = `a Pod has the ports of the host, and none is mapped: write ${containerPort}, or have the program listen on ${hostPort}`
    const isMapped = hostPort && hostPort !== containerPort
    return [...refusalsOf(one, portFields, at), ...(isMapped ? [{ path: `${at}.hostPort`, why }] : [])]
  })
}
