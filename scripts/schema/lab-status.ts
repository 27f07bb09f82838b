import * as z from 'zod'
import { k3sLab, kubeadmLab } from '../../src/lab/lab-schema.ts'

const hostStatus = k3sLab.shape.hosts.element.extend({ state: z.enum(['running', 'off']) })
const labStatus = z.union([
  k3sLab.extend({ state: z.literal('up'), hosts: z.array(hostStatus) }),
  kubeadmLab.extend({ state: z.literal('up'), hosts: z.array(hostStatus) }),
  z.strictObject({ state: z.literal('incomplete'), name: z.string() }),
])

/** RFC 3339 in UTC, as in every other output. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Of `keel lab status --json`: the description that a lab keeps of itself has a schema, and no type to make one of. */
export function labStatusSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(z.strictObject({ time, labs: z.array(labStatus) }), {
    target: 'draft-7',
    // draft 7 has no `cidrv4`; each has its pattern
    override: ({ jsonSchema }) => void delete jsonSchema.format,
  })
  return { $schema, title: 'keel lab status --json: the labs on this machine', ...schema }
}
