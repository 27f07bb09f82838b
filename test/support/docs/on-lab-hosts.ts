import { blocksOf, commandsOf, type DocCommand, pages, textOf } from './blocks.ts'
import { mainJob, reasonNotToRun } from './not-run.ts'

/** The commands of the docs that test/e2e/main-job.test.ts runs, in the order of the pages, each once. */
export const onLabHosts: readonly DocCommand[] = [
  ...new Map(
    pages
      .flatMap((page) => blocksOf(page, textOf(page)).flatMap(commandsOf))
      .filter(({ page, text }) => reasonNotToRun(page, text) === mainJob)
      .map((command) => [command.text, command]),
  ).values(),
]

/** keel's arguments in the command, with the names of a lab instead of those of the page. */
export function argumentsOf(
  { words }: DocCommand,
  names: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return words.slice(1).flatMap((word) => names[word] ?? [word])
}
