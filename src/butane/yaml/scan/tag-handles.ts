import { YamlError } from '../yaml-error.ts'
import type { Scanner } from './scanner.ts'

const defaults: readonly (readonly [handle: string, prefix: string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
]

/** The meaning of tag handles: the defaults, and the `%TAG` directives of a document. */
export class TagHandles {
  readonly #prefixes = new Map<string, string>()

  /** Reads the directives before a document. @returns whether there were any */
  readDirectives(scanner: Scanner): boolean {
    let found = false
    let versioned = false
    for (;;) {
      const token = scanner.peek()
      if (token.kind === 'version-directive') {
        if (versioned) refuse('a second %YAML for one document', token.start.line)
        // libyaml reads YAML 1.1, and refuses a file of 1.2
        if (token.major !== 1 || token.minor !== 1) refuse('found incompatible YAML document', token.start.line)
        versioned = true
      } else if (token.kind === 'tag-directive') {
        if (this.#prefixes.has(token.handle)) refuse('a second %TAG for one handle', token.start.line)
        this.#prefixes.set(token.handle, token.prefix)
      } else {
        break
      }
      found = true
      scanner.take()
    }
    for (const [handle, prefix] of defaults) if (!this.#prefixes.has(handle)) this.#prefixes.set(handle, prefix)
    return found
  }

  /** The whole tag; undefined if its handle was never declared. */
  expand({ handle, suffix }: { readonly handle: string; readonly suffix: string }): string | undefined {
    if (handle === '') return suffix
    const prefix = this.#prefixes.get(handle)
    return prefix === undefined || prefix + suffix === '' ? undefined : prefix + suffix
  }
}

function refuse(problem: string, line: number): never {
  throw new YamlError(problem, line > 0 ? line : undefined)
}
