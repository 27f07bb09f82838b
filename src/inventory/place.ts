import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Definition } from '../model/definition.ts'
import { type Frame, frameIn } from './import-fresh.ts'
import { findCall, lineOf, literalAt } from './literals.ts'

const CALLS = { cluster: 'defineCluster', host: 'defineHost', secrets: 'defineSecrets' } as const

/** `file:line` of a part of a definition: of its literal, else of what encloses it, else of the define call, else of the file's start. */
export function placeIn(directory: string, file: string, definition: Definition, path: readonly (string | number)[]): string {
  const frame = definition.calledFrom === undefined ? undefined : frameIn(definition.calledFrom)
  const where = frame === undefined ? file : inventoryPath(directory, frame)
  const text = readText(join(directory, where))
  const name = CALLS[definition.kind]
  const call = findCall(text, name, frame && offsetOf(text, frame)) ?? findCall(text, name)
  return `${where}:${call === undefined ? (frame?.line ?? 1) : lineOf(text, literalAt(call, path).offset)}`
}

/** Relative to the inventory, with forward slashes. */
export function inventoryPath(directory: string, frame: Pick<Frame, 'url'>): string {
  return relative(directory, fileURLToPath(frame.url)).split(sep).join('/')
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone since it was imported: the place is then the file's start
  }
}

function offsetOf(text: string, { line, column }: Frame): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((offset, one) => offset + one.length + 1, 0) + column - 1
}
