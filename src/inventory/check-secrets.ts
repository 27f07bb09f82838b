import { isReaderGroup, quote, READER_GROUPS } from '../model/names.ts'
import { hint } from '../model/nearest.ts'
import type { Finding } from './definitions.ts'
import { hasRole } from './draft.ts'
import { type People, readersOf } from './readers.ts'
import { firstServerOf } from './settings.ts'

/** The names under which k3s's own secrets are looked for. */
export const K3S_SECRETS = { serverToken: 'k3s-server-token', agentToken: 'k3s-agent-token', ca: 'k3s-server-ca-key' } as const

type Rules = NonNullable<People['secrets']['values']['secrets']>
type Rule = Rules[keyof Rules]

/** secrets.ts held against the hosts: every reader exists, and k3s's secrets reach who needs them and nobody else. */
export function checkSecrets(people: People): Finding[] {
  const rules = people.secrets.values.secrets
  if (rules === undefined) return []
  const each = Object.entries(rules).flatMap(([name, rule]) => [
    ...checkReaders(name, rule, people),
    ...checkAdmins(name, rule, people),
  ])
  return [...each, ...checkTokens(rules, people), ...checkCa(rules, people)]
}

function checkReaders(name: string, rule: Rule, { secrets, hosts }: People): Finding[] {
  const known = [...READER_GROUPS, ...Object.keys(secrets.values.admins ?? {}), ...hosts.map((host) => host.source.name)]
  return rule.readers.flatMap((reader, index): Finding[] => {
    // an admin whose key is wrong has been reported already
    if (secrets.values.admins === undefined || known.includes(reader)) return []
    const meant = hint(reader, known)
    const found = `nobody is called ${quote(reader)}`
    return [
      {
        source: secrets.source,
        path: ['secrets', name, 'readers', index],
        code: 'reader-unknown',
        found,
        why: `allowed: ${READER_GROUPS.join(', ')}, a host or an admin`,
        ...(meant === undefined ? {} : { todo: meant }),
      },
    ]
  })
}

function checkAdmins(name: string, rule: Rule, people: People): Finding[] {
  const { admins } = people.secrets.values
  if (admins === undefined || readersOf(rule.readers, people).admins.size > 0) return []
  return [
    {
      source: people.secrets.source,
      path: ['secrets', name, 'readers'],
      code: 'secret-no-admin',
      found: 'no admin may read it',
      why: "deploy and rekey decrypt it on an admin's machine",
      todo: Object.keys(admins).length === 0 ? 'name an admin in `admins`' : "add 'admins'",
    },
  ]
}

function checkTokens(rules: Rules, people: People): Finding[] {
  const servers = names(people, 'server')
  const agents = names(people, 'agent')
  return [
    ...checkOne(rules, people, K3S_SECRETS.serverToken, {
      generate: 'k3s-token',
      example: "{ readers: ['admins', 'servers'], generate: 'k3s-token' }",
      needs: servers,
      whyNeeded: 'every server starts with it',
      refuses: agents,
      whyRefused: "it makes whoever holds it a server, and decrypts the datastore's keys: no agent may read it",
    }),
    ...checkOne(rules, people, K3S_SECRETS.agentToken, {
      generate: 'k3s-token',
      example: "{ readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' }",
      needs: [...servers, ...agents],
      whyNeeded: 'agents join with it, and all servers must be given the same one',
      refuses: [],
      whyRefused: '',
    }),
  ]
}

/** A cluster taken over from elsewhere has no CA key in keel, and needs none. */
function checkCa(rules: Rules, people: People): Finding[] {
  if (!Object.hasOwn(rules, K3S_SECRETS.ca)) return []
  const first = firstServerOf(people.cluster, people.hosts)
  return checkOne(rules, people, K3S_SECRETS.ca, {
    generate: 'k3s-ca',
    example: '',
    needs: first === undefined ? [] : [first],
    whyNeeded: 'the first server founds the cluster with it',
    refuses: people.hosts.map((host) => host.source.name).filter((name) => name !== first),
    whyRefused: 'the other servers get the CA from the datastore, and agents never: only the first server may read it',
  })
}

interface Rights {
  readonly generate: Rule['generate']
  /** How to write the rule where it is missing. */
  readonly example: string
  readonly needs: readonly string[]
  readonly whyNeeded: string
  readonly refuses: readonly string[]
  readonly whyRefused: string
}

function checkOne(rules: Rules, people: People, name: string, rights: Rights): Finding[] {
  const { source } = people.secrets
  const rule = Object.entries(rules).find(([key]) => key === name)?.[1]
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
  const { hosts } = readersOf(rule.readers, people)
  const without = rights.needs.filter((host) => !hosts.has(host))
  if (without.length > 0)
    findings.push({
      source,
      path,
      code: 'secret-too-narrow',
      found: `${without.join(', ')} can't read it`,
      why: rights.whyNeeded,
    })
  const beyond = rights.refuses.filter((host) => hosts.has(host))
  if (beyond.length > 0) {
    const index = rule.readers.findIndex((reader) => [...readersOf([reader], people).hosts].some((host) => beyond.includes(host)))
    const via = rule.readers[index]
    const found = `${beyond.join(', ')} can read it${via !== undefined && isReaderGroup(via) ? ` (by '${via}')` : ''}`
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

function names({ hosts }: People, role: 'server' | 'agent'): string[] {
  return hosts.filter(hasRole(role)).map((host) => host.source.name)
}
