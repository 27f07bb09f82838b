/** What an expression comes to. A set's values are worked out when they are asked for: a definition may name those that follow it. */
export type NixValue = string | boolean | null | readonly Lazy[] | NixSet | NixPath | NixFunction

export class NixSet {
  readonly values: ReadonlyMap<string, Lazy>
  constructor(values: ReadonlyMap<string, Lazy>) {
    this.values = values
  }
}

export class NixPath {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }
}

export class NixFunction {
  readonly call: (argument: Lazy, line: number) => NixValue
  constructor(call: (argument: Lazy, line: number) => NixValue) {
    this.call = call
  }
}

export class Lazy {
  #work: (() => NixValue) | undefined
  #value: NixValue | undefined
  #working = false
  readonly #endless: () => Error
  /** Where it is defined. */
  readonly line: number

  constructor(line: number, work: () => NixValue, endless: () => Error) {
    this.line = line
    this.#work = work
    this.#endless = endless
  }

  static of(value: NixValue): Lazy {
    return new Lazy(
      1,
      () => value,
      () => new Error('a value needs nothing'),
    )
  }

  get value(): NixValue {
    if (this.#work !== undefined) {
      if (this.#working) throw this.#endless()
      this.#working = true
      try {
        this.#value = this.#work()
        this.#work = undefined
      } finally {
        this.#working = false
      }
    }
    return this.#value ?? null
  }
}
