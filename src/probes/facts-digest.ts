import { k3sData } from './distribution/k3s-data.ts'
import { credentialStates } from './host/credential-states.ts'
import { generation, stateDirectory } from './host/generation.ts'
import { hostSystem } from './host/host-system.ts'
import { nixosSystem } from './host/nixos-system.ts'
import { pathStates } from './host/path-states.ts'
import type { Questions } from './questions.ts'
import { mark, partSections, section } from './sections.ts'

/** Addresses come and go with pods, and with the cluster's own: a deploy does not rely on them. */
const lasting = "grep -v '^address='"
const digest = `${lasting} | sha256sum | cut -c1-64`

/**
 * Before a digest that was made while k3s started on data that it had: a deploy does not rely on what k3s adds to it
 * meanwhile, either.
 */
const starting = 'starting:'

/** Defines `facts`, which prints what a deploy relies on. */
export function stableFacts(questions: Questions, withK3sData = true): string {
  return `export LC_ALL=C
facts() {
${section(hostSystem.name, hostSystem.script())}
${heldSections(questions)}
${withK3sData ? section(k3sData.name, k3sData.script(questions.past)) : ''}
${section(generation.name, generation.script())}
${partSections(questions, true)}
}`
}

/** Where keel's part of a host is. */
function heldSections(questions: Questions): string {
  switch (questions.kind) {
    case 'files':
      return `${section(pathStates.name, pathStates.script(questions.paths))}
${section(credentialStates.name, credentialStates.script(questions.credentials))}`
    case 'system':
      return section(nixosSystem.name, nixosSystem.script())
  }
}

/** Prints the digest of `$seen`, which `facts` has printed; `$began` is how systemd saw the unit before that. */
export const digestOfSeen = `without_k3s_data() { sed '/^${mark}${k3sData.name}$/,/^${mark}${generation.name}$/{/^${mark}${generation.name}$/!d}'; }
kept=cat
case $began$seen in
  ActiveState=activating*$'\\nserver\\tyes'*|ActiveState=activating*$'\\nagentCa\\t'*) kept=without_k3s_data; printf ${starting} ;;
esac
printf '%s\\n' "$seen" | "$kept" | ${digest}`

/** Prints `Facts.digest` as it is now, made as the one that was seen. */
export function factsDigestScript(questions: Questions, seen: string): string {
  const isStarting = seen.startsWith(starting)
  return `${stableFacts(questions, !isStarting)}
${isStarting ? `printf ${starting}` : ''}
printf '%s\\n' "$(facts)" | ${digest}`
}

/**
 * Prints a digest of what only people and keel change, and of which deploy was the last: it holds for as long as other
 * hosts take. k3s makes its data while it starts, and a deploy that was cut off may still be watching it.
 */
export function settledDigestScript(questions: Questions): string {
  return `${stableFacts(questions, false)}
{ facts; readlink ${stateDirectory}/current; } | grep -vx unconfirmed | ${digest}`
}
