/** A simple command of a page. */
export interface ShellCommand {
  /** On one line, without its comment. */
  readonly text: string
  /** Its words, without quotes and redirections. */
  readonly words: readonly string[]
}

/** Words, quotes, comments, `&&`, `<` and `>`: all that a page for people needs. */
const syntax =
  /(?<gap>(?:[ \t]|\\\n)+)|(?<end>\n|&&)|(?<redirect>[<>])|'(?<single>[^']*)'|"(?<double>[^"\\`]*)"|#(?<comment>[^\n]*)|(?<plain>[^\s'"#<>&|;()`\\*?][^\s'"<>&|;()`\\*?]*)/y

/**
 * The commands of a script. Those inside `$(…)` come before the command that contains them. @throws Error for syntax
 * that it does not know
 */
export function shellCommands(script: string, at: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = []
  let [text, word, words] = ['', undefined as string | undefined, [] as string[]]
  let isFile = false
  const endWord = () => {
    if (word !== undefined && !isFile) words.push(word)
    if (word !== undefined) isFile = false
    word = undefined
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) commands.push({ text: text.trim(), words })
    ;[text, words] = ['', []]
  }
  const token = new RegExp(syntax) // not shared, because this function calls itself
  for (let from = 0; from < script.length; from = token.lastIndex) {
    const found = token.exec(script)
    const { gap, end, redirect, single, double, comment, plain } = found?.groups ?? {}
    if (found === null || (comment !== undefined && word !== undefined))
      throw new Error(`${at}: a test has to read this, and can't: ${script.slice(from).split('\n')[0]}`)
    if (end !== undefined) endCommand()
    else if (comment === undefined) {
      text += gap === undefined ? found[0] : ' '
      if (gap !== undefined) endWord()
      else if (redirect !== undefined) {
        endWord()
        isFile = true
      } else word = (word ?? '') + (single ?? double ?? plain ?? '')
      for (const [, inner = ''] of double?.matchAll(/\$\(([^)]*)\)/g) ?? []) commands.push(...shellCommands(inner, at))
    }
  }
  endCommand()
  return commands
}
