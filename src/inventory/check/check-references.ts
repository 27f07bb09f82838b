import { k3sFlags } from '../../model/k3s/k3s-flags.ts'
import { quote } from '../../model/names.ts'
import { isSecretRef } from '../../model/secret-ref.ts'
import { hint } from '../../model/text/nearest.ts'
import type { Finding, Source } from '../definitions.ts'
import { type HostDraft, isBroken } from '../draft.ts'
import { type People, readersOf } from '../people.ts'
import { ruleOf } from './check-secrets.ts'
import { listed } from './listed.ts'

interface Reference {
  readonly source: Source
  readonly path: readonly (string | number)[]
  readonly name: string
}

/** Every secret that an option refers to exists, and the hosts that get the option may read it. */
export function checkReferences(people: People): Finding[] {
  const { cluster, hosts } = people
  const shared = referencesIn(cluster.source, {
    k3s: cluster.options,
    registries: cluster.values.registries,
    systemdKubelet: cluster.values.systemdKubelet,
  })
  return [
    ...shared.flatMap((reference) =>
      checkOne(
        reference,
        hosts.filter((host) => receives(host, reference.path)),
        people,
      ),
    ),
    ...hosts.flatMap((host) => {
      const { registries, systemdKubelet } = host.values
      const own = referencesIn(host.source, { k3s: host.options, registries, systemdKubelet })
      return own.flatMap((reference) => checkOne(reference, [host], people))
    }),
  ]
}

/** A host gets those options of the cluster that its role knows and that it does not set itself. */
function receives({ values, options }: HostDraft, path: Reference['path']): boolean {
  const [section, key, name] = path
  if (section === 'systemdKubelet')
    return values.kubelet === 'systemd' && !Object.hasOwn(values.systemdKubelet?.repositories ?? {}, String(name))
  if (section === 'registries')
    return key !== 'configs' || !Object.hasOwn(values.registries?.configs ?? {}, String(name))
  const option = String(key)
  return k3sFlags[values.role ?? 'server'].has(option) && !Object.hasOwn(options, option)
}

function checkOne({ source, path, name }: Reference, receivers: readonly HostDraft[], people: People): Finding[] {
  const rules = people.secrets.values.secrets
  if (rules === undefined) return []
  // a rule with a fault does not show its readers yet
  if (isBroken(people.secrets, 'secrets', name)) return []
  const rule = ruleOf(rules, name)
  if (rule === undefined) {
    const meant = hint(name, Object.keys(rules))
    return [
      {
        source,
        path,
        code: 'secret-unknown',
        found: `there is no secret ${quote(name)}`,
        ...(meant === undefined ? {} : { todo: meant }),
      },
    ]
  }
  const readers = readersOf(people, name).hosts
  // a host with an invalid role is in no group yet
  const judged = receivers.filter((host) => !isBroken(host, 'role'))
  const blind = judged.map((host) => host.source.name).filter((host) => !readers.has(host))
  if (blind.length === 0) return []
  return [
    {
      source,
      path,
      code: 'secret-unreadable',
      found: `${listed(blind)} may not read the secret '${name}'`,
      why: `a host gets only the secrets that it may read in ${people.secrets.source.subject}`,
      todo: `add ${listed(blind)} to its readers`,
    },
  ]
}

function referencesIn(source: Source, value: unknown, path: Reference['path'] = []): Reference[] {
  if (isSecretRef(value)) return [{ source, path, name: value.secret }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(source, inner, [...path, key]))
}
