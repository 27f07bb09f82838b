import * as z from 'zod'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import { isPodName, unitName } from '../names/unit-name.ts'
import { END_REASONS, type End } from './end.ts'
import type { Section, Setting } from './unit-text.ts'

/** systemd ignores sections that begin with X- and keeps them (systemd.unit(5)). */
export const SECTION = 'X-Kubernetes'

/** What a unit says of itself: all that systemd does not know. */
export interface UnitMetadata {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly container: string
  readonly image: string
  /** How many runs were before this one. */
  readonly run: number
  /** Seconds that this run had to wait for its turn; absent for the first one. */
  readonly pause?: number
  /** systemd's invocation of the run before. If that is the unit's invocation still, this run has not begun. */
  readonly after?: string
  readonly last?: End
}

export function metadataSection(metadata: UnitMetadata): Section {
  const { namespace, pod, uid, container, image, run, pause, after, last } = metadata
  const settings: (readonly [string, string | number | undefined])[] = [
    ['Namespace', namespace],
    ['Pod', pod],
    ['UID', uid],
    ['Container', container],
    ['Image', image],
    ['Run', run],
    ['Pause', pause],
    ['After', after],
    ['LastExitCode', last?.exitCode],
    ['LastReason', last?.reason],
    ['LastStarted', last?.started],
    ['LastFinished', last?.finished],
  ]
  const written = settings.flatMap(([key, value]): Setting[] => (value === undefined ? [] : [[key, `${value}`]]))
  return { name: SECTION, settings: written }
}

const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

const schema = z.object({
  Namespace: z.string().refine(isDnsLabel),
  Pod: z.string().refine(isPodName),
  UID: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  Container: z.string().refine(isDnsLabel),
  Image: z.string().min(1).max(1024),
  Run: number,
  Pause: number.optional(),
  After: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  LastExitCode: number.optional(),
  LastReason: z.literal(END_REASONS).optional(),
  LastStarted: number.optional(),
  LastFinished: number.optional(),
})

/**
 * What a unit says of itself.
 * @param unit its name, which has to be that of the container
 * @returns undefined for a unit that is not the program's own, or that somebody has changed
 */
export function readMetadata(unit: string, text: string): UnitMetadata | undefined {
  const found = schema.safeParse(settingsOf(text)).data
  if (found === undefined) return undefined
  const { LastExitCode: exitCode, LastReason: reason, LastStarted: started, LastFinished: finished } = found
  const ref = { namespace: found.Namespace, pod: found.Pod, container: found.Container }
  if (unitName(ref) !== unit) return undefined
  const times = { ...(started === undefined ? {} : { started }), ...(finished === undefined ? {} : { finished }) }
  return {
    ...ref,
    uid: found.UID,
    image: found.Image,
    run: found.Run,
    ...(found.Pause === undefined ? {} : { pause: found.Pause }),
    ...(found.After === undefined ? {} : { after: found.After }),
    ...(exitCode === undefined || reason === undefined ? {} : { last: { exitCode, reason, ...times } }),
  }
}

/** The settings of the one section; of a key that comes twice none is believed. */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  const settings = new Map<string, string>()
  let isInside = false
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) isInside = line === `[${SECTION}]`
    const at = line.indexOf('=')
    if (!isInside || at === -1) continue
    const key = line.slice(0, at)
    settings.set(key, settings.has(key) ? '' : line.slice(at + 1))
  }
  return Object.fromEntries(settings)
}
