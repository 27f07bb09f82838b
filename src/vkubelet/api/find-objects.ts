import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { ObjectRef } from '../pod/environment-source.ts'
import type { Pod } from '../pod/pod.ts'

const texts = z.record(z.string().max(253), z.string().max(4_194_304)).nullish()
const schema = z.looseObject({ data: texts })

const PLURAL = { secret: 'secrets', configMap: 'configmaps' } as const

/**
 * The objects that the environments of a Pod come from, by kind and name. What the API server does not have, or does
 * not show to this Node, is not among them.
 * @returns texts by key: of a secret decoded, and without the keys that are no texts
 * @throws ApiError where it does not answer
 */
export async function findObjects(
  credentials: Credentials,
  { namespace, initContainers, containers }: Pod,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const sources = [...initContainers, ...containers].flatMap(({ environment }) => environment)
  const refs = new Map(
    sources.flatMap((one) => ('object' in one ? [[objectKey(one.object), one.object] as const] : [])),
  )
  const found = await Promise.all(
    [...refs].map(async ([key, { kind, name }]) => {
      try {
        const path = `/api/v1/namespaces/${namespace}/${PLURAL[kind]}/${name}`
        const { data } = schema.parse(await askApi(credentials, 'GET', path, undefined, { most: 8_388_608 }))
        return [[key, new Map(Object.entries(data ?? {}).map(([one, text]) => [one, textOf(kind, text)]))] as const]
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return []
        throw error
      }
    }),
  )
  return new Map(found.flat())
}

export function objectKey({ kind, name }: ObjectRef): string {
  return `${kind}/${name}`
}

/** Bytes that are no UTF-8 become a NUL, which no variable takes. */
function textOf(kind: ObjectRef['kind'], text: string): string {
  if (kind === 'configMap') return text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    return '\0'
  }
}
