import type { Characters } from './characters.ts'
import { Cursor, end, isBlank, isBlankOrEnd, isBreak, isWord, type Position } from './cursor.ts'
import { Indentation } from './indentation.ts'
import { scanBlock } from './scan-block.ts'
import { scanDirective } from './scan-directive.ts'
import { scanPlain } from './scan-plain.ts'
import { scanQuoted } from './scan-quoted.ts'
import { scanTag } from './scan-tag.ts'
import { SimpleKeys } from './simple-keys.ts'
import { skipComments, skipLineComment } from './skip-comments.ts'
import type { Indicator, Token } from './token.ts'

/**
 * Splits a text into tokens like libyaml (and yaml.v3, which butane uses): YAML 1.1, with libyaml's own rules about
 * what is allowed where. Only a later colon may show that a token begins a key (`a: 1`), so tokens wait in a queue
 * until that is known.
 */
export class Scanner {
  readonly #cursor: Cursor
  readonly #keys = new SimpleKeys()
  readonly #indentation = new Indentation()
  readonly #queue: Token[] = []
  #taken = 0
  #ready = false
  #keyAllowed = true

  constructor(characters: Characters) {
    this.#cursor = new Cursor(characters)
    this.#push('stream-start', this.#cursor.position())
  }

  /** @throws {YamlError} if the next text can't be split into tokens */
  peek(): Token {
    // yaml.v3 reads two tokens more than it returns, so it also finds errors two tokens earlier
    while (!this.#ready && (this.#queue.length < 3 || this.#keys.mayBegin(this.#taken, this.#cursor))) this.#fetch()
    this.#ready = true
    const token = this.#queue[0]
    if (token === undefined) throw new Error('the queue was just filled')
    return token
  }

  take(): Token {
    const token = this.peek()
    this.#queue.shift()
    this.#taken += 1
    this.#ready = false
    return token
  }

  #fetch(): void {
    const cursor = this.#cursor
    this.#skipToToken()
    this.#endBlocks(cursor.column)
    if (cursor.peek() === end) this.#fetchStreamEnd()
    else if (cursor.column === 0 && cursor.peek() === '%') this.#fetchDirective()
    else if (cursor.atDocumentIndicator()) this.#fetchDocumentIndicator()
    else {
      this.#fetchContent()
      if (this.#queue.at(-1)?.kind !== 'block-entry') skipLineComment(cursor)
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor
    for (;;) {
      // a tab must not indent a possible key
      while (cursor.peek() === ' ' || (cursor.peek() === '\t' && (this.#keys.inFlow || !this.#keyAllowed)))
        cursor.take()
      if (cursor.peek() === '#') skipComments(cursor)
      if (!isBreak(cursor.peek())) return
      cursor.takeBreak()
      if (!this.#keys.inFlow) this.#keyAllowed = true
    }
  }

  #fetchStreamEnd(): void {
    this.#cursor.endLine()
    this.#endBlocks(-1)
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = false
    this.#push('stream-end', this.#cursor.position())
  }

  #fetchDirective(): void {
    this.#endBlocks(-1)
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = false
    this.#queue.push(scanDirective(this.#cursor))
  }

  #fetchDocumentIndicator(): void {
    this.#endBlocks(-1)
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = false
    this.#pushIndicator(this.#cursor.peek() === '-' ? 'document-start' : 'document-end', 3)
  }

  #fetchContent(): void {
    const cursor = this.#cursor
    const next = cursor.peek()
    const { inFlow } = this.#keys
    const apart = isBlankOrEnd(cursor.peek(1))
    if (next === '[' || next === '{') this.#openFlow(next === '[' ? 'flow-sequence-start' : 'flow-mapping-start')
    else if (next === ']' || next === '}') this.#closeFlow(next === ']' ? 'flow-sequence-end' : 'flow-mapping-end')
    else if (next === ',') this.#fetchFlowEntry()
    else if (next === '-' && apart) this.#fetchBlockEntry()
    else if (next === '?' && (inFlow || apart)) this.#fetchKey()
    else if (next === ':' && (inFlow || apart)) this.#fetchValue()
    else if (next === '*' || next === '&') this.#fetchNode(() => this.#scanName(next === '*' ? 'alias' : 'anchor'))
    else if (next === '!') this.#fetchNode((start) => ({ kind: 'tag', start, ...scanTag(cursor) }))
    else if ((next === '|' || next === '>') && !inFlow) this.#fetchBlockScalar()
    else if (next === "'" || next === '"') {
      this.#fetchNode((start) => ({ kind: 'scalar', start, value: scanQuoted(cursor), style: 'quoted' }))
    } else if (this.#mayStartPlain(next)) this.#fetchPlain()
    else cursor.fail('found character that cannot start any token')
  }

  #mayStartPlain(next: string): boolean {
    const after = this.#cursor.peek(1)
    if (next === '-') return !isBlank(after)
    if (next === '?' || next === ':') return !this.#keys.inFlow && !isBlankOrEnd(after)
    return !isBlankOrEnd(next) && !',[]{}#&*!|>\'"%@`'.includes(next)
  }

  #openFlow(kind: Indicator): void {
    this.#rememberKey()
    this.#keys.enterFlow(this.#cursor)
    this.#keyAllowed = true
    this.#pushIndicator(kind)
  }

  #closeFlow(kind: Indicator): void {
    this.#keys.forget(this.#cursor)
    this.#keys.leaveFlow()
    this.#keyAllowed = false
    this.#pushIndicator(kind)
  }

