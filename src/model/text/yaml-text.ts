import { Document, visit } from 'yaml'

/**
 * Plain scalars that are a text for one reader of YAML and something else for another. k3s and Kubernetes use Go's
 * yaml. It reads YAML 1.1's words for true and false, octal numbers with and without an `o`, and numbers with
 * underscores anywhere (resolve.go). YAML 1.1 itself has base 60, dates, `<<` and `=`.
 */
const NO_TEXT = [
  /^(\s*|~|y|n|yes|no|on|off|true|false|null|<<|=)$/i,
  /^[-+]?(0[box][-+0-9a-f]*|[0-9]+)$/i,
  /^[-+]?[0-9_]*\.?[0-9_]*(e[-+]?[0-9_]+)?$/i,
  /^[-+]?\.(inf|nan)$/i,
  /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}/,
]

/**
 * Characters that end a line in YAML 1.1 and not in 1.2, a mark that readers drop, and characters that a reader may
 * refuse. keel writes them by their numbers.
 */
const ESCAPED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

/** A value as YAML that every reader understands in the same way, for every version of YAML. */
export function yamlText(value: unknown, options: { readonly sortMapEntries?: boolean } = {}): string {
  const document = new Document(value, options)
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && mustBeQuoted(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString().replace(ESCAPED, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Go's reader fails at a tab where it has to find out the indentation of a block. */
const TAB_FIRST = /^\s*\t/

function mustBeQuoted(text: string): boolean {
  return TAB_FIRST.test(text) || text.search(ESCAPED) >= 0 || isNoText(text) || isNoText(text.replaceAll('_', ''))
}

function isNoText(text: string): boolean {
  return NO_TEXT.some((form) => form.test(text))
}
