import type { HostState } from '../../desired/host-state.ts'
import { secretsIn } from '../../desired/secrets-in.ts'
import type { SecretName } from '../../model/brands.ts'
import { type NixExpression, type NixValue, nixCode, nixName, nixPath } from '../../templates/nix-text.ts'

/**
 * Every secret that agenix decrypts on this host, by name: `age.secrets`. The files are two folders above
 * `hosts/<name>/k3s.nix`.
 */
export function ageSecrets(state: HostState): NixValue {
  return Object.fromEntries(
    ageSecretNames(state).map((name) => [
      name,
      { file: nixPath(`../../secrets/${name}.age`), owner: 'root', group: 'root', mode: '0400' },
    ]),
  )
}

/** The first server has the CA's key besides. */
export function ageSecretNames(state: HostState): readonly SecretName[] {
  return [...startSecrets(state), ...state.distribution.once.map(({ key }) => key)]
}

/** Those that k3s reads at each start. */
export function startSecrets({ distribution: { credentials } }: HostState): readonly SecretName[] {
  return [...new Set(credentials.flatMap(({ content }) => secretsIn(content)))]
}

/** Where agenix puts a secret: code, as a user may have moved it. */
export function secretPath(name: string): NixExpression {
  return nixCode(`config.age.secrets.${nixName(name)}.path`)
}
