import { nixTokens, type Token } from './nix-tokens.ts'
import { Unreadable } from './unreadable.ts'

/** What of Nix a secrets.nix usually holds: no functions but a few of `builtins`, no conditions, no arithmetic. */
export type Expression = { readonly line: number } & (
  | { readonly kind: 'string' | 'path' | 'name'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'set'; readonly recursive: boolean; readonly bindings: Bindings }
  | { readonly kind: 'let'; readonly bindings: Bindings; readonly body: Expression }
  | { readonly kind: 'with'; readonly set: Expression; readonly body: Expression }
  | { readonly kind: 'select'; readonly from: Expression; readonly path: readonly string[]; readonly otherwise?: Expression }
  | { readonly kind: 'apply'; readonly to: Expression; readonly argument: Expression }
  | { readonly kind: 'concat' | 'update'; readonly parts: readonly Expression[] }
  /** `inherit name;`: the one outside the set that it stands in. */
  | { readonly kind: 'outer'; readonly text: string }
)
export type Bindings = Map<string, Expression>

const KEYWORDS = new Set(['let', 'in', 'with', 'rec', 'inherit', 'if', 'then', 'else', 'assert', 'or'])
/** Deeper than anybody writes, shallower than the stack. */
const MOST_DEPTH = 200

/** @throws Unreadable */
export function parseNix(text: string): Expression {
  const parser = new Parser(nixTokens(text))
  const expression = parser.expression()
  parser.expectEnd()
  return expression
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(): Expression {
    if (++this.#depth > MOST_DEPTH) throw new Unreadable(this.#next().line, `more than ${MOST_DEPTH} brackets within each other`)
    try {
      const { line } = this.#next()
      if (this.#take('let')) {
        const bindings = this.#bindings('in')
        return { kind: 'let', line, bindings, body: this.expression() }
      }
      if (!this.#take('with')) return this.#update()
      const set = this.expression()
      this.#expect(';')
      return { kind: 'with', line, set, body: this.expression() }
    } finally {
      this.#depth--
    }
  }

  expectEnd(): void {
    if (this.#next().kind !== 'end') throw this.#unexpected()
  }

  /** `//` binds less than `++`; both take any number of parts (Nix manual, "Operators"). */
  #update(): Expression {
    return this.#chain('update', '//', () => this.#chain('concat', '++', () => this.#apply()))
  }

  #chain(kind: 'update' | 'concat', sign: string, part: () => Expression): Expression {
    const { line } = this.#next()
    const first = part()
    const parts = [first]
    while (this.#take(sign)) parts.push(part())
    return parts.length === 1 ? first : { kind, line, parts }
  }

  #apply(): Expression {
    let result = this.#select()
    while (this.#startsAtom()) result = { kind: 'apply', line: result.line, to: result, argument: this.#select() }
    return result
  }

  #select(): Expression {
    const from = this.#atom()
    const { line } = this.#next()
    const path: string[] = []
    while (this.#take('.')) path.push(this.#attributeName())
    if (path.length === 0) return from
    return { kind: 'select', line, from, path, ...(this.#take('or') ? { otherwise: this.#select() } : {}) }
  }

  #startsAtom(): boolean {
    const { kind, text } = this.#next()
    if (kind === 'name') return !KEYWORDS.has(text) || text === 'rec'
    return kind === 'string' || kind === 'path' || (kind === 'sign' && ['[', '{', '('].includes(text))
  }

  #atom(): Expression {
    if (!this.#startsAtom()) throw this.#unexpected()
    const { kind, text, line } = this.#next()
    this.#at++
    if (text === 'rec' && kind === 'name') {
      this.#expect('{')
      return { kind: 'set', line, recursive: true, bindings: this.#bindings('}') }
    }
    if (kind === 'string' || kind === 'path' || kind === 'name') return { kind, line, text }
    if (text === '{') return { kind: 'set', line, recursive: false, bindings: this.#bindings('}') }
    if (text === '(') {
      const inner = this.expression()
      this.#expect(')')
      return inner
    }
    return { kind: 'list', line, items: this.#items() }
  }

  #items(): readonly Expression[] {
    if (++this.#depth > MOST_DEPTH) throw this.#unexpected()
    const items: Expression[] = []
    while (!this.#take(']')) items.push(this.#select())
    this.#depth--
    return items
  }

  #bindings(end: string): Bindings {
    const bindings: Bindings = new Map()
    while (!this.#take(end)) {
      if (this.#take('inherit')) this.#inherit(bindings)
      else this.#binding(bindings)
    }
    return bindings
  }

  #inherit(bindings: Bindings): void {
    const { line } = this.#next()
    let from: Expression | undefined
    if (this.#take('(')) {
      from = this.expression()
      this.#expect(')')
    }
    while (!this.#take(';')) {
      const name = this.#attributeName()
      add(bindings, name, from === undefined ? { kind: 'outer', line, text: name } : { kind: 'select', line, from, path: [name] })
    }
  }

  #binding(bindings: Bindings): void {
    const { line } = this.#next()
    const path = [this.#attributeName()]
    while (this.#take('.')) path.push(this.#attributeName())
    this.#expect('=')
    const value = this.expression()
    this.#expect(';')
    const nested = path
      .slice(1)
      .reduceRight<Expression>(
        (inner, name) => ({ kind: 'set', line, recursive: false, bindings: new Map([[name, inner]]) }),
        value,
      )
    add(bindings, path[0] ?? '', nested)
  }

  #attributeName(): string {
    const { kind, text } = this.#next()
    if (kind !== 'string' && (kind !== 'name' || KEYWORDS.has(text))) throw this.#unexpected()
    this.#at++
    return text
  }

  #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end of the file', line: 0 }
  }

  #take(text: string): boolean {
    const next = this.#next()
    if ((next.kind !== 'sign' && next.kind !== 'name') || next.text !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected(text)
  }

  /** A string's text is not repeated: it may be anything. */
  #unexpected(wanted?: string): Unreadable {
    const { kind, text, line } = this.#next()
    const found = kind === 'string' ? 'a string' : text
    return new Unreadable(
      line,
      wanted === undefined ? `${found}, which keel's reader does not know here` : `${found} where ${wanted} belongs`,
    )
  }
}

/** `a.b = 1; a.c = 2;` is one set (Nix manual, "Attribute sets"). */
function add(bindings: Bindings, name: string, value: Expression): void {
  const before = bindings.get(name)
  if (before === undefined) bindings.set(name, value)
  else if (before.kind === 'set' && value.kind === 'set' && !before.recursive && !value.recursive)
    for (const [inner, each] of value.bindings) add(before.bindings, inner, each)
  else throw new Unreadable(value.line, `${name}, which is defined before`)
}
