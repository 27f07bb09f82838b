import { type Bindings, type Expression, parseNix } from './nix-syntax.ts'
import { Lazy, NixFunction, NixPath, NixSet, type NixValue } from './nix-value.ts'
import { Unreadable } from './unreadable.ts'

/** Reads a file that another one imports, by the path relative to that one. @throws whatever; it is told as Unreadable */
export type ReadImport = (path: string) => { readonly text: string; readonly read: ReadImport }

/** A binding of a `let`, of a recursive set or of builtins shadows every `with`, however near (Nix manual, "With-expressions"). */
type Scope =
  | { readonly kind: 'names'; readonly values: ReadonlyMap<string, Lazy>; readonly up: Scope | undefined }
  | { readonly kind: 'with'; readonly set: Lazy; readonly up: Scope | undefined }

/** Beyond it somebody doubles lists for fun, or names lead to names without end. */
const MOST = { items: 100_000, depth: 500, imports: 50 }

export interface Evaluated {
  readonly value: NixValue
  /** What stands before the `in` of the outermost `let`s: where a secrets.nix names its keys. */
  readonly named: ReadonlyMap<string, Lazy>
}

/** @throws Unreadable */
export function evaluateNix(text: string, read: ReadImport): Evaluated {
  return new Evaluation(read, { imports: 0 }).file(text)
}

class Evaluation {
  readonly #read: ReadImport
  readonly #spent: { imports: number }
  readonly #named = new Map<string, Lazy>()
  #depth = 0

  constructor(read: ReadImport, spent: { imports: number }) {
    this.#read = read
    this.#spent = spent
  }

