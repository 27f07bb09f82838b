import { maxDepth } from './max-depth.ts'
import type { AliasNode, MappingNode, Node, Pair, ScalarNode, SequenceNode } from './node.ts'
import { plainTag, shortTag } from './resolve.ts'
import type { Characters } from './scan/characters.ts'
import { markAt, type Position } from './scan/cursor.ts'
import { Scanner } from './scan/scanner.ts'
import { TagHandles } from './scan/tag-handles.ts'
import { endOf, type Token } from './scan/token.ts'
import { YamlError } from './yaml-error.ts'

type Anchored = Exclude<Node, AliasNode>

/** What may come before a node. */
interface Properties {
  readonly start: Position
  readonly tag: string | undefined
  readonly anchor: string | undefined
}

/**
 * The first document of a text as nodes; undefined if there is none. Later documents are not read.
 * @throws {YamlError} for a text that yaml.v3 refuses
 */
export function composeDocument(characters: Characters): Node | undefined {
  return new Composer(characters).document()
}

class Composer {
  readonly #scanner: Scanner
  readonly #handles = new TagHandles()
  readonly #anchors = new Map<string, Anchored>()
  #depth = 0

  constructor(characters: Characters) {
    this.#scanner = new Scanner(characters)
  }

  document(): Node | undefined {
    this.#scanner.take()
    if (this.#at('stream-end')) return undefined
    let explicit = this.#handles.readDirectives(this.#scanner)
    if (this.#at('document-start')) {
      this.#scanner.take()
      explicit = true
    } else if (explicit) {
      this.#fail('directives (%) need a line --- between them and the document')
    }
    const empty =
      explicit && this.#at('version-directive', 'tag-directive', 'document-start', 'document-end', 'stream-end')
    const root = empty ? nullAt(this.#scanner.peek().start) : this.#node(true, false)
    // the end of the document must be read, even if nothing marks it
    this.#scanner.peek()
    return root
  }

  #node(block: boolean, indentless: boolean): Node {
    if (this.#at('alias')) return this.#alias()
    this.#depth += 1
    if (this.#depth > maxDepth) this.#fail(`nested more than ${maxDepth} levels deep`)
    const node = this.#anchored(this.#properties(), block, indentless)
    this.#depth -= 1
    return node
  }

  #anchored(properties: Properties, block: boolean, indentless: boolean): Node {
    const token = this.#scanner.peek()
    if (indentless && token.kind === 'block-entry') return this.#blockSequence(properties, true)
    if (token.kind === 'scalar') return this.#scalar(properties)
    if (token.kind === 'flow-sequence-start') return this.#flowSequence(properties)
    if (token.kind === 'flow-mapping-start') return this.#flowMapping(properties)
    if (block && token.kind === 'block-sequence-start') return this.#blockSequence(properties, false)
    if (block && token.kind === 'block-mapping-start') return this.#blockMapping(properties)
    if (properties.tag !== undefined || properties.anchor !== undefined) {
      return this.#define(properties, scalarNode(properties, '', 'plain'))
    }
    return this.#fail('a value belongs here', properties.start)
  }

  #alias(): AliasNode {
    const token = this.#scanner.take()
    const name = token.kind === 'alias' ? token.name : ''
    const target = this.#anchors.get(name)
    if (target === undefined) throw new YamlError(`*${name} repeats nothing: no &${name} comes before it`)
    return { kind: 'alias', at: markAt(token.start), name, target }
  }

  #properties(): Properties {
    const { start } = this.#scanner.peek()
    let anchor = this.#takeAnchor()
    const tag = this.#takeTag(start)
    if (tag !== undefined) anchor ??= this.#takeAnchor()
    return { start, tag, anchor }
  }

