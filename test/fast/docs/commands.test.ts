import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../../src/command-line.ts'
import { ExitCode, KeelError } from '../../../src/errors.ts'
import { blocksOf, commandsOf, pages, textOf } from '../../support/docs/blocks.ts'
import { anyPage, notRun, reasonNotToRun } from '../../support/docs/not-run.ts'
import { shellCommands } from '../../support/docs/shell-commands.ts'
import { recordingIo } from '../../support/keel/keel-in-process.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const onPages = pages.flatMap((page) => blocksOf(page, textOf(page)).flatMap(commandsOf))
/** keel's own word on a command line: its complaint, or nothing. No verb runs. */
async function complaint(words: readonly string[]): Promise<string> {
  const { io, printed } = recordingIo('/nowhere')
  let ran = 0
  try {
    await runCommandLine(words, io, async () => {
      ran += 1
      return ExitCode.Done
    })
  } catch (error) {
    if (error instanceof KeelError) return `keel: ${error.found}`
    throw error
  }
  return ran === 1 ? '' : printed().err.split('\n')[0] || 'no verb would run'
}
const keelLines = [
  ...new Map(onPages.filter(({ words }) => words[0] === 'keel').map((one) => [one.text, one])).values(),
]

describe('every command in the docs', () => {
  test.each(keelLines)('$page: $text', async ({ words }) => {
    expect(await complaint(words.slice(1))).toBe('')
  })

  test('of keel’s, between backticks in the text: no unknown verb, option or argument', async () => {
    const spans = pages.flatMap((page) =>
      [...textOf(page).matchAll(/`keel ([a-z-][^`…|[]*)`/g)].map(([span, line = '']) => ({ page, span, line })),
    )
    expect(spans.length).toBeGreaterThan(50)
    const wrong = []
    for (const { page, span, line } of spans)
      for (const { words } of shellCommands(line, page)) {
        const said = await complaint(words)
        // a verb, or an option, may be spoken of without what it needs
        if (/^keel: (unknown|too many|no such verb)/.test(said)) wrong.push({ page, span, said })
      }
    expect(wrong).toEqual([])
  })

  test('npm’s scripts and the files of this repository that a command names are there', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    for (const { words, page, text } of onPages) {
      if (words[0] === 'npm' && !['ci', 'install', 'pack', 'uninstall'].includes(words[1] ?? ''))
        expect(Object.keys(scripts), `${page}: ${text}`).toContain(words[1] === 'run' ? words[2] : words[1])
      for (const word of words)
        if (/^(test|docs)\//.test(word)) expect(existsSync(root + word), `${page}: ${text}`).toBe(true)
    }
  })

  test('the table of those that no test runs has no row for a command that is on no page', () => {
    const unused = Object.entries(notRun).flatMap(([page, rows]) =>
      Object.keys(rows).filter(
        (row) => !onPages.some(({ text, page: at }) => text === row && (page === anyPage || page === at)),
      ),
    )
    expect(unused).toEqual([])
  })

  test('what is in no row is run, and a shell with keel and git can run it', () => {
    const ran = onPages.filter(({ page, text }) => reasonNotToRun(page, text) === undefined)
    expect(ran.length).toBeGreaterThan(20)
    expect(ran.filter(({ words: [program = ''] }) => !['keel', 'git', 'cd', '$EDITOR'].includes(program))).toEqual([])
  })
})

describe('what a page can hold', () => {
  const of = (text: string) => blocksOf('page.md', text).flatMap(commandsOf)

  test('commands, their comments, quotes, joined lines, redirections', () => {
    const script =
      "keel init a \\\n  --host 'name=x, y' # makes it\ncd a && keel secret set b < file # '\n# nothing\nkeel butane c.bu > d\n"
    expect(of(`# A page\n\`\`\`sh\n${script}\`\`\`\n`).map(({ words }) => words)).toEqual([
      ['keel', 'init', 'a', '--host', 'name=x, y'],
      ['cd', 'a'],
      ['keel', 'secret', 'set', 'b'],
      ['keel', 'butane', 'c.bu'],
    ])
  })

  test('a command inside another one', () => {
    expect(
      shellCommands('keel add-node a --host-key "$(keel lab provision a b)"', '').map(({ words }) => words.slice(0, 3)),
    ).toEqual([
      ['keel', 'lab', 'provision'],
      ['keel', 'add-node', 'a'],
    ])
  })

  test('a session: what is typed, and what it prints', () => {
    expect(of('```console\n$ keel plan\nNo changes\n$ keel deploy\n```\n')).toMatchObject([
      { text: 'keel plan', prints: 'No changes' },
      { text: 'keel deploy', prints: '' },
    ])
  })

  test.each(['```\nkeel plan\n```', '```bash\nkeel plan\n```', '```\n$ keel plan\n```'])(
    'a block that does not say so is refused: %j',
    (text) => {
      expect(() => of(text)).toThrow('page.md:1: a block of commands: write ```sh')
    },
  )

  test.each(['for host in a b; do keel plan; done', 'keel plan | head', 'keel plan a*', 'echo "a\\"b"'])(
    'what the test can’t read is refused: %s',
    (script) => {
      expect(() => shellCommands(script, 'page.md:1')).toThrow("page.md:1: a test has to read this, and can't")
    },
  )

  test('flags and arguments that keel does not know are found', async () => {
    expect(await complaint(['init', 'mercury', '--host', 'name=a', 'name=b'])).toMatch(/^keel: too many arguments/)
    expect(await complaint(['plan', '--out', 'x'])).toMatch(/^keel: unknown option/)
    expect(await complaint(['lab', 'boot'])).toMatch(/^keel: no such verb: lab boot/)
    expect(await complaint(['vip'])).not.toBe('')
  })
})
