import { readdirSync, readFileSync } from 'node:fs'

/** docs/ of the package, as seen from here and from the bundle in dist/. */
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../docs/' : '../docs/', import.meta.url)

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
  return readFileSync(new URL(files().find((file) => nameOf(file) === topic) ?? '', FOLDER), 'utf8')
}

function files(): readonly string[] {
  return readdirSync(FOLDER).filter((file) => file.endsWith('.md'))
}

function nameOf(file: string): string {
  return file.slice(0, -'.md'.length).toLowerCase()
}
