import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { kubeadmSecrets, serviceAccountKey } from '../../model/kubeadm/pki.ts'
import { isReaderGroup, quote, READER_GROUPS } from '../../model/names.ts'
import { hint } from '../../model/text/nearest.ts'
import type { Finding } from '../definitions.ts'
import { isBroken } from '../draft.ts'
import { type People, readersAmong, readersOf } from '../people.ts'
import { distributionOf } from '../settings.ts'
import { listed } from './listed.ts'

/** The names under which keel looks for k3s's own secrets. */
export const K3S_SECRETS = {
  serverToken: 'k3s-server-token',
  agentToken: 'k3s-agent-token',
  ca: 'k3s-server-ca-key',
} as const

type Rules = NonNullable<People['secrets']['values']['secrets']>
type Rule = Rules[keyof Rules]

/**
 * Checks secrets.ts against the hosts: every reader exists, and k3s's secrets have exactly the readers that need them.
 */
export function checkSecrets(people: People): Finding[] {
  const rules = people.secrets.values.secrets
  if (rules === undefined) return []
  const each = Object.keys(rules).flatMap((name) => checkAdmins(name, people))
  return [
    ...checkReaders(rules, people),
    ...each,
    ...checkOfDistribution(rules, people),
    ...checkAgentCa(rules, people),
  ]
}

/**
 * Only this many faults get a hint, because a hint compares with all names, which takes time in a large inventory with
 * many faults.
 */
const HINTS = 50

function checkReaders(rules: Rules, { secrets, adminNames, hostNames }: People): Finding[] {
  // if admins is not an object, no admin is known
  if (isBroken(secrets, 'admins', '')) return []
  const unknown = Object.entries(rules).flatMap(([name, { readers }]) =>
    readers.flatMap((reader, index) =>
      isReaderGroup(reader) || adminNames.has(reader) || hostNames.has(reader) ? [] : [{ name, reader, index }],
    ),
  )
  return unknown.map(({ name, reader, index }, nth): Finding => {
    const meant = nth < HINTS ? hint(reader, [...READER_GROUPS, ...adminNames, ...hostNames]) : undefined
    return {
      source: secrets.source,
      path: ['secrets', name, 'readers', index],
      code: 'reader-unknown',
      found: `no reader is called ${quote(reader)}`,
      why: `allowed: ${READER_GROUPS.join(', ')}, a host or an admin`,
      ...(meant === undefined ? {} : { todo: meant }),
    }
  })
}

function checkAdmins(name: string, people: People): Finding[] {
  const { secrets, adminNames } = people
  if (isBroken(secrets, 'admins', '') || secrets.values.admins === undefined) return []
  if (readersOf(people, name).admins.size > 0) return []
  return [
    {
      source: secrets.source,
      path: ['secrets', name, 'readers'],
      code: 'secret-no-admin',
      found: 'no admin may read it',
      why: "deploy and rekey decrypt it on an admin's machine",
      todo: adminNames.size === 0 ? 'name an admin in `admins`' : "add 'admins'",
    },
  ]
}

/** The secrets that a cluster of this kind is founded with. */
function checkOfDistribution(rules: Rules, people: People): Finding[] {
  if (isBroken(people.cluster, 'distribution')) return []
  switch (distributionOf(people.cluster.values)) {
    case 'k3s':
      return [...checkTokens(rules, people), ...checkCa(rules, people)]
    case 'kubeadm':
      return kubeadmSecrets.flatMap((name) => checkKubeadmSecret(rules, people, name))
  }
}

/** kubeadm would make others on the first control plane, and no join could be pinned beforehand. */
function checkKubeadmSecret(rules: Rules, people: People, name: string): Finding[] {
  const generate = name === serviceAccountKey ? 'service-account-key' : 'kubeadm-ca'
  return checkOne(rules, people, name, {
    generate,
    example: `{ readers: ['admins', 'servers'], generate: '${generate}' }`,
    needs: [...people.groups.servers],
    whyNeeded: 'every control plane needs it before it founds or joins the cluster',
    refuses: [...people.groups.agents],
    whyRefused: 'a machine with this key can act as any user or node of the cluster, so no agent may read it',
  })
}

