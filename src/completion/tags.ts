/**
 * The tags that the text of a definition contains: `tags: ['rack1', 'gpu']` in TypeScript, and both forms of a list in
 * YAML. Nothing is run or parsed, because a user who presses Tab has not asked for that. A list that the file computes
 * is not found.
 */
export function tagsIn(text: string): readonly string[] {
  return [...text.matchAll(LISTS)]
    .flatMap(([, inBrackets, below = '']) => {
      const list = (inBrackets ?? below).replace(COMMENTS, '')
      return inBrackets === undefined ? list.split('\n').map((line) => line.replace(/^\s*-/, '')) : list.split(',')
    })
    .map((entry) => entry.trim().replace(/^(['"])(.*)\1$/, '$2'))
    .filter((entry) => TAG.test(entry))
}

/** Bounded, so that no text takes long: a list of tags is short. */
const LISTS =
  /(?:^|[\s{,'"])tags['"]?[ \t]{0,20}:\s{0,20}(?:\[([^\]]{0,2000})\]|((?:\n?[ \t]{0,40}-[ \t]{1,20}[^\n]{0,120}){1,64}))/g

const COMMENTS = /(?:#|\/\/)[^\n]*/g

/** As `parseTag` takes them. */
const TAG = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/