  #fetchFlowEntry(): void {
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = true
    this.#pushIndicator('flow-entry')
  }

  #fetchBlockEntry(): void {
    if (!this.#keys.inFlow) {
      if (!this.#keyAllowed) this.#cursor.fail("a list (-) can't begin here; it needs a line of its own")
      this.#beginBlock('block-sequence-start', this.#cursor.position())
    }
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = true
    this.#pushIndicator('block-entry')
  }

  #fetchKey(): void {
    if (!this.#keys.inFlow) {
      if (!this.#keyAllowed) this.#cursor.fail("a key (?) can't begin here; it needs a line of its own")
      this.#beginBlock('block-mapping-start', this.#cursor.position())
    }
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = !this.#keys.inFlow
    this.#pushIndicator('key')
  }

  #fetchValue(): void {
    const key = this.#keys.takeValid(this.#cursor)
    if (key !== undefined) {
      const at = key.token - this.#taken
      this.#queue.splice(at, 0, { kind: 'key', start: key.start, end: key.start })
      this.#beginBlock('block-mapping-start', key.start, at)
      this.#keyAllowed = false
    } else {
      if (!this.#keys.inFlow) {
        if (!this.#keyAllowed) this.#cursor.fail('one colon too many: this is no place for a key; quotes make it text')
        this.#beginBlock('block-mapping-start', this.#cursor.position())
      }
      this.#keyAllowed = !this.#keys.inFlow
    }
    this.#pushIndicator('value')
  }

  #fetchBlockScalar(): void {
    this.#keys.forget(this.#cursor)
    this.#keyAllowed = true
    const start = this.#cursor.position()
    this.#queue.push({
      kind: 'scalar',
      start,
      value: scanBlock(this.#cursor, this.#indentation.current),
      style: 'block',
    })
  }

  #fetchPlain(): void {
    this.#rememberKey()
    this.#keyAllowed = false
    const start = this.#cursor.position()
    const { value, crossedLine } = scanPlain(this.#cursor, this.#indentation.current + 1, this.#keys.inFlow)
    if (crossedLine) this.#keyAllowed = true
    this.#queue.push({ kind: 'scalar', start, value, style: 'plain' })
  }

  #fetchNode(scan: (start: Position) => Token): void {
    this.#rememberKey()
    this.#keyAllowed = false
    this.#queue.push(scan(this.#cursor.position()))
  }

  #scanName(kind: 'alias' | 'anchor'): Token {
    const start = this.#cursor.position()
    this.#cursor.skip()
    const name = this.#cursor.takeWhile(isWord)
    const next = this.#cursor.peek()
    if (name === '' || (!isBlankOrEnd(next) && !'?:,]}%@`'.includes(next))) {
      this.#cursor.fail('the name behind & or * is made of letters, digits, _ and -', start)
    }
    return { kind, start, name }
  }

  /** A key may begin here. At the column of the block itself, a key must begin here. */
  #rememberKey(): void {
    const required = !this.#keys.inFlow && this.#indentation.current === this.#cursor.column
    if (this.#keyAllowed) this.#keys.remember(this.#taken + this.#queue.length, required, this.#cursor)
  }

  #beginBlock(kind: Indicator, start: Position, at = this.#queue.length): void {
    if (this.#keys.inFlow || !this.#indentation.begin(start.column, this.#cursor)) return
    this.#queue.splice(at, 0, { kind, start, end: start })
  }

  #endBlocks(column: number): void {
    if (this.#keys.inFlow) return
    for (let ended = this.#indentation.endDeeperThan(column); ended > 0; ended -= 1)
      this.#push('block-end', this.#cursor.position())
  }

  #pushIndicator(kind: Indicator, length = 1): void {
    const start = this.#cursor.position()
    this.#cursor.skip(length)
    this.#queue.push({ kind, start, end: this.#cursor.position() })
  }

  #push(kind: Indicator, start: Position): void {
    this.#queue.push({ kind, start, end: start })
  }
}
