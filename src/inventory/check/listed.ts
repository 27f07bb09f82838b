/** Names in the form of a message: the first few, and the number of the others. */
export function listed(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 7).join(', ')} and ${names.length - 7} more`
}
