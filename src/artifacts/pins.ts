import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import type { Artifact } from '../desired/host-state.ts'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'
import { MOST_PARSED_BYTES, readInventoryFile } from '../files/inventory-file.ts'
import { PrototypeKey, parseJson } from '../files/json.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Arch } from '../model/cluster.ts'
import '../model/schema/zod-without-code.ts'

export const PINS_FILE = 'keel.lock.json'

const sha256 = z.custom<Sha256>(
  (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  '64 lower-case hex digits',
)
const url = z
  .url({ protocol: /^(https?|file)$/ })
  // file://HOST/x names a file on another machine, which keel can't open
  .refine((text) => !text.startsWith('file:') || isLocalFile(text), {
    error: 'a file: URL names a file of this machine: file:///path',
  })
/**
 * `sha256`: of the program. `archive`: of what is at the URL, if the program is in an archive. `sysext`: of the system
 * extension image that keel makes of the program, for Flatcar.
 */
const pinned = z.strictObject({ url, sha256, archive: sha256.optional(), sysext: sha256.optional() })
/** `of`: the artifacts in the image, each with its version. */
const image = z.strictObject({ sha256, of: z.record(z.string(), z.string()) })
const pinsSchema = z.strictObject({
  format: z.literal(1),
  /** name → version → architecture → where it is, and its hash */
  artifacts: z.record(
    z.string(),
    z.record(z.string(), z.strictObject({ amd64: pinned.optional(), arm64: pinned.optional() })),
  ),
  /** the same for the system extension images that keel makes of several artifacts */
  images: z
    .record(z.string(), z.record(z.string(), z.strictObject({ amd64: image.optional(), arm64: image.optional() })))
    .optional(),
  /** URL → the hash of the manifest there */
  manifests: z.record(z.string(), z.strictObject({ sha256 })).optional(),
})

function isLocalFile(text: string): boolean {
  try {
    return fileURLToPath(text).startsWith('/')
  } catch {
    return false
  }
}

/** keel.lock.json: version × architecture → URL and SHA-256 of every artifact. deploy refuses anything else. */
export type Pins = z.infer<typeof pinsSchema>

/** One program: where it is, its hash, and the image that keel makes of it. */
export type Pinned = z.infer<typeof pinned>

/** A system extension image of several artifacts. */
export type PinnedImage = z.infer<typeof image>

export interface PinKey {
  readonly name: string
  readonly version: string
  readonly arch: Arch
}

export const noPins: Pins = { format: 1, artifacts: {} }

/**
 * @returns the lock file of the inventory, or an empty one if there is none
 * @throws KeelError `lock-file` if keel can't read it as one
 */
export async function readPins(directory: string): Promise<Pins> {
  const bytes = readPinBytes(directory)
  if (bytes === undefined) return noPins
  try {
    return pinsSchema.parse(parseJson(bytes.toString()))
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : 'no JSON'
    const isLost = error instanceof PrototypeKey
    throw new KeelError({
      code: 'lock-file',
      at: isLost ? `${PINS_FILE}:${error.line}` : PINS_FILE,
      found: isLost ? error.message : found,
      todo: 'run `keel pin`, or restore the file from git',
      exit: ExitCode.Usage,
    })
  }
}

/**
 * @returns undefined if there is no lock file
 * @throws KeelError `lock-file` (exit 2) for a folder, and for errors of the system
 */
export function readPinBytes(directory: string): Buffer | undefined {
  try {
    return readInventoryFile(directory, PINS_FILE, MOST_PARSED_BYTES)
  } catch (cause) {
    if (cause instanceof KeelError) throw cause
    throw new KeelError({
      code: 'lock-file',
      at: PINS_FILE,
      found: hasCode(cause, 'EISDIR') ? 'a folder, where a file belongs' : `it can't be read (${systemCode(cause)})`,
      todo: 'correct its permissions, or restore the file from git',
      exit: ExitCode.Usage,
      cause,
    })
  }
}

/** The text of the lock file. Its keys have a fixed order, so that two machines write the same text. */
export function pinsText(pins: Pins): string {
  return `${JSON.stringify(pins, (_key, value: unknown) => (isPlain(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value), 2)}\n`
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws KeelError `not-pinned` if the lock file has no such artifact */
export function pinnedArtifact(pins: Pins, name: string, version: string, arch: Arch): Artifact {
  const found = pins.artifacts[name]?.[version]?.[arch]
  if (found === undefined) throw notPinned({ name, version, arch }, 'run `keel pin`')
  const { archive, sysext, ...rest } = found
  return {
    ...{ name, version, arch, ...rest },
    ...(archive === undefined ? {} : { archive }),
    ...(sysext === undefined ? {} : { sysext }),
  }
}

/** The lock file with entries for an artifact, by architecture. Its other entries stay. */
export function withPinned(pins: Pins, of: Version, entries: ByArch<Pinned>): Pins {
  return { ...pins, artifacts: withEntries(pins.artifacts, of, entries) }
}

/** The same for an image. */
export function withPinnedImage(pins: Pins, of: Version, entries: ByArch<PinnedImage>): Pins {
  return { ...pins, images: withEntries(pins.images ?? {}, of, entries) }
}

type Version = Pick<PinKey, 'name' | 'version'>
type ByArch<Entry> = { readonly [arch in Arch]?: Entry | undefined }
type Entries<Entry> = Record<string, Record<string, ByArch<Entry>>>

function withEntries<Entry>(all: Entries<Entry>, { name, version }: Version, entries: ByArch<Entry>): Entries<Entry> {
  const versions = all[name] ?? {}
  return { ...all, [name]: { ...versions, [version]: { ...versions[version], ...entries } } }
}

/**
 * A pinned image, with the artifacts of which keel makes it.
 * @throws KeelError `not-pinned` if the lock file has no such image, or lacks one of the artifacts
 */
export function pinnedImage(pins: Pins, name: string, version: string, arch: Arch): Artifact {
  const key = { name, version, arch }
  const found = pins.images?.[name]?.[version]?.[arch]
  if (found === undefined) throw notPinned(key, `run \`keel sysext build ${name} ${version}\` in the inventory`)
  const of = Object.entries(found.of).map(([one, its]) => pinnedArtifact(pins, one, its, arch))
  return { ...key, url: MADE_BY_KEEL, sha256: found.sha256, sysext: found.sha256, of }
}

/** In the place of a URL: an image that keel makes of other artifacts. */
const MADE_BY_KEEL = 'keel:image'

function notPinned({ name, version, arch }: PinKey, todo: string): KeelError {
  return new KeelError({
    code: 'not-pinned',
    at: PINS_FILE,
    found: `no ${name} ${version} for ${arch}`,
    why: `keel compares and installs ${name} by its hash in this file`,
    todo,
    exit: ExitCode.Usage,
  })
}
