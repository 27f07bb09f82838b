import * as z from 'zod'
import { strict } from './parsed.ts'
import { secretOnly } from './secret-ref.ts'

/** k3s's registries.yaml (docs.k3s.io/installation/private-registry); what logs in stands there as a reference only. */
export const registriesSchema = strict({
  mirrors: z
    .record(
      z.string().min(1),
      strict({
        endpoint: z.array(z.url({ protocol: /^https?$/ })).optional(),
        rewrite: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  configs: z
    .record(
      z.string().min(1),
      strict({
        auth: strict({
          username: z.string().optional(),
          password: secretOnly.optional(),
          auth: secretOnly.optional(),
          identity_token: secretOnly.optional(),
        }).optional(),
        tls: strict({
          cert_file: z.string().optional(),
          key_file: z.string().optional(),
          ca_file: z.string().optional(),
          insecure_skip_verify: z.boolean().optional(),
        }).optional(),
      }),
    )
    .optional(),
})
