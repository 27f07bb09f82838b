import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import type { LabOf } from '../../../src/lab/description.ts'
import { labDown, labUp } from '../../../src/lab/up.ts'
import type { Work } from '../../../src/lab/work.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { readK3sLab } from '../../support/lab/k3s-lab.ts'
import { type Host, prepareHost } from './host.ts'

/** The hosts and secrets that all chapters share: one bring-up for many checks. */
export interface Cluster {
  readonly lab: LabOf<'k3s'>
  readonly one: Host
  readonly two: Host
  readonly three: Host
  readonly agent: Host
  /** server-ca.crt, made before the first start. */
  ca: string
  serverPassword: string
  agentPassword: string
}

const work: Work = {
  env: process.env,
  cache: cacheDirectory(process.env),
  note: console.log,
  signal: new AbortController().signal,
}
const name = 'facts'

export async function clusterUp(): Promise<{ readonly cluster: Cluster; readonly down: () => Promise<void> }> {
  const sockets = await mkdtemp(join(tmpdir(), 'facts-'))
  const down = async () => {
    await labDown(name, work)
    await rm(sockets, { recursive: true, force: true })
  }
  try {
    await labUp({ name, counts: { server: 3, agent: 1, spare: 0 } }, work)
    const lab = await readK3sLab(name)
    const host = (name: string) => prepareHost(lab, name, sockets)
    const [one, two, three, agent] = await Promise.all([
      host('server-1'),
      host('server-2'),
      host('server-3'),
      host('agent-1'),
    ])
    const cluster = { lab, one, two, three, agent, ca: '', serverPassword: password(), agentPassword: password() }
    return { cluster, down }
  } catch (error) {
    await down()
    throw error
  }
}

export const password = (): string => randomBytes(16).toString('hex')
export const serverToken = ({ ca, serverPassword }: Cluster): string => `K10${sha256(ca)}::server:${serverPassword}`
export const agentToken = ({ ca, agentPassword }: Cluster): string => `K10${sha256(ca)}::node:${agentPassword}`
export const join6443 = (host: Host): string => `https://${host.ip}:6443`

/** A joining server's or agent's tokens, in files as keel has them. */
export async function giveTokens(host: Host, server: string | undefined, agent: string): Promise<void> {
  if (server !== undefined) await host.write('/etc/rancher/k3s/server-token', `${server}\n`)
  await host.write('/etc/rancher/k3s/agent-token', `${agent}\n`)
}
export const tokenFiles = {
  'token-file': '/etc/rancher/k3s/server-token',
  'agent-token-file': '/etc/rancher/k3s/agent-token',
}

/** Times that the last lines of the run print. */
export const measured: Record<string, number> = {}
/** Facts that this k3s does not show. */
export const differing: string[] = []

/** Each fact begins with a state of its own, made anew: slow, and how the states themselves are tested. */
const isApart = process.env.KEEL_FACTS_APART === 'yes'

/**
 * Facts that follow one another on the same hosts. Each goes on from where the one before it ended; where that one
 * failed or did not run, it begins with a state that it makes out of nothing. So one difference hides no other.
 */
export function lane(): Fact {
  let [known, shown] = [0, 0]
  return (sentence, begin, proof) => {
    known += 1
    const number = known
    test(sentence, async ({ onTestFailed }) => {
      onTestFailed(() => {
        differing.push(sentence)
      })
      if (isApart || shown !== number - 1) await begin()
      await proof()
      shown = number
    })
  }
}

/**
 * A sentence of the page of facts, and its proof.
 * @param begin what the proof begins with
 */
export type Fact = (sentence: string, begin: () => Promise<unknown>, proof: () => Promise<void>) => void

/** Those of the cluster of three servers. */
export const fact = lane()
/** Those of hosts that do without it, in the minute that it takes to give up. */
export const factBeside = lane()
/** For a fact that needs no state. */
export const nothing = async (): Promise<void> => {}
