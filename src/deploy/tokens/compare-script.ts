import type { Cluster, Host } from '../../model/cluster.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import type { Places } from '../../model/distribution/places.ts'
import { operationsOf } from '../../plan/operation.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { Facts } from '../../probes/facts.ts'
import type { PlacedCredential, Rendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'

/**
 * The tokens that this plan would hand to a host on which k3s has already started with some: a changed one would be a
 * rotation, and keel must find it before it writes anything anywhere (docs/k3s.md, Rotation).
 */
export function tokensAtRisk(
  cluster: Cluster,
  host: Host,
  plan: HostPlan,
  rendered: Rendered,
  facts: Facts,
): readonly PlacedCredential[] {
  if (host.role === 'server' ? !facts.past.server : !facts.past.agent) return []
  const { serverToken, agentToken } = joinTokensOf(cluster.distribution) ?? {}
  const stored = handedOver(plan)
  return placedSecrets(rendered).filter(({ id }) => stored.has(id) && (id === serverToken || id === agentToken))
}

/** Where a host keeps what k3s is given: tokens, and on systems that keel writes files on all other credentials. */
export function placedSecrets(rendered: Rendered): readonly PlacedCredential[] {
  switch (rendered.kind) {
    case 'files':
      return rendered.credentials
    case 'system':
      return rendered.tokens
  }
}

/** The secrets that a host would be given, or be given again. */
export function handedOver({ operations }: HostPlan): ReadonlySet<string> {
  return new Set(
    operationsOf(operations, 'store-credential', 'switch-system').flatMap((operation) =>
      operation.op === 'store-credential' ? [operation.id] : operation.secrets,
    ),
  )
}

/**
 * Reads one base64 line a token and prints `differs ID` where the host runs with another. Compares in bash, in memory:
 * passwords, as k3s does.
 */
export function compareScript(
  { distribution }: Pick<Cluster, 'distribution'>,
  { tokens: held }: Places,
  tokens: readonly PlacedCredential[],
): string {
  const serverToken = joinTokensOf(distribution)?.serverToken
  const compare = tokens.map(({ id, path }) => {
    return sh`compare ${id} ${(id === serverToken ? held?.server : held?.agent) ?? ''} ${path}`
  })
  return `export LC_ALL=C
compare() {
  IFS= read -r line
  wanted=$(printf '%s' "$line" | base64 -d)
  if [ -f "$2" ]; then IFS= read -r held < "$2" || true
  elif [ "\${3#/run/}" != "$3" ]; then
    # k3s on NixOS: what it was started with, or what the next start would be given
    [ -f "$3" ] || set -- "$1" "$2" "/run/agenix/$1"
    [ -f "$3" ] || return 0
    IFS= read -r held < "$3" || true
  else held=$(systemd-creds decrypt --name="$1" "$3" - 2>/dev/null) || return 0
  fi
  [ "\${held##*:}" = "\${wanted##*:}" ] || printf 'differs %s\\n' "$1"
}
${compare.join('\n')}`
}
