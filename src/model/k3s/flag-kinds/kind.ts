import { KeelError } from '../../../errors.ts'
import { nearest } from '../../text/nearest.ts'

/** How keel reads one text of a flag: its value, or one entry of its list. */
export interface Kind {
  /** What is allowed, in words that follow "k3s takes". */
  readonly allowed: string
  /** All possible values, if there are only a few. */
  readonly words?: readonly string[]
  /** The text in its canonical form, or what is wrong with it. */
  readonly read: (text: string) => string | Refusal
  /**
   * Equal for two entries of a list of which only one can apply. Undefined for an entry that adds to all others.
   * Absent: the text itself identifies the entry.
   */
  readonly identity?: (entry: string) => string | undefined
  /** k3s splits an entry at its commas (pkg/util, SplitStringSlice): `a,b` is two entries. */
  readonly cutAtCommas?: boolean
}

export interface Refusal {
  readonly why: string
  readonly todo?: string
}

export function isRefusal(result: string | Refusal): result is Refusal {
  return typeof result === 'object'
}

/** One of a few words. */
export function oneOf(...words: readonly string[]): Kind {
  const allowed = words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return {
    allowed,
    words,
    read(text) {
      if (words.includes(text)) return text
      const meant = words.find((word) => text.length > 3 && word.startsWith(`${text}-`)) ?? nearest(text, words)
      return { why: `k3s takes ${allowed}`, ...(meant === undefined ? {} : { todo: `did you mean '${meant}'?` }) }
    },
  }
}

/** A text that matches a pattern. It has no other spelling. */
export function matching(allowed: string, form: RegExp, longest = 4096): Kind {
  return {
    allowed,
    read: (text) => (text.length <= longest && form.test(text) ? text : { why: `k3s takes ${allowed}` }),
  }
}

/** A text that one of the parsers of the model reads. */
export function parsedBy(allowed: string, parse: (text: string) => string): Kind {
  return {
    allowed,
    read(text) {
      try {
        return parse(text)
      } catch (error) {
        if (!(error instanceof KeelError)) throw error
        return { why: error.why ?? `k3s takes ${allowed}`, ...(error.todo === undefined ? {} : { todo: error.todo }) }
      }
    },
  }
}
