/**
 * JSON as plain data. In JavaScript, a key named `__proto__` would have another meaning, and a later reader would
 * ignore it.
 * @throws Error for text that is not JSON, and for such a key: the message names its line
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (key: string, value: unknown) => {
    if (key !== '__proto__') return value
    const before = text.slice(0, Math.max(text.indexOf('"__proto__"'), 0))
    throw new PrototypeKey(before.split('\n').length)
  })
}

export class PrototypeKey extends Error {
  /** From 1. */
  readonly line: number

  constructor(line: number) {
    super("a key named '__proto__'")
    this.line = line
  }
}
