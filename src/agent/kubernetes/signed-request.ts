import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { SERVING_SIGNER } from '../../model/keel-agent/approver-account.ts'
import { ApiError, askApi } from './api.ts'
import type { Credentials } from './credentials.ts'
import { REQUESTS } from './requests-path.ts'

/** Milliseconds between two looks at a request that nobody has decided yet. */
const LOOK_AGAIN = 2_000
/** Looks: half an hour in all. A person may be the approver. */
const MOST_LOOKS = 900

const created = z.looseObject({ metadata: z.looseObject({ name: z.string().regex(/^[a-z0-9.-]{1,253}$/) }) })
const decided = z.looseObject({
  status: z
    .looseObject({
      certificate: z.string().max(100_000).optional(),
      conditions: z.array(z.looseObject({ type: z.string(), message: z.string().optional() })).optional(),
    })
    .optional(),
})

const SERVING_USAGES = ['digital signature', 'server auth']

interface Wanted {
  /** PKCS #10 in PEM. */
  readonly request: string
  /** Begins the name of the object; the API server adds what makes it unique. */
  readonly prefix: string
  /** Seconds that the certificate should be valid for. The signer may choose fewer. */
  readonly seconds: number
  /** Who signs it, and what for; absent: a certificate to serve with. */
  readonly signer?: string
  readonly usages?: readonly string[]
  /** The account of the agent may approve its own requests (`rbac: 'one-role'`), and nobody else does. */
  readonly approvesOwn: boolean
}

/**
 * Requests a certificate from Kubernetes, and waits until somebody has approved it and the signer has signed it.
 * @param read the credentials, for each question anew
 * @returns the certificate and its chain, in PEM
 * @throws ApiError where it is denied or not decided, or the API server does not do it
 */
export async function signedRequest(
  read: () => Promise<Credentials>,
  { request, prefix, seconds, signer = SERVING_SIGNER, usages = SERVING_USAGES, approvesOwn }: Wanted,
  signal: AbortSignal,
): Promise<string> {
  const answer = await askApi(await read(), 'POST', REQUESTS, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: prefix },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: signer,
      usages,
      expirationSeconds: seconds,
    },
  })
  const name = created.safeParse(answer).data?.metadata.name
  if (name === undefined) throw new ApiError('the API server answered something else than the request')
  if (approvesOwn) await approveOwn(await read(), name, answer)
  let failed: ApiError | undefined
  for (let look = 0; look < MOST_LOOKS; look++) {
    await sleep(LOOK_AGAIN, undefined, { signal })
    const found = await lookAt(read, name)
    // the request waits in etcd meanwhile: another one would only be one more for the approver
    failed = found instanceof ApiError ? found : undefined
    if (found instanceof ApiError) continue
    const { certificate, conditions = [] } = found
    const refused = conditions.find(({ type }) => type === 'Denied' || type === 'Failed')
    if (refused !== undefined)
      throw new ApiError(`${name} was refused: ${(refused.message ?? 'no reason').slice(0, 300)}`)
    if (certificate !== undefined) return Buffer.from(certificate, 'base64').toString()
  }
  throw failed ?? new ApiError(`nobody has approved ${name}`)
}

/**
 * @returns the error where the next look may find it
 * @throws ApiError where the request is gone, or is not for this node to see
 */
async function lookAt(read: () => Promise<Credentials>, name: string) {
  try {
    return decided.safeParse(await askApi(await read(), 'GET', `${REQUESTS}/${name}`)).data?.status ?? {}
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 404 || error.status === 403) throw error
    return error
  }
}

async function approveOwn(credentials: Credentials, name: string, made: unknown): Promise<void> {
  const conditions = [
    { type: 'Approved', status: 'True', reason: 'OneRole', message: 'approved by the keel-agent that requested it' },
  ]
  await askApi(credentials, 'PUT', `${REQUESTS}/${name}/approval`, { ...created.parse(made), status: { conditions } })
}