function checkTokens(rules: Rules, people: People): Finding[] {
  const [servers, agents] = [[...people.groups.servers], [...people.groups.agents]]
  return [
    ...checkOne(rules, people, K3S_SECRETS.serverToken, {
      generate: 'k3s-token',
      example: "{ readers: ['admins', 'servers'], generate: 'k3s-token' }",
      needs: servers,
      whyNeeded: 'every server starts with it',
      refuses: agents,
      whyRefused:
        'a machine with this token can become a server and decrypt the keys in the datastore, so no agent may read it',
    }),
    ...checkOne(rules, people, K3S_SECRETS.agentToken, {
      generate: 'k3s-token',
      example: "{ readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' }",
      needs: [...servers, ...agents],
      whyNeeded: 'agents join with it, and all servers need the same one',
      refuses: [],
      whyRefused: '',
    }),
  ]
}

/** A cluster that keel has taken over has no CA key in keel, and needs none. */
function checkCa(rules: Rules, people: People): Finding[] {
  if (!Object.hasOwn(rules, K3S_SECRETS.ca)) return []
  const [first] = people.groups.firstServer
  return checkOne(rules, people, K3S_SECRETS.ca, {
    generate: 'k3s-ca',
    example: '',
    needs: first === undefined ? [] : [first],
    whyNeeded: 'the first server founds the cluster with it',
    refuses: [...people.hostNames].filter((name) => name !== first),
    whyRefused: 'the other servers get the CA from the datastore, and agents never: only the first server may read it',
  })
}

/** Without a rule, all admins may read it (`assemble`). */
function checkAgentCa(rules: Rules, people: People): Finding[] {
  if (!Object.hasOwn(rules, AGENT_CA_KEY)) return []
  return checkOne(rules, people, AGENT_CA_KEY, {
    generate: 'keel-agent-ca',
    example: '',
    needs: [],
    whyNeeded: '',
    refuses: [...people.hostNames],
    whyRefused:
      'a machine with this key can give itself the rights of an operator on every node, so no host may read it',
  })
}

interface Rights {
  readonly generate: Rule['generate']
  /** How to write the rule if it is missing. */
  readonly example: string
  readonly needs: readonly string[]
  readonly whyNeeded: string
  readonly refuses: readonly string[]
  readonly whyRefused: string
}

function checkOne(rules: Rules, people: People, name: string, rights: Rights): Finding[] {
  const { source } = people.secrets
  // faults of the rule itself are already reported
  if (isBroken(people.secrets, 'secrets', name)) return []
  const rule = ruleOf(rules, name)
  if (rule === undefined) {
    return [
      {
        source,
        path: ['secrets'],
        code: 'secret-missing',
        found: `there is no '${name}'`,
        why: rights.whyNeeded,
        todo: `add '${name}': ${rights.example}`,
      },
    ]
  }
  const findings: Finding[] = []
  const path = ['secrets', name, 'readers']
  const { hosts } = readersOf(people, name)
  const without = rights.needs.filter((host) => !hosts.has(host))
  if (without.length > 0)
    findings.push({
      source,
      path,
      code: 'secret-too-narrow',
      found: `${listed(without)} can't read it`,
      why: rights.whyNeeded,
    })
  const beyond = rights.refuses.filter((host) => hosts.has(host))
  if (beyond.length > 0) {
    const refused = new Set(beyond)
    const index = rule.readers.findIndex((reader) => !readersAmong([reader], people).hosts.isDisjointFrom(refused))
    const via = rule.readers[index]
    const found = `${listed(beyond)} can read it${via !== undefined && isReaderGroup(via) ? ` (by '${via}')` : ''}`
    findings.push({ source, path: [...path, index], code: 'secret-too-wide', found, why: rights.whyRefused })
  }
  if (rule.generate !== undefined && rule.generate !== rights.generate) {
    findings.push({
      source,
      path: ['secrets', name, 'generate'],
      code: 'secret-generate',
      found: `found '${rule.generate}'`,
      why: `allowed: '${rights.generate}', or nothing for one that is imported`,
    })
  }
  return findings
}

/** The name of a rule is a branded text, so that no other text is used by mistake. */
export function ruleOf(rules: Rules, name: string): Rule | undefined {
  const named: Readonly<Record<string, Rule>> = rules
  return Object.hasOwn(named, name) ? named[name] : undefined
}
