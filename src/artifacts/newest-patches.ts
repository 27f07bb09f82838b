import * as z from 'zod'
import { KeelError } from '../errors.ts'
import { type ImageKey, isVersionOf } from '../model/systems/image-file-name.ts'
import type { Env } from './env.ts'
import { fetchText } from './fetch-text.ts'
import '../model/schema/zod-without-code.ts'

/** dl.k8s.io has one line for each minor; k3s has one answer for all (docs.k3s.io/upgrades/manual, "Release channels"). */
const kubernetesReleases = 'https://dl.k8s.io/release'
const k3sChannels = 'https://update.k3s.io/v1-release/channels'

/** A few hundred bytes, and less than 40 channels. A network that drops packets must not hold a list up for long. */
const SECONDS = 10

export interface NewestPatches {
  /** By minor of Kubernetes 1.x. */
  readonly versions: ReadonlyMap<number, string>
  /** Why there is none for some minors: the first reason. Absent where all are known. */
  readonly unknown?: string
}

interface From {
  readonly env: Env
  readonly signal: AbortSignal
}

/**
 * The newest patch of each of these minors, as the releases tell it. What cannot be reached is unknown, and no error.
 * @throws KeelError `mirror` (exit 2); the reason of the signal
 */
export async function newestPatches(
  name: ImageKey['name'],
  minors: readonly number[],
  from: From,
): Promise<NewestPatches> {
  const answers = await (name === 'kubernetes' ? ofKubernetes(minors, from) : ofK3s(minors, from))
  const versions = new Map(answers.flatMap(({ minor, version }) => (version === undefined ? [] : [[minor, version]])))
  const [unknown] = answers.flatMap(({ why }) => why ?? [])
  return { versions, ...(unknown === undefined ? {} : { unknown }) }
}

interface Answer {
  readonly minor: number
  readonly version?: string
  readonly why?: string
}

function ofKubernetes(minors: readonly number[], from: From): Promise<readonly Answer[]> {
  return Promise.all(
    minors.map(async (minor) => {
      const read = await fetched(`${kubernetesReleases}/stable-1.${minor}.txt`, from)
      return read.text === undefined ? { minor, ...read } : checked('kubernetes', minor, read.text.trim())
    }),
  )
}

const channels = z.object({ data: z.array(z.object({ id: z.string(), latest: z.string().optional() })) })

async function ofK3s(minors: readonly number[], from: From): Promise<readonly Answer[]> {
  const { text, why } = await fetched(k3sChannels, from)
  if (text === undefined) return minors.map((minor) => ({ minor, ...(why === undefined ? {} : { why }) }))
  const read = channels.safeParse(jsonOf(text))
  return minors.map((minor) => {
    const latest = read.data?.data.find(({ id }) => id === `v1.${minor}`)?.latest
    return latest === undefined
      ? { minor, why: `${k3sChannels} names no version of 1.${minor}` }
      : checked('k3s', minor, latest)
  })
}

/** A version from a server goes to a terminal and, by hand, into an inventory. */
function checked(name: ImageKey['name'], minor: number, version: string): Answer {
  const isOne = isVersionOf(name, version) && version.startsWith(`v1.${minor}.`)
  return isOne ? { minor, version } : { minor, why: `the answer for 1.${minor} is no version of it` }
}

async function fetched(url: string, { env, signal }: From): Promise<{ readonly text?: string; readonly why?: string }> {
  try {
    return { text: await fetchText(url, signal, env, SECONDS) }
  } catch (error) {
    if (error instanceof KeelError && error.code === 'pin-fetch') return { why: `${url}: ${error.found}` }
    throw error
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
