import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { AtMost } from '../at-most.ts'
import type { ObjectRef } from '../pod/environment-source.ts'

const texts = z.record(z.string().max(253), z.string().max(4_194_304)).nullish()
const schema = z.looseObject({ data: texts, binaryData: texts })

const PLURAL = { secret: 'secrets', configMap: 'configmaps' } as const

/** The keys of a configMap or a secret, as they were when they were read. */
export interface StoredObject {
  /** For variables: a key whose bytes are no text has a NUL, which no variable takes. */
  readonly texts: ReadonlyMap<string, string>
  /** For files: also what is no text. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** Milliseconds after which an object that nobody asks for is forgotten. */
const KEPT = 600_000
/** Bytes of all that are kept. Beyond, those that nobody has asked for for the longest time are asked for again. */
const MOST = 67_108_864

interface Known {
  readonly object: StoredObject | undefined
  /** Milliseconds: when it was read, and when somebody asked for it. */
  readonly at: number
  readonly asked: number
}

/**
 * The configMaps and secrets that Pods of this Node use. Each is read again after a while, once for all Pods. While the
 * API server does not answer, an object is what it was.
 */
export class ApiObjects {
  readonly #places: AtMost
  readonly #asking = new Map<string, Promise<StoredObject | undefined>>()
  /** Who was asked for last comes last. */
  readonly #known = new Map<string, Known>()
  #size = 0

  /** @param places for the questions: a hundred Pods may need a hundred objects at once */
  constructor(places: AtMost) {
    this.#places = places
  }

  /**
   * @param age milliseconds that an answer may be old
   * @returns undefined for an object that is not there, or that the API server does not show to this Node
   * @throws ApiError where it does not answer, and nothing is known
   */
  async read(
    credentials: Credentials,
    namespace: string,
    ref: ObjectRef,
    age: number,
    now = Date.now(),
  ): Promise<StoredObject | undefined> {
    const key = `${namespace}/${objectKey(ref)}`
    const known = this.#known.get(key)
    if (known !== undefined) this.#keep(key, { ...known, asked: now })
    if (known !== undefined && now - known.at < age) return known.object
    const asking = this.#asking.get(key) ?? this.#places.run(() => ask(credentials, namespace, ref))
    this.#asking.set(key, asking)
    try {
      const object = await asking
      this.#keep(key, { object, at: now, asked: now })
      return object
    } catch (error) {
      if (known?.object !== undefined && error instanceof ApiError) return known.object
      throw error
    } finally {
      this.#asking.delete(key)
    }
  }

  /** Forgets what no Pod uses any more. */
  forget(now = Date.now()): void {
    for (const [key, { asked }] of this.#known) if (now - asked > KEPT) this.#drop(key)
  }

  #keep(key: string, known: Known): void {
    this.#drop(key)
    this.#known.set(key, known)
    this.#size += bytesOf(known.object)
    for (const [oldest] of this.#known) {
      if (this.#size <= MOST) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#size -= bytesOf(this.#known.get(key)?.object)
    this.#known.delete(key)
  }
}

/** What an object takes, as text and as files. */
export function bytesOf(object: StoredObject | undefined): number {
  let size = 0
  for (const bytes of object?.files.values() ?? []) size += 2 * bytes.length
  return size
}

async function ask(
  credentials: Credentials,
  namespace: string,
  { kind, name }: ObjectRef,
): Promise<StoredObject | undefined> {
  try {
    const path = `/api/v1/namespaces/${namespace}/${PLURAL[kind]}/${name}`
    return storedObject(kind, await askApi(credentials, 'GET', path, undefined, { most: 8_388_608 }))
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined
    throw error
  }
}

/** An object that is not what it should be has no keys. */
export function storedObject(kind: ObjectRef['kind'], answer: unknown): StoredObject {
  const { data, binaryData } = schema.safeParse(answer).data ?? {}
  const bytesOf = (text: string) => Buffer.from(text, kind === 'secret' ? 'base64' : 'utf8')
  const plain = Object.entries(data ?? {}).map(([key, text]) => [key, bytesOf(text)] as const)
  const binary = Object.entries(binaryData ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const)
  return {
    // variables come from `data` alone (kubelet, makeEnvironmentVariables)
    texts: new Map(plain.map(([key, bytes]) => [key, textOf(bytes)])),
    files: new Map([...binary, ...plain]),
  }
}

export function objectKey({ kind, name }: ObjectRef): string {
  return `${kind}/${name}`
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return '\0'
  }
}
