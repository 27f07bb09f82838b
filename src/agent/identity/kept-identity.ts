import { systemCode } from '../../errors.ts'
import type { AgentConfig } from '../../model/keel-agent/agent-config.ts'
import { readCertificate } from '../../model/keys/read-certificate.ts'
import type { Log } from '../log.ts'
import { type Credential, credentialAt, parsedCredential, type Unusable } from './credential.ts'
import { whileUnchanged } from './while-unchanged.ts'

/** The certificates of the agent, in the order in which it serves with them. */
export const CERTIFICATES = ['operational', 'first'] as const
export type CertificateName = (typeof CERTIFICATES)[number]

/** What the agent serves with, and whom it believes. */
export interface Identity {
  readonly serving?: { readonly name: CertificateName; readonly credential: Credential }
  readonly states: Readonly<Record<CertificateName, Credential | Unusable>>
  /** The CA of the clients (PEM). Absent: nobody can be let in. */
  readonly clientCa?: string
}

export interface KeptIdentity {
  current(): Identity
  /** Reads the files again. @returns what they contain now */
  look(): Promise<Identity>
}

/**
 * The identity as the files have it. The agent keeps no copy for longer than until the next look: another program may
 * renew them, and the clock may jump.
 */
export async function keptIdentity(configuration: AgentConfig, log: Log): Promise<KeptIdentity> {
  let current: Identity | undefined
  const pair = ({ certificate, key }: AgentConfig['first']) => whileUnchanged([certificate, key], parsedCredential)
  const files = {
    operational: pair(configuration.operational),
    first: pair(configuration.first),
    clientCa: whileUnchanged([configuration.clients.ca], caOf),
  }
  const look = async () => {
    const found = await readIdentity(files).catch((error: unknown) => {
      // a moment's lack of file descriptors, say, is no loss of the certificates
      if (current === undefined) throw error
      log.error(`the certificates could not be read (${systemCode(error)})`)
      return current
    })
    if (current === undefined || sayOf(found) !== sayOf(current))
      log[found.serving === undefined || found.clientCa === undefined ? 'error' : 'info'](sayOf(found))
    current = found
    return found
  }
  const first = await look()
  return { current: () => current ?? first, look }
}

interface Files {
  readonly operational: (isAnew?: boolean) => Promise<Credential | Unusable>
  readonly first: (isAnew?: boolean) => Promise<Credential | Unusable>
  readonly clientCa: () => Promise<string | undefined>
}

async function readIdentity(files: Files): Promise<Identity> {
  const now = Date.now()
  const credential = async (read: Files['first']) => {
    const found = await read()
    // somebody may have replaced both between the two reads
    return credentialAt(found === 'of another key' ? await read(true) : found, now)
  }
  const states = { operational: await credential(files.operational), first: await credential(files.first) }
  const clientCa = await files.clientCa()
  const [serving] = CERTIFICATES.flatMap((name) => {
    const credential = states[name]
    return typeof credential === 'string' ? [] : [{ name, credential }]
  })
  return {
    states,
    ...(serving === undefined ? {} : { serving }),
    ...(clientCa === undefined ? {} : { clientCa }),
  }
}

/** @returns undefined for a text without a certificate: with an empty one, node would believe every CA of the system */
function caOf(pem: string | undefined): string | undefined {
  return pem !== undefined && readCertificate(pem)?.ca === true ? pem : undefined
}

function sayOf({ serving, states, clientCa }: Identity): string {
  const unusable = CERTIFICATES.flatMap((name) =>
    typeof states[name] === 'string' ? [`${name}: ${states[name]}`] : [],
  )
  const others = unusable.length === 0 ? '' : ` (${unusable.join(', ')})`
  if (clientCa === undefined) return `serves nobody: the CA of its clients is missing or damaged${others}`
  if (serving === undefined) return `serves nobody: it has no certificate${others}`
  const { certificate } = serving.credential
  return `serves with its ${serving.name} certificate, until ${certificate.validToDate.toISOString()}${others}`
}
