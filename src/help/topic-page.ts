import type { StyledText } from '../model/text/styled-text.ts'
import { layOutPage } from './markdown/lay-out.ts'
import { topicNames, topics } from './pages.ts'
import { topicCommand } from './topic-command.ts'
import { twoColumns, wrap } from './wrap.ts'

/** `keel help topics`. */
export function topicList(width: number): string {
  return [
    'Usage: keel help TOPIC',
    '',
    ...twoColumns(
      topics().map(({ name, title }) => [name, title]),
      width,
    ),
    '',
    ...wrap(
      '`keel help VERB` is about a verb; where a topic has the same name, `keel help topics TOPIC` shows the topic.',
      width,
    ),
  ].join('\n')
}

interface Terminal {
  readonly width: number
  readonly colors: boolean
}

/** A page as a terminal shows it. @param terminal without colours, backticks show what is code */
export function pageForTerminal(markdown: string, { width, colors }: Terminal): StyledText {
  return layOutPage(markdown, { width, backticks: !colors, target })
}

/** Where a link leads: another topic, or the web. What is on the same page, or in no topic, has no target. */
function target(href: string): string | undefined {
  if (/^https?:/.test(href)) return href
  const topic = /^([A-Za-z-]+)\.md/.exec(href)?.[1]?.toLowerCase()
  return topic !== undefined && topicNames().includes(topic) ? `\`${topicCommand(topic)}\`` : undefined
}
