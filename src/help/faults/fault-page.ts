import { topicCommand } from '../topic-command.ts'
import type { Explanation } from './explanation.ts'
import { explanations } from './index.ts'

/** `keel explain CODE`, as a page in Markdown. */
export function faultPage(code: string, explanation: Explanation): string {
  const others = explanation.codes.filter((one) => one !== code)
  return [
    `# ${code}`,
    ...bodyOf(explanation),
    ...(others.length === 0 ? [] : [`The same holds for ${listed(others)}.`]),
    ...(explanation.topic === undefined ? [] : [`More: \`${topicCommand(explanation.topic)}\``]),
  ]
    .join('\n\n')
    .concat('\n')
}

/** docs/errors.md: `npm run schema` writes it. */
export function faultsPage(): string {
  const areas = Object.entries(explanations).flatMap(([area, entries]) => [
    `## ${area}`,
    ...entries.flatMap((one) => [`### ${listed(one.codes)}`, ...bodyOf(one), ...seeAlso(one)]),
  ])
  return [
    '# Error codes',
    '```sh\nkeel explain ssh-refused\n```',
    'Every fault has a code that stays the same. With `--json` it is the `code` of a fault or note. `keel explain CODE` prints its section of this page.',
    ...areas,
  ]
    .join('\n\n')
    .concat('\n')
}

function bodyOf({ means, cause, todo }: Explanation): readonly string[] {
  return [means, `**Usual cause**: ${cause}`, `**What to do**: ${todo}`]
}

function seeAlso({ topic }: Explanation): readonly string[] {
  return topic === undefined ? [] : [`See [${topic}](${topic}.md).`]
}

function listed(codes: readonly string[]): string {
  return codes.map((code) => `\`${code}\``).join(', ')
}
