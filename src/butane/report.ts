import { keyText, type MappingNode, type Mark, type Node, type Pair } from './yaml/index.ts'

/** A key itself, where a plain string means what is under it. */
interface KeyStep {
  readonly key: string
}
type Step = string | number | KeyStep
export type Path = readonly Step[]

/** One thing that butane has to say. */
export interface Message {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly text: string
}

/** A message with its place in the file. */
export interface Entry {
  readonly severity: 'error' | 'warning'
  /** `$.storage.files.0.mode`, in the file's spelling; `$` alone for the whole file. */
  readonly path: string
  /** Line and column (in characters) of the deepest node on the path that the file has; both count from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Collects what the checks of one stage find. */
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

/** Finds the message's place. */
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

/** What is under a key or an index; an alias hides what it means. */
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
