/**
 * What of a command's name stands behind its verb: for a verb of a verb the word that chooses it, and its arguments, as
 * commander has them. `plan [host...]`: the verb alone. `secret show <name>`: `show`.
 */
export function verbForm(name: string): { readonly sub?: string; readonly parameters: readonly string[] } {
  const [, second, ...rest] = name.split(' ')
  if (second === undefined) return { parameters: [] }
  return /^[a-z]/.test(second) ? { sub: second, parameters: rest } : { parameters: [second, ...rest] }
}
