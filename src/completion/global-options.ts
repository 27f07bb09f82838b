/** Options of every verb that may come before it: with a value, and without. */
const VALUED: readonly string[] = ['-C', '--directory', '--color', '--log']
const WITH_VALUE = /^(?:-C.|--(?:directory|color|log)=)/
const FLAGS: readonly string[] = ['-v', '-vv', '--verbose', '-q', '--quiet']

/** The words behind these, so from the verb on. */
export function behindGlobal(words: readonly string[]): readonly string[] {
  const [first = ''] = words
  if (FLAGS.includes(first) || WITH_VALUE.test(first)) return behindGlobal(words.slice(1))
  return words.length > 1 && VALUED.includes(first) ? behindGlobal(words.slice(2)) : words
}
