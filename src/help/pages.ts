import { carriedNames, carriedText } from '../carried.ts'

/** A page of docs/ that keel carries. */
export interface Topic {
  /** As in `keel help NAME`: its file in lower case, without its ending. */
  readonly name: string
  readonly title: string
}

/** All topics, by name. */
export function topics(): readonly Topic[] {
  return topicNames().map((name) => ({ name, title: /^# (.*)/.exec(pageOf(name))?.[1] ?? name }))
}

export function topicNames(): readonly string[] {
  return files()
    .map((file) => nameOf(file))
    .toSorted()
}

/** The text of a topic, in Markdown. */
export function pageOf(topic: string): string {
  return carriedText(`docs/${files().find((file) => nameOf(file) === topic) ?? ''}`)
}

function files(): readonly string[] {
  return carriedNames('docs').filter((file) => file.endsWith('.md'))
}

function nameOf(file: string): string {
  return file.slice(0, -'.md'.length).toLowerCase()
}
