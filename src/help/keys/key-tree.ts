import { twoColumns, wrap } from '../wrap.ts'
import type { Key } from './key.ts'

const TITLES = {
  host: 'host: hosts/NAME/host.ts or host.yaml',
  cluster: 'cluster: hosts/cluster.ts or cluster.yaml',
  secrets: 'secrets: secrets.ts or secrets.yaml',
} as const

/** `keel explain`: all keys as a tree, with the options of k3s left out. */
export function keyTree(keys: readonly Key[], width: number): string {
  const shown = keys.filter(({ path }) => !/^(host|cluster)\.k3s\./.test(path))
  const trees = Object.entries(TITLES).flatMap(([file, title]) => {
    const rows = shown
      .filter((key) => key.file === file)
      .map(({ path, what }) => {
        const parts = path.split('.')
        return [`${'  '.repeat(parts.length - 2)}${parts.at(-1)}`, firstClause(what)] as const
      })
    return [title, ...twoColumns(rows, width), '']
  })
  return [
    'Usage: keel explain KEY, or keel explain CODE',
    '',
    ...trees,
    ...wrap(
      '`keel explain host.files.NAME.mode` describes one, `keel explain host.k3s` lists the options of k3s. A last part is enough if only one key has it.',
      width,
    ),
    ...wrap('`keel explain CODE` is about an error; `keel help errors` lists all of them.', width),
  ].join('\n')
}

/** A tree has room for one line a key. A text that begins with its values says little without all of them. */
function firstClause(what: string): string {
  return what.split(what.startsWith('`') ? /[;.](?:\s|$)/ : /[;:.](?:\s|$)|,? \(/)[0]?.trim() ?? what
}
