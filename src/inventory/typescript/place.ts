import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readInventoryFile } from '../../files/inventory-file.ts'
import type { Definition } from '../../model/definition.ts'
import { CALLS } from '../definition-file.ts'
import type { Source } from '../definitions.ts'
import { type Frame, frameIn } from './import-fresh.ts'
import { type Call, findCall, literalAt } from './literals.ts'

/**
 * The places of the parts of a definition. Each one is at its literal, else at the literal around it, else at the
 * define call, else at the start of the file.
 */
export function placesOf(directory: string, file: string, definition: Definition): Pick<Source, 'locate' | 'written'> {
  let opened: Opened | undefined
  const open = () => {
    opened ??= openCall(directory, file, definition)
    return opened
  }
  return {
    locate(path, part) {
      const { where, call, start, place } = open()
      return `${where}:${call === undefined ? start : place(literalAt(call, path, part).offset)}`
    },
    written(path) {
      const { call, text } = open()
      const found = call === undefined ? undefined : literalAt(call, path)
      return found?.exact === true
        ? /^(-?\d[\w.]*|true|false|null)(?=\s*[,}\]\n])/.exec(text.slice(found.offset, found.offset + 80))?.[1]
        : undefined
    },
  }
}

interface Opened {
  /** The file of the define call: the one of the definition, or a shared one. */
  readonly where: string
  readonly text: string
  readonly call: Call | undefined
  /** `line:column` of the define call, as V8 reports it. */
  readonly start: string
  readonly place: (offset: number) => string
}

/** Computed only when a fault needs it. */
function openCall(directory: string, file: string, definition: Definition): Opened {
  const frame = definition.calledFrom === undefined ? undefined : frameIn(definition.calledFrom)
  const where = frame === undefined ? file : inventoryPath(directory, frame)
  const text = readText(directory, where)
  const name = CALLS[definition.kind]
  const call = findCall(text, name, frame && offsetOf(text, frame)) ?? findCall(text, name)
  return { where, text, call, start: `${frame?.line ?? 1}:${frame?.column ?? 1}`, place: placesIn(text) }
}

/** Offset → `line:column`, both from 1. The lines are counted only once, for a long file with many faults. */
export function placesIn(text: string): (offset: number) => string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return (offset) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return `${low + 1}:${offset - (starts[low] ?? 0) + 1}`
  }
}

/** Relative to the inventory, with forward slashes. */
export function inventoryPath(directory: string, frame: Pick<Frame, 'url'>): string {
  return relative(directory, fileURLToPath(frame.url)).split(sep).join('/')
}

export function readText(directory: string, file: string): string {
  try {
    return readInventoryFile(directory, file)?.toString() ?? ''
  } catch {
    return '' // gone since it was imported, or never a file of the inventory: the place is then the file's start
  }
}

function offsetOf(text: string, { line, column }: Frame): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((offset, one) => offset + one.length + 1, 0) + column - 1
}
