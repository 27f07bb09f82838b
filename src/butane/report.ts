import { keyText, type MappingNode, type Mark, type Node, type Pair } from './yaml/index.ts'

/** A key itself. A plain string means the value of the key. */
interface KeyStep {
  readonly key: string
}
type Step = string | number | KeyStep
export type Path = readonly Step[]

/** One error or warning of butane. */
export interface Message {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly text: string
}

/** A message with its place in the file. */
export interface Entry {
  readonly severity: 'error' | 'warning'
  /** `$.storage.files.0.mode`, in the spelling of the file; `$` alone for the whole file. */
  readonly path: string
  /** Line and column (in characters) of the deepest node of the path that is in the file. Both count from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Collects the messages of one stage. */
export class Report {
  readonly messages: Message[] = []

  error(path: Path, text: string): void {
    this.messages.push({ severity: 'error', path, text })
  }

  warn(path: Path, text: string): void {
    this.messages.push({ severity: 'warning', path, text })
  }

  add(messages: readonly Message[]): void {
    for (const message of messages) this.messages.push(message)
  }

  get fatal(): boolean {
    return this.messages.some(({ severity }) => severity === 'error')
  }
}

export function pathText(path: Path): string {
  return ['$', ...path.map((step) => (typeof step === 'object' ? step.key : step))].join('.')
}

/** Finds the place of a message. */
export function locate({ severity, path, text }: Message, root: Node): Entry {
  const { line, column } = deepestMark(root, path)
  return { severity, path: pathText(path), line, column, message: text }
}

function deepestMark(root: Node, path: Path): Mark {
  let node = root
  for (const step of path) {
    if (typeof step === 'object') return keyOf(node, step.key)?.at ?? node.at
    const next = childOf(node, step)
    if (next === undefined) break
    node = next
  }
  return node.at
}

/** The value of a key or index. The value of an alias has no place here. */
export function childOf(node: Node | undefined, step: string | number): Node | undefined {
  if (typeof step === 'number') return node?.kind === 'sequence' ? node.items[step] : undefined
  return node?.kind === 'mapping' ? pairNamed(node, step)?.value : undefined
}

function keyOf(node: Node, name: string): Node | undefined {
  return node.kind === 'mapping' ? pairNamed(node, name)?.key : undefined
}

const pairsByName = new WeakMap<MappingNode, ReadonlyMap<string, Pair>>()

function pairNamed(node: MappingNode, name: string): Pair | undefined {
  const pairs = pairsByName.get(node) ?? new Map(node.pairs.map((pair) => [keyText(pair.key), pair]))
  pairsByName.set(node, pairs)
  return pairs.get(name)
}