  file(text: string): Evaluated {
    const expression = parseNix(text)
    const scope: Scope = { kind: 'names', values: this.#builtins(), up: undefined }
    const value = this.#outermost(expression, scope)
    return { value, named: this.#named }
  }

  #outermost(expression: Expression, scope: Scope): NixValue {
    if (expression.kind !== 'let') return this.#evaluate(expression, scope)
    const inner = this.#recursive(expression.bindings, scope)
    for (const [name, value] of inner.values) this.#named.set(name, value)
    return this.#outermost(expression.body, inner)
  }

  #evaluate(expression: Expression, scope: Scope): NixValue {
    if (++this.#depth > MOST.depth) throw new Unreadable(expression.line, 'names that lead to names, too deep')
    try {
      return this.#evaluateHere(expression, scope)
    } finally {
      this.#depth--
    }
  }

  #evaluateHere(expression: Expression, scope: Scope): NixValue {
    const { line } = expression
    switch (expression.kind) {
      case 'string':
        return expression.text
      case 'path':
        return new NixPath(expression.text)
      case 'name':
        return lookUp(expression.text, scope, line).value
      case 'outer':
        return lookUp(expression.text, scope, line).value
      case 'list':
        return expression.items.map((item) => this.#lazy(item, scope))
      case 'set':
        return new NixSet(
          expression.recursive ? this.#recursive(expression.bindings, scope).values : this.#plain(expression.bindings, scope),
        )
      case 'let':
        return this.#evaluate(expression.body, this.#recursive(expression.bindings, scope))
      case 'with':
        return this.#evaluate(expression.body, { kind: 'with', set: this.#lazy(expression.set, scope), up: scope })
      case 'select':
        return this.#select(expression, scope)
      case 'apply': {
        const to = this.#evaluate(expression.to, scope)
        if (!(to instanceof NixFunction)) throw new Unreadable(line, 'something called that is no function')
        return to.call(this.#lazy(expression.argument, scope), line)
      }
      case 'concat': {
        const all = expression.parts.flatMap((part) => listOf(this.#evaluate(part, scope), part.line))
        if (all.length > MOST.items) throw new Unreadable(line, `a list of more than ${MOST.items} items`)
        return all
      }
      case 'update':
        return new NixSet(new Map(expression.parts.flatMap((part) => [...setOf(this.#evaluate(part, scope), part.line).values])))
    }
  }

  #select(expression: Extract<Expression, { kind: 'select' }>, scope: Scope): NixValue {
    let value = this.#evaluate(expression.from, scope)
    for (const name of expression.path) {
      const found = value instanceof NixSet ? value.values.get(name) : undefined
      if (found === undefined && expression.otherwise !== undefined) return this.#evaluate(expression.otherwise, scope)
      if (found === undefined) throw new Unreadable(expression.line, `.${name}, which is not there`)
      value = found.value
    }
    return value
  }

  #recursive(bindings: Bindings, outer: Scope): Extract<Scope, { kind: 'names' }> {
    const values = new Map<string, Lazy>()
    const scope = { kind: 'names', values, up: outer } as const
    // `inherit x;` means the one outside
    for (const [name, value] of bindings) values.set(name, this.#lazy(value, value.kind === 'outer' ? outer : scope))
    return scope
  }

  #plain(bindings: Bindings, scope: Scope): ReadonlyMap<string, Lazy> {
    return new Map([...bindings].map(([name, value]) => [name, this.#lazy(value, scope)]))
  }

  #lazy(expression: Expression, scope: Scope): Lazy {
    return new Lazy(
      expression.line,
      () => this.#evaluate(expression, scope),
      () => new Unreadable(expression.line, 'a definition that needs itself'),
    )
  }

  #builtins(): ReadonlyMap<string, Lazy> {
    const functions = {
      attrValues: (argument: Lazy, line: number) => sorted(setOf(argument.value, line)).map(([, value]) => value),
      attrNames: (argument: Lazy, line: number) => sorted(setOf(argument.value, line)).map(([name]) => Lazy.of(name)),
      concatLists: (argument: Lazy, line: number) => {
        const all = listOf(argument.value, line).flatMap((each) => listOf(each.value, line))
        if (all.length > MOST.items) throw new Unreadable(line, `a list of more than ${MOST.items} items`)
        return all
      },
    }
    const builtins = new Map(Object.entries(functions).map(([name, call]) => [name, Lazy.of(new NixFunction(call))]))
    return new Map([
      ['builtins', Lazy.of(new NixSet(builtins))],
      ['import', Lazy.of(new NixFunction((argument, line) => this.#import(argument, line)))],
      ['true', Lazy.of(true)],
      ['false', Lazy.of(false)],
      ['null', Lazy.of(null)],
    ])
  }

  #import(argument: Lazy, line: number): NixValue {
    if (!(argument.value instanceof NixPath)) throw new Unreadable(line, 'an import of something else than a file beside it')
    if (++this.#spent.imports > MOST.imports) throw new Unreadable(line, `more than ${MOST.imports} imports`)
    const { path } = argument.value
    try {
      const { text, read } = this.#read(path)
      return new Evaluation(read, this.#spent).file(text).value
    } catch (error) {
      if (error instanceof Unreadable) throw new Unreadable(error.line, error.message, error.file ?? path)
      throw new Unreadable(line, `an import of ${path}, which can't be read`)
    }
  }
}

function lookUp(name: string, scope: Scope, line: number): Lazy {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.up) {
    const found = at.kind === 'names' ? at.values.get(name) : undefined
    if (found !== undefined) return found
  }
  for (let at: Scope | undefined = scope; at !== undefined; at = at.up) {
    const set = at.kind === 'with' ? at.set.value : undefined
    const found = set instanceof NixSet ? set.values.get(name) : undefined
    if (found !== undefined) return found
  }
  throw new Unreadable(line, `${name}, which is defined nowhere`)
}

export function listOf(value: NixValue, line: number): readonly Lazy[] {
  if (isList(value)) return value
  throw new Unreadable(line, 'something else where a list belongs')
}

export function isList(value: NixValue): value is readonly Lazy[] {
  return Array.isArray(value)
}

export function setOf(value: NixValue, line: number): NixSet {
  if (value instanceof NixSet) return value
  throw new Unreadable(line, 'something else where a set { … } belongs')
}

/** Nix's order of attributes: by their bytes. */
function sorted({ values }: NixSet): readonly (readonly [string, Lazy])[] {
  return [...values].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
