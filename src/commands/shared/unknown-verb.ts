import { ExitCode, KeelError } from '../../errors.ts'
import { topicCommand } from '../../help/topic-command.ts'
import { nearest } from '../../model/text/nearest.ts'

/** Verbs that users of other programs expect, and the page that shows how keel does that. */
export const EXPECTED_VERBS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    backup: 'back-up-and-restore',
    'delete-node': 'remove-a-node',
    remove: 'remove-a-node',
    'remove-node': 'remove-a-node',
    reset: 'remove-a-node',
    restore: 'back-up-and-restore',
    rm: 'remove-a-node',
    snapshot: 'back-up-and-restore',
    uninstall: 'remove-a-node',
    update: 'upgrade-k3s',
    upgrade: 'upgrade-k3s',
  }),
)

/** @param verb the verb whose own verbs are `known`; undefined: `known` are keel's */
export function unknownVerb(word: string, known: readonly string[], verb?: string): KeelError {
  const expected = verb === undefined ? EXPECTED_VERBS.get(word) : undefined
  const before = verb === undefined ? '' : `${verb} `
  return new KeelError({
    code: 'usage',
    found: `no such verb: ${before}${word}`,
    todo: expected === undefined ? near(word, known, before) : `see \`${topicCommand(expected)}\``,
    exit: ExitCode.Usage,
  })
}

function near(word: string, known: readonly string[], before: string): string {
  const hint = nearest(word, known)
  return hint === undefined ? `\`keel ${before}--help\` lists the verbs` : `did you mean \`keel ${before}${hint}\`?`
}