  #takeAnchor(): string | undefined {
    const token = this.#scanner.peek()
    if (token.kind !== 'anchor') return undefined
    this.#scanner.take()
    return token.name
  }

  #takeTag(start: Position): string | undefined {
    const token = this.#scanner.peek()
    if (token.kind !== 'tag') return undefined
    this.#scanner.take()
    const tag = this.#handles.expand(token)
    // the handle is looked up only when the next token has been read without an error
    this.#scanner.peek()
    return tag ?? this.#fail('this tag begins with a handle that no %TAG line declares', start)
  }

  #scalar(properties: Properties): ScalarNode {
    const token = this.#scanner.take()
    if (token.kind !== 'scalar') throw new Error('a scalar was seen')
    return this.#define(properties, scalarNode(properties, token.value, token.style))
  }

  #blockSequence(properties: Properties, indentless: boolean): SequenceNode {
    const items: Node[] = []
    const node = this.#define(properties, sequenceNode(properties, items))
    const start = indentless ? this.#scanner.peek().start : this.#scanner.take().start
    while (this.#at('block-entry')) {
      const after = endOf(this.#scanner.take())
      const empty = this.#at('block-entry', 'block-end') || (indentless && this.#at('key', 'value'))
      items.push(empty ? nullAt(after) : this.#node(true, false))
    }
    if (!indentless)
      this.#expect('block-end', 'a list goes on with something that does not begin with - in its column', start)
    return node
  }

  #blockMapping(properties: Properties): MappingNode {
    const pairs: Pair[] = []
    const node = this.#define(properties, mappingNode(properties, pairs))
    const { start } = this.#scanner.take()
    while (this.#at('key')) {
      const key = this.#blockPart()
      const value = this.#at('value') ? this.#blockPart() : nullAt(this.#scanner.peek().start)
      pairs.push({ key, value })
    }
    this.#expect('block-end', 'a mapping goes on with something that is no key in its column', start)
    return node
  }

  /** The node after a key or value indicator of a block mapping. */
  #blockPart(): Node {
    const after = endOf(this.#scanner.take())
    return this.#at('key', 'value', 'block-end') ? nullAt(after) : this.#node(true, true)
  }

  #flowSequence(properties: Properties): SequenceNode {
    const items: Node[] = []
    const node = this.#define(properties, sequenceNode(properties, items))
    this.#flowItems('flow-sequence-end', 'the entries of a [list] need commas between them and a ] at the end', () => {
      items.push(this.#at('key') ? this.#flowPair() : this.#node(false, false))
    })
    return node
  }

  /** `[a: b]`: a mapping of one pair, without braces. */
  #flowPair(): MappingNode {
    const { start } = this.#scanner.take()
    let key: Node
    if (this.#at('value', 'flow-entry', 'flow-sequence-end')) {
      // yaml.v3 skips that token, whatever it is
      key = nullAt(endOf(this.#scanner.take()))
    } else key = this.#node(false, false)
    // here yaml.v3 places a missing value at the colon, but within braces after it
    const { start: colon } = this.#scanner.peek()
    const value = this.#flowValue('flow-sequence-end', colon)
    return mappingNode({ start, tag: undefined, anchor: undefined }, [{ key, value }])
  }

  #flowMapping(properties: Properties): MappingNode {
    const pairs: Pair[] = []
    const node = this.#define(properties, mappingNode(properties, pairs))
    this.#flowItems(
      'flow-mapping-end',
      'the entries of a {mapping} need commas between them and a } at the end',
      () => {
        if (!this.#at('key')) {
          const key = this.#node(false, false)
          pairs.push({ key, value: nullAt(this.#scanner.peek().start) })
          return
        }
        this.#scanner.take()
        const empty = this.#at('value', 'flow-entry', 'flow-mapping-end')
        const key = empty ? nullAt(this.#scanner.peek().start) : this.#node(false, false)
        pairs.push({ key, value: this.#flowValue('flow-mapping-end') })
      },
    )
    return node
  }

  #flowValue(close: Token['kind'], missingAt?: Position): Node {
    if (this.#at('value')) {
      this.#scanner.take()
      if (!this.#at('flow-entry', close)) return this.#node(false, false)
    }
    return nullAt(missingAt ?? this.#scanner.peek().start)
  }

  #flowItems(close: Token['kind'], problem: string, item: () => void): void {
    const { start } = this.#scanner.take()
    for (let first = true; !this.#at(close); first = false) {
      if (!first) {
        this.#expect('flow-entry', problem, start)
        if (this.#at(close)) break
      }
      item()
    }
    this.#scanner.take()
  }

  /** An anchor is known from the start of its node, so the node itself may name it (and only decoding refuses that). */
  #define<N extends Anchored>({ anchor }: Properties, node: N): N {
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    return node
  }

  #at(...kinds: Token['kind'][]): boolean {
    return kinds.includes(this.#scanner.peek().kind)
  }

  #expect(kind: Token['kind'], problem: string, began: Position): void {
    if (!this.#at(kind)) this.#fail(problem, began)
    this.#scanner.take()
  }

  /** yaml.v3 counts the lines of these errors from 0, and does not name line 0. */
  #fail(problem: string, began?: Position): never {
    const line = began !== undefined && began.line > 0 ? began.line : this.#scanner.peek().start.line
    throw new YamlError(problem, line > 0 ? line : undefined)
  }
}

function nullAt(position: Position): ScalarNode {
  return { kind: 'scalar', at: markAt(position), tag: '!!null', value: '' }
}

function scalarNode({ start, tag }: Properties, value: string, style: 'plain' | 'quoted' | 'block'): ScalarNode {
  const implied = style === 'plain' ? plainTag(value) : '!!str'
  return { kind: 'scalar', at: markAt(start), tag: explicitTag(tag) ?? implied, value }
}
function sequenceNode({ start, tag }: Properties, items: readonly Node[]): SequenceNode {
  return { kind: 'sequence', at: markAt(start), tag: explicitTag(tag) ?? '!!seq', items }
}
function mappingNode({ start, tag }: Properties, pairs: readonly Pair[]): MappingNode {
  return { kind: 'mapping', at: markAt(start), tag: explicitTag(tag) ?? '!!map', pairs }
}

function explicitTag(tag: string | undefined): string | undefined {
  return tag === undefined || tag === '!' ? undefined : shortTag(tag)
}
