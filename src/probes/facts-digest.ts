import { askedUnits } from '../parts/unit-state.ts'
import { seenPast } from './distribution/seen-past.ts'
import { credentialNotes } from './host/credential-notes.ts'
import { generation, stateDirectory } from './host/generation.ts'
import { hostSystem } from './host/host-system.ts'
import { nixosSystem } from './host/nixos-system.ts'
import { pathStates } from './host/path-states.ts'
import type { Questions } from './questions.ts'
import { mark, partSections, section, unitsOfParts } from './sections.ts'

/** Addresses come and go with pods, and with the cluster's own: a deploy does not rely on them. */
const lasting = "grep -v '^address='"
const digest = `${lasting} | sha256sum | cut -c1-64`

/**
 * Before a digest that was made while k3s started on data that it had: a deploy does not rely on what k3s adds to it
 * meanwhile, either. The digest still has that the data is there, and under which CA.
 */
const starting = 'starting:'
const withoutAdded = `without_added() { sed -E '/^${mark}${seenPast.name}$/,/^${mark}${generation.name}$/{
/^agent\\t/d
/^server\\tyes$/,/^${mark}${generation.name}$/{/^agentCa\\t/d}
}'; }`

/** Defines `facts`, which prints what a deploy relies on; it uses the answers of `askedUnits`. */
export function stableFacts(questions: Questions, withPast = true): string {
  const { past, quick } = questions
  const { server, agent } = past
  return `export LC_ALL=C
facts() {
${quick === undefined ? section(hostSystem.name, hostSystem.script()) : ''}
${heldSections(questions)}
${withPast ? section(seenPast.name, seenPast.script(quick === undefined ? past : { server, agent })) : ''}
${section(generation.name, generation.script())}
${partSections(questions, true)}
}`
}

/** Where keel's part of a host is. */
function heldSections(questions: Questions): string {
  switch (questions.kind) {
    case 'files':
      return `${section(pathStates.name, pathStates.script([...questions.paths, ...questions.credentials.map(({ path }) => path)]))}
${section(credentialNotes.name, credentialNotes.script(questions.credentials))}`
    case 'system':
      return section(nixosSystem.name, nixosSystem.script())
  }
}

/** Prints the digest of `$seen`, which `facts` has printed; `$began` is how systemd saw the unit before that. */
export const digestOfSeen = `${withoutAdded}
kept=cat
case $began$seen in
  ActiveState=activating*$'\\nserver\\tyes'*|ActiveState=activating*$'\\nagentCa\\t'*) kept=without_added; printf ${starting} ;;
esac
printf '%s\\n' "$seen" | "$kept" | ${digest}`

/** Prints `Facts.digest` as it is now, made as the one that was seen. */
export function factsDigestScript(questions: Questions, seen: string): string {
  const isStarting = seen.startsWith(starting)
  return `${askedUnits(unitsOfParts(questions, true))}
${stableFacts(questions)}
${isStarting ? `${withoutAdded}\nprintf ${starting}` : ''}
printf '%s\\n' "$(facts)" | ${isStarting ? 'without_added | ' : ''}${digest}`
}

/**
 * Prints a digest of what only people and keel change, and of which deploy was the last: it holds for as long as other
 * hosts take. k3s makes its data while it starts, and a deploy that was cut off may still be watching it.
 */
export function settledDigestScript(questions: Questions): string {
  return `${askedUnits(unitsOfParts(questions, true))}
${stableFacts(questions, false)}
{ facts; readlink ${stateDirectory}/current; } | grep -vx unconfirmed | ${digest}`
}
