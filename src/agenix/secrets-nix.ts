import type { Cluster, Reader, SecretRule } from '../model/cluster.ts'
import { generatedText } from '../templates/generated-text.ts'
import { nixName, nixString } from '../templates/nix-text.ts'

export const SECRETS_NIX = 'secrets.nix'

/**
 * agenix's rules for the readers of the inventory, so that `agenix -e` and `agenix -r` encrypt to the same readers as
 * keel. A key that an admin and a host share occurs once, because keel encrypts to it once.
 */
export function secretsNix({ admins, hosts, secrets }: Cluster): string {
  const hostKeys = hosts.flatMap(({ name, hostKey }) =>
    hostKey === undefined ? [] : [{ name: String(name), key: hostKey }],
  )
  const body = [
    'let',
    ...attributes('admins', admins),
    ...attributes(
      'hosts',
      hostKeys.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ),
    'in',
    '{',
    ...secrets.filter(({ readers }) => readers.length > 0).flatMap(rule),
    '}',
    '',
  ].join('\n')
  return generatedText(body)
}

function attributes(
  set: string,
  people: readonly { readonly name: string; readonly key: string }[],
): readonly string[] {
  return [`  ${set} = {`, ...people.map(({ name, key }) => `    ${nixName(name)} = ${nixString(key)};`), '  };']
}

function rule({ file, readers, armor }: SecretRule): readonly string[] {
  const distinct = readers.filter(({ key }, index) => readers.findIndex((other) => other.key === key) === index)
  return [
    `  ${nixString(file)} = {`,
    '    publicKeys = [',
    ...distinct.map((reader) => `      ${reference(reader)}`),
    '    ];',
    ...(armor ? ['    armor = true;'] : []),
    '  };',
  ]
}

function reference({ kind, name }: Reader): string {
  return `${kind === 'admin' ? 'admins' : 'hosts'}.${nixName(name)}`
}
