import type { Recipient } from '../../model/brands.ts'
import type { Reader, SecretRule } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { isArmored } from '../age/armor.ts'
import { readStanzas } from '../age/file.ts'
import { BadAgeFile } from '../age/header.ts'
import { isSsh, isUnnamed, stanzaLabel, type UnnamedType, unnamedType } from '../age/stanza-label.ts'
import type { RecordEntry } from '../record.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * How a file compares to its rule. `fresh`: encrypted to all readers of the rule and to nobody else, in the form of the
 * rule. Readers are a set: age keeps a recipient that it gets twice, and agenix passes it twice for
 * `users ++ everybody`. `doubled` names those.
 */
export type FileState =
  | { readonly kind: 'fresh'; readonly doubled?: readonly string[] }
  | {
      readonly kind: 'stale'
      readonly missing: readonly Reader[]
      readonly extra: readonly string[]
      readonly form: boolean
    }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly why: string }

/** Names a key that is not a reader: `host maia`, or the key itself if the inventory does not know it. */
export type KeyNames = (labelOrRecipient: string) => string

/** The state of one file in a snapshot. */
export function stateOf(snapshot: Snapshot, rule: SecretRule, nameOf: KeyNames): FileState {
  const entry = snapshot.record[rule.file]
  const known = entry && snapshot.known.get(entry.sha256)
  // a changed record does not hide what this keel itself has done
  const state = staleness(
    rule,
    snapshot.files.get(rule.file),
    entry && known ? { ...entry, recipients: known } : entry,
    nameOf,
  )
  return state.kind === 'fresh' ? (otherCertificate(snapshot, rule) ?? state) : state
}

/** Of the keel-agents' CA: the key and the certificate may come from different commits. */
function otherCertificate({ files, record, agentCa }: Snapshot, { name, file }: SecretRule): FileState | undefined {
  const bytes = files.get(file)
  if (name !== AGENT_CA_KEY || bytes === undefined || agentCa === undefined) return undefined
  const entry = record[file]
  if (entry?.certificate === undefined || entry.sha256 !== sha256(bytes))
    return { kind: 'unknown', why: `nothing shows that ${AGENT_CA_CERTIFICATE_FILE} belongs to it` }
  if (entry.certificate === sha256(agentCa)) return undefined
  return { kind: 'damaged', why: `${AGENT_CA_CERTIFICATE_FILE} is the certificate of another key` }
}

/**
 * Compares the readers of a rule with those of its file, without any private key.
 * @param file the bytes of the file; undefined if there is none
 * @param entry its entry in the public record
 */
export function staleness(
  rule: SecretRule,
  file: Uint8Array | undefined,
  entry: RecordEntry | undefined,
  nameOf: KeyNames,
): FileState {
  if (file === undefined) return { kind: 'missing' }
  const stanzas = stanzasOf(file)
  if (stanzas instanceof BadAgeFile) return { kind: 'damaged', why: stanzas.message }
  const ssh = compareSsh(rule, stanzas.labels)
  const age = compareAge(rule, stanzas.unnamed, entry?.sha256 === sha256(file) ? entry : undefined)
  const missing = [...ssh.missing, ...age.missing]
  const extra = [...ssh.extra, ...age.extra, ...stanzas.foreign].map(nameOf)
  const form = isArmored(file) !== rule.armor
  if (missing.length > 0 || extra.length > 0 || form) return { kind: 'stale', missing, extra, form }
  const doubled = [...new Set(ssh.doubled)].map(nameOf)
  if (age.known) return { kind: 'fresh', ...(doubled.length > 0 ? { doubled } : {}) }
  return { kind: 'unknown', why: 'it has age1 recipients, and was changed without keel' }
}

interface Stanzas {
  /** `ssh-ed25519 s2nTXg` */
  readonly labels: readonly string[]
  /** The types of the stanzas that name no reader. */
  readonly unnamed: readonly UnnamedType[]
  readonly foreign: readonly string[]
}

function stanzasOf(file: Uint8Array): Stanzas | BadAgeFile {
  try {
    const all = readStanzas(file).map(({ args: [type = '', tag = ''] }) => ({ type, tag }))
    return {
      labels: all.filter(({ type }) => type.startsWith('ssh-')).map(({ type, tag }) => `${type} ${tag}`),
      unnamed: all.map(({ type }) => type).filter(isUnnamed),
      // rage adds stanzas of random types with this ending, so that readers stay tolerant: they belong to nobody
      foreign: all
        .filter(({ type }) => !type.startsWith('ssh-') && !isUnnamed(type) && !type.endsWith('-grease'))
        .map(({ type }) => `a ${type} recipient`),
    }
  } catch (error) {
    if (error instanceof BadAgeFile) return error
    throw error
  }
}

function compareSsh(
  rule: SecretRule,
  labels: readonly string[],
): { missing: Reader[]; extra: string[]; doubled: string[] } {
  const rest = [...labels]
  const wanted = new Set(rule.readers.map(({ key }) => stanzaLabel(key)))
  const missing = distinct(rule.readers).filter(({ key }) => {
    const label = stanzaLabel(key)
    if (label === undefined) return false
    const at = rest.indexOf(label)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  return {
    missing,
    extra: rest.filter((label) => !wanted.has(label)),
    doubled: rest.filter((label) => wanted.has(label)),
  }
}

/**
 * The record is right if it was made for exactly these contents, and names as many readers of each type as the file has
 * unnamed stanzas of that type.
 */
function compareAge(
  rule: SecretRule,
  unnamed: readonly UnnamedType[],
  entry: RecordEntry | undefined,
): { missing: Reader[]; extra: string[]; known: boolean } {
  const wanted = distinct(rule.readers).filter(({ key }) => !isSsh(key))
  const recorded = (entry?.recipients ?? []).filter((recipient) => recipient.startsWith('age1'))
  if (sameTypes(recorded.map(unnamedType), unnamed)) {
    return {
      missing: wanted.filter(({ key }) => !recorded.includes(key)),
      extra: recorded.filter((recipient) => !wanted.some(({ key }) => key === recipient)),
      known: true,
    }
  }
  // without a record, the types alone show a missing or additional reader only if there is no other reader of that type
  const types = new Set(wanted.map(({ key }) => unnamedType(key)))
  return {
    missing: wanted.filter(({ key }) => !unnamed.includes(unnamedType(key))),
    extra: [...new Set(unnamed)].filter((type) => !types.has(type)).map((type) => `an age1 recipient (${type})`),
    known: false,
  }
}

function sameTypes(one: readonly UnnamedType[], other: readonly UnnamedType[]): boolean {
  return one.toSorted().join() === other.toSorted().join()
}

/** The keys to which the file of a rule is encrypted: each once, even if a host and an admin share one. */
export function recipientsOf(rule: SecretRule): readonly Recipient[] {
  return distinct(rule.readers).map(({ key }) => key)
}

function distinct(readers: readonly Reader[]): readonly Reader[] {
  return readers.filter(({ key }, index) => readers.findIndex((other) => other.key === key) === index)
}
