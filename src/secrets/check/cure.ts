import type { SecretRule } from '../../model/cluster.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import type { SecretFile } from '../store.ts'

/**
 * The command that brings a file up to date.
 * @param isMade whether `keel rekey` makes a secret that is missing
 */
export function cure({ rule, state, lost }: SecretFile, isMade: (rule: SecretRule) => boolean): string {
  const anew = `restore it from git, or set it again: keel secret set ${rule.name}`
  if (rule.name === AGENT_CA_KEY && state.kind === 'damaged')
    return `restore it and ${AGENT_CA_CERTIFICATE_FILE} from the same commit`
  if (state.kind === 'damaged') return anew
  if (lost) return `nobody in the inventory can read it: ${anew}`
  return state.kind === 'missing' && !isMade(rule) ? sourceOf(rule) : 'keel rekey'
}

/** The source of a value that keel does not create, because a cluster may still use the old CA or token. */
export function sourceOf({ name, generate }: SecretRule): string {
  if (generate === undefined) return `keel secret set ${name}`
  return generate === 'k3s-token'
    ? `restore it from git, or keel secret import ${name} --from-host HOST`
    : 'restore it from git'
}
