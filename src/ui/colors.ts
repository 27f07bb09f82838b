/** What `--color` chooses. */
export const colorChoices = ['auto', 'always', 'never'] as const
export type ColorChoice = (typeof colorChoices)[number]

/** keel's own option, of every verb. */
export const colorOption = { flags: '--color <when>', summary: 'colours and bold text (default: auto, on a terminal)' }

/**
 * The choice of a command line. This searches the arguments themselves, so that messages about a command line that keel
 * cannot parse have it too. The parser refuses other values.
 */
export function colorChoice(argv: readonly string[]): ColorChoice {
  const end = argv.indexOf('--')
  const own = end < 0 ? argv : argv.slice(0, end)
  const given = own.flatMap((word, index) => {
    if (word === '--color') return [own[index + 1]]
    return word.startsWith('--color=') ? [word.slice('--color='.length)] : []
  })
  return colorChoices.find((choice) => choice === given.at(-1)) ?? 'auto'
}

/**
 * Whether a stream gets colours: as `--color` says, else FORCE_COLOR (the values of node's `tty.getColorDepth`), else
 * NO_COLOR that is not empty (no-color.org), else if the stream is a terminal that is not dumb.
 */
export function hasColors(
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (choice !== 'auto') return choice === 'always'
  if (env.FORCE_COLOR !== undefined) return ['', '1', '2', '3', 'true'].includes(env.FORCE_COLOR)
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  return isTerminal && env.TERM !== 'dumb'
}
