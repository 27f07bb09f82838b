import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ShellCommand, shellCommands } from './shell-commands.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  /** The page, relative to the root of the repository: `docs/vip.md`. */
  readonly page: string
  /** The line of its fence. */
  readonly line: number
  /** The nearest heading above it. */
  readonly heading: string
  /** The language after the fence: `sh`. Empty in a block without a language. */
  readonly language: string
  readonly text: string
}

/** A command of a page, and the output that the page shows for it (`console` blocks only). */
export interface DocCommand extends ShellCommand {
  readonly page: string
  readonly prints?: string
}

export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .toSorted(),
]

export const textOf = (page: string): string => readFileSync(root + page, 'utf8')

export function blocksOf(page: string, text: string): readonly Block[] {
  const blocks: Block[] = []
  let [heading, begun] = ['', undefined as { line: number; language: string; lines: string[] } | undefined]
  text.split('\n').forEach((line, index) => {
    if (line.startsWith('```') && begun !== undefined) {
      blocks.push({ page, heading, line: begun.line, language: begun.language, text: begun.lines.join('\n') })
      begun = undefined
    } else if (line.startsWith('```')) begun = { line: index + 1, language: line.slice(3).trim(), lines: [] }
    else if (begun !== undefined) begun.lines.push(line)
    else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading
  })
  return blocks
}

/** Languages whose blocks contain no commands. */
const without = ['ini', 'json', 'nix', 'toml', 'ts', 'yaml']
const looksLikeCommand = /^(\$ |\s*(keel|npm|npx|git) [a-z-])/m

/** @throws Error for a block that may contain commands but has no language that says so */
export function commandsOf(block: Block): readonly DocCommand[] {
  const { page, line, language, text } = block
  const at = `${page}:${line}`
  if (without.includes(language)) return []
  if (language === 'sh') return shellCommands(text, at).map((command) => ({ ...command, page }))
  if (language === 'console') return sessionsOf(text, at).map((command) => ({ ...command, page }))
  if (language === '' && !looksLikeCommand.test(text)) return []
  throw new Error(`${at}: a block of commands: write \`\`\`sh, or \`\`\`console where it shows what they print`)
}

/** `$ command`, and its output below it. */
function sessionsOf(text: string, at: string) {
  return text
    .split(/^\$ /m)
    .slice(1)
    .flatMap((session) => {
      const [first = '', ...rest] = session.split('\n')
      return shellCommands(first, at).map((command) => ({ ...command, prints: rest.join('\n').trim() }))
    })
}
