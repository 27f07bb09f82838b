import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { openFilesDirectory, type TranspileOptions } from '../../../src/butane/index.ts'

const folder = fileURLToPath(new URL('../../cases/butane/', import.meta.url))

/** One input, with the output of butane for it. */
export interface ButaneCase {
  readonly name: string
  readonly fileName: string
  readonly source: Uint8Array
  readonly options: TranspileOptions
  /** The output of `butane --pretty`; undefined if the input is refused. */
  readonly ignition: string | undefined
  /** Its stderr, and its stderr with `--raw-errors`. */
  readonly stderr: string
  readonly raw: string
}

export function butaneCases(): ButaneCase[] {
  const names = readdirSync(folder).filter((file) => file.endsWith('.bu'))
  return names.map((fileName) => readCase(fileName, fileName.slice(0, -'.bu'.length)))
}

function readCase(fileName: string, name: string): ButaneCase {
  const read = (ending: string) => {
    const path = `${folder}${name}${ending}`
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  const files = `${folder}${name}.files`
  return {
    name,
    fileName,
    source: readFileSync(folder + fileName),
    options: existsSync(files) ? { files: openFilesDirectory(files) } : {},
    ignition: read('.ign'),
    stderr: read('.err') ?? read('.warn') ?? '',
    raw: read('.err.raw') ?? read('.warn.raw') ?? '',
  }
}

/** A config whose compressed contents are unpacked, because two compressors may produce different bytes. */
export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, unpacked(item)])
  const { source, compression } = value as { source?: string; compression?: string }
  // only what butane compressed itself is certainly gzip
  if (compression !== 'gzip' || !source?.startsWith('data:;base64,H4sI')) return Object.fromEntries(entries)
  return { ...Object.fromEntries(entries), source: unzipped(source.slice('data:;base64,'.length)) ?? source }
}

function unzipped(base64: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(base64, 'base64')).toString('latin1')
  } catch {
    return undefined
  }
}
