import * as z from 'zod'

const text = z.string().max(1024)

/** A CertificateSigningRequest of the API, as much of it as the approver looks at. */
export const signingRequest = z.looseObject({
  metadata: z.looseObject({
    /** Kubernetes takes any segment of a path here. */
    name: z.string().regex(/^(?!\.{1,2}$)[^/%]{1,1024}$/),
    uid: z.string().min(1).max(128),
    resourceVersion: z.string().min(1).max(128),
    creationTimestamp: z.iso.datetime(),
  }),
  spec: z.looseObject({
    /** base64 of PEM. */
    request: z.string(),
    signerName: text,
    username: text,
    groups: z.array(text).default([]),
    extra: z.record(z.string(), z.array(text)).default({}),
    usages: z.array(text).default([]),
    /** Absent: as long as the signer gives. */
    expirationSeconds: z.int().optional(),
  }),
  status: z
    .looseObject({
      certificate: z.string().optional(),
      conditions: z.array(z.looseObject({ type: z.string() })).optional(),
    })
    .default({}),
})

export type SigningRequest = z.output<typeof signingRequest>

/** Seconds since 1970 at which it was created, by the API server's clock. */
export function createdAt({ metadata }: SigningRequest): number {
  return Math.floor(Date.parse(metadata.creationTimestamp) / 1000)
}

/** Nobody has approved or denied it, and it has not failed. */
export function isPending({ status: { certificate, conditions = [] } }: SigningRequest): boolean {
  return certificate === undefined && !conditions.some(({ type }) => ['Approved', 'Denied', 'Failed'].includes(type))
}
