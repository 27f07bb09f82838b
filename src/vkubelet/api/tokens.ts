import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { AtMost } from '../at-most.ts'
import type { Pod } from '../pod/pod.ts'
import type { FileSource } from '../pod/volume.ts'

const schema = z.looseObject({
  status: z.looseObject({ token: z.string().min(1).max(65_536), expirationTimestamp: z.iso.datetime() }),
})

type TokenSource = FileSource & { kind: 'token' }

interface Known {
  /** Absent where the API server has not given one. */
  readonly token?: string
  /** Milliseconds. */
  readonly renewAt: number
  readonly endsAt: number
}

/** kubelet's rules (pkg/kubelet/token): at 80 % of its life, and after a day at the latest. */
const RENEWED_AT = 0.8
const LONGEST = 86_400_000
/** Milliseconds until a token that was refused is asked for again. */
const AGAIN = 10_000

/**
 * The tokens of the service accounts of Pods: in memory alone, so a program that starts again asks for new ones. The time of
 * renewal comes from `status.expirationTimestamp`: a token may say itself that it lives a year.
 */
export class ApiTokens {
  readonly #known = new Map<string, Known>()
  readonly #places: AtMost

  /** @param places for the questions: each Pod has a token of its own */
  constructor(places: AtMost) {
    this.#places = places
  }

  /** @returns undefined where there is none */
  async read(
    credentials: Credentials,
    pod: Pod,
    volume: string,
    source: TokenSource,
    now = Date.now(),
  ): Promise<string | undefined> {
    const key = keyOf(pod.uid, volume, source)
    const known = this.#known.get(key)
    if (known !== undefined && now < known.renewAt) return known.token
    try {
      const { token, expirationTimestamp } = await this.#places.run(() => ask(credentials, pod, source))
      const endsAt = Date.parse(expirationTimestamp)
      // also where the clocks differ: not at once again
      const lasts = Math.max(endsAt - now, AGAIN)
      this.#known.set(key, { token, endsAt, renewAt: now + Math.min(lasts * RENEWED_AT, LONGEST) })
      return token
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const token = known !== undefined && now < known.endsAt ? known.token : undefined
      this.#known.set(key, {
        ...(token === undefined ? {} : { token }),
        endsAt: known?.endsAt ?? 0,
        renewAt: now + AGAIN,
      })
      return token
    }
  }

  /** @param uids of the Pods that are there */
  forget(uids: ReadonlySet<string>): void {
    for (const key of this.#known.keys()) if (!uids.has(key.slice(0, key.indexOf('/')))) this.#known.delete(key)
  }
}

function keyOf(uid: string, volume: string, { audience = '', seconds, path }: TokenSource): string {
  return `${uid}/${volume}/${seconds}/${audience}/${path}`
}

async function ask(
  credentials: Credentials,
  { namespace, name, uid, serviceAccount }: Pod,
  { audience, seconds }: TokenSource,
): Promise<z.output<typeof schema>['status']> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`
  const answer = await askApi(credentials, 'POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: audience === undefined ? [] : [audience],
      expirationSeconds: seconds,
      // without it a Node gets none; with it the token ends with the Pod
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  })
  const { data } = schema.safeParse(answer)
  if (data === undefined) throw new ApiError('the API server answered something else than a token')
  return data.status
}
