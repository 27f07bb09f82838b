/**
 * Values → Nix text. Everything that keel writes in Nix goes through this file. Sources of the syntax: Nix manual,
 * "String literal", "Identifiers"; src/libexpr/lexer.l for the characters that end a string, escape or interpolate.
 */
import { KeelError } from '../errors.ts'

export type NixValue =
  | string
  | number
  | boolean
  | null
  | NixExpression
  | NixText
  | NixCommented
  | readonly NixValue[]
  | { readonly [name: string]: NixValue }

/** Nix code. The values inside it are printed at their places. */
export class NixExpression {
  readonly code: readonly string[]
  readonly values: readonly NixValue[]
  constructor(code: readonly string[], values: readonly NixValue[]) {
    this.code = code
    this.values = values
  }
}

/** A string with expressions inside. */
export class NixText {
  readonly parts: readonly (string | NixExpression)[]
  constructor(parts: readonly (string | NixExpression)[]) {
    this.parts = parts
  }
}

/** A value with a comment on the line above it, in sets and lists. */
export class NixCommented {
  readonly comment: string
  readonly value: NixValue
  constructor(comment: string, value: NixValue) {
    this.comment = comment
    this.value = value
  }
}

/** Code, with values inside: ``nix`lib.mkDefault ${'a "text"'}` ``. The code between the values stays unchanged. */
export function nix(code: TemplateStringsArray, ...values: readonly NixValue[]): NixExpression {
  return new NixExpression(code, values)
}

/** Code from another part of keel: names and paths that need no quotes. */
export function nixCode(code: string): NixExpression {
  return new NixExpression([code], [])
}

/** A Nix string that consists of literal text and expressions: ``nixText`--token-file=${nix`config.x`}` ``. */
export function nixText(texts: TemplateStringsArray, ...parts: readonly (string | NixText | NixExpression)[]): NixText {
  return joinText(texts.flatMap((text, index) => (index < parts.length ? [text, parts[index] ?? ''] : [text])))
}

/** Joins strings, texts and expressions. */
export function joinText(parts: readonly (string | NixText | NixExpression)[]): NixText {
  return new NixText(parts.flatMap((part) => (part instanceof NixText ? part.parts : [part])))
}

/**
 * A path literal, relative to the file that contains it.
 * @throws KeelError `nix-path` for one that Nix could not read as a path
 */
export function nixPath(path: string): NixExpression {
  if (!/^\.\.?(\/[A-Za-z0-9._+-]+)+$/.test(path)) {
    throw new KeelError({ code: 'nix-path', found: `${JSON.stringify(path)} can't be written as a path in Nix` })
  }
  return new NixExpression([path], [])
}

/** Words that are names in Nix only in quotes. */
const KEYWORDS = new Set(['assert', 'else', 'if', 'in', 'inherit', 'let', 'or', 'rec', 'then', 'with'])

/** The name of an attribute, in quotes if Nix needs them. */
export function nixName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) && !KEYWORDS.has(name) ? name : nixString(name)
}

/** A Nix string. Escapes everything that would end it, escape or interpolate. @throws KeelError `nix-nul` */
export function nixString(text: string): string {
  return quoted([text])
}

/**
 * A value as Nix text. The first line has no indentation, the others have `indent`.
 * @throws KeelError `nix-number` for a number that Nix does not have (infinite, too small), `nix-nul` for a NUL byte
 */
export function printNix(value: NixValue, indent = ''): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return printNumber(value)
  if (typeof value === 'string') return printText([value], indent)
  if (value instanceof NixText) return printText(value.parts, indent)
  if (value instanceof NixExpression) return printExpression(value, indent)
  if (value instanceof NixCommented) return printNix(value.value, indent)
  return isList(value) ? printList(value, indent) : printSet(value, indent)
}

/** A file of Nix: the expression and a final newline. */
export function nixFile(expression: NixExpression): string {
  return `${printNix(expression)}\n`
}

/** The smallest normal number. Nix refuses smaller ones (std::stod). */
const SMALLEST = 2.2250738585072014e-308
const STEP = '  '
const WIDTH = 110

function isList(value: NixValue): value is readonly NixValue[] {
  return Array.isArray(value)
}

function printNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value)
  if (!Number.isFinite(value) || Math.abs(value) < SMALLEST)
    throw new KeelError({ code: 'nix-number', found: `${value} is no number in Nix` })
  // without a point Nix would read a name, or an integer of more than 64 bits
  const [mantissa = '', exponent] = String(value).split('e')
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`
  return exponent === undefined ? pointed : `${pointed}e${exponent}`
}

/** The lines of code are flush left, or indented as in the source. Each of them gets the indentation in addition. */
function printExpression({ code, values }: NixExpression, indent: string): string {
  let printed = ''
  code.forEach((text, index) => {
    printed += text.replaceAll('\n', `\n${indent}`)
    if (index >= values.length) return
    const line = printed.slice(printed.lastIndexOf('\n') + 1)
    const own = /^ */.exec(line)?.[0] ?? ''
    printed += printNix(values[index] ?? null, printed.includes('\n') ? own : indent)
  })
  return printed
}

function printList(items: readonly NixValue[], indent: string): string {
  if (items.length === 0) return '[ ]'
  const inside = indent + STEP
  const printed = items.map((item) => `${comment(item, inside)}${asItem(item, printNix(item, inside))}`)
  const flat = `[ ${printed.join(' ')} ]`
  if (printed.length === 1 && !flat.includes('\n') && fits(flat, indent)) return flat
  return `[\n${printed.map((item) => `${inside}${item}\n`).join('')}${indent}]`
}

/** Only spaces separate the items of a list, so an item of several terms needs parentheses. */
function asItem(value: NixValue, printed: string): string {
  if (value instanceof NixCommented) return asItem(value.value, printed)
  if (typeof value === 'number') return value < 0 ? `(${printed})` : printed
  if (!(value instanceof NixExpression)) return printed
  return /^[A-Za-z_.][\w.'/+-]*$/.test(printed) || /^\(.*\)$/s.test(printed) ? printed : `(${printed})`
}

function printSet(set: { readonly [name: string]: NixValue }, indent: string): string {
  const entries = Object.entries(set)
  if (entries.length === 0) return '{ }'
  const inside = indent + STEP
  const lines = entries.map(
    ([name, value]) => `${inside}${comment(value, inside)}${printAttribute(nixName(name), value, inside)}\n`,
  )
  const [only] = lines
  const flat = `{ ${only?.trim()} }`
  if (lines.length === 1 && !(entries[0]?.[1] instanceof NixCommented) && !flat.includes('\n') && fits(flat, indent))
    return flat
  return `{\n${lines.join('')}${indent}}`
}

/** Sets with one attribute become one path, in the form that people write: `services.k3s.enable = true;`. */
function printAttribute(path: string, value: NixValue, indent: string): string {
  if (isSet(value)) {
    const entries = Object.entries(value)
    const [only] = entries
    if (only !== undefined && entries.length === 1 && !(only[1] instanceof NixCommented))
      return printAttribute(`${path}.${nixName(only[0])}`, only[1], indent)
  }
  if (value instanceof NixCommented) return printAttribute(path, value.value, indent)
  const printed = printNix(value, indent)
  return `${path} =${printed.startsWith('\n') ? '' : ' '}${printed};`
}

function isSet(value: NixValue): value is { readonly [name: string]: NixValue } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isList(value) &&
    !(value instanceof NixExpression) &&
    !(value instanceof NixText) &&
    !(value instanceof NixCommented)
  )
}

function comment(value: NixValue, indent: string): string {
  return value instanceof NixCommented
    ? `${value.comment.replace(/^/gm, '# ').replaceAll('\n', `\n${indent}`)}\n${indent}`
    : ''
}

function fits(text: string, indent: string): boolean {
  return indent.length + text.length <= WIDTH
}

type Parts = readonly (string | NixExpression)[]

function printText(parts: Parts, indent: string): string {
  return indentable(parts) ? indented(parts, indent + STEP, indent) : quoted(parts)
}

function quoted(parts: Parts): string {
  return `"${parts.map((part, index) => (typeof part === 'string' ? escaped(part, parts[index + 1]) : interpolated(part))).join('')}"`
}

function escaped(text: string, next: string | NixExpression | undefined): string {
  if (text.includes('\0')) throw new KeelError({ code: 'nix-nul', found: 'a NUL byte in a value for Nix' })
  const result = text
    .replace(/["\\]|\$(?=\{)/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  // `$${` is not an interpolation, and one may follow the text
  return next !== undefined && result.endsWith('$') ? `${result.slice(0, -1)}\\$` : result
}

function interpolated(expression: NixExpression): string {
  return `\${${printNix(expression)}}`
}

/**
 * Whether a text may be written as `''…''`. It must be several lines, the last one with a newline. It must contain
 * nothing whose meaning depends on its neighbours: carriage returns, quotes before quotes or before an interpolation,
 * lines of white space only, indentation that all lines have (Nix removes it).
 */
function indentable(parts: Parts): boolean {
  const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')
  if (!text.endsWith('\n') || !/\n./.test(text)) return false
  if (/[\0-\x08\x0b-\x1f\x7f]|''|'\$\{|^[ \t]+$|^\t/m.test(text)) return false
  if (!/^[^ \n]/m.test(text)) return false
  return parts.every(
    (part, index) =>
      typeof part === 'string' || (!/[$]$/.test(textAt(parts, index - 1)) && !printNix(part).includes('\n')),
  )
}

function textAt(parts: Parts, index: number): string {
  const part = parts[index]
  return typeof part === 'string' ? part : ''
}

function indented(parts: Parts, inside: string, indent: string): string {
  const text = parts
    .map((part) => (typeof part === 'string' ? part.replaceAll(/\$(?=\{)/g, "''$") : interpolated(part)))
    .join('')
  const lines = text.slice(0, -1).split('\n')
  return `''\n${lines.map((line) => (line === '' ? '\n' : `${inside}${line}\n`)).join('')}${indent}''`
}
