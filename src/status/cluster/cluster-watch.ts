import { KeelError } from '../../errors.ts'
import type { Connect } from '../../fleet/connect.ts'
import { targetOf } from '../../fleet/target-of.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { WantedHost } from '../../plan/host/wanted-host.ts'
import { type ClusterLook, clusterLookScript } from '../../probes/status/cluster-look.ts'
import { hostLookScript, type LookQuestion, parseClusterLook, parseHostLook } from '../../probes/status/host-look.ts'
import type { RunOptions, Transport } from '../../ssh/transport.ts'
import type { ClusterStatus } from './cluster-status.ts'
import type { Person } from './person.ts'
import { questionOf } from './question-of.ts'
import type { Answer, SeenCluster } from './seen-cluster.ts'
import { statusOf } from './status-of.ts'

export interface WatchOptions {
  readonly cluster: Cluster
  /** All that are asked: those that the status is about, and every server. */
  readonly wanted: readonly WantedHost[]
  /** Those that the status is about. */
  readonly selected: readonly Host[]
  readonly access: Access
  readonly connect: Connect
  readonly signal: AbortSignal
  /** Whom `connect` asks for passwords. */
  readonly person?: Person
  /** Milliseconds after which a host that is still being asked counts as silent. Default 5,000. */
  readonly patienceMs?: number
}

/** A megabyte holds the facts of a big host, and the Nodes of a big cluster. */
const RUN: RunOptions = { timeoutMs: 10_000, totalMs: 20_000, outputBytes: 1 << 20 }

/**
 * Milliseconds for the first server to tell about the cluster, until others are asked. They count from the answer of
 * another server, because on a busy machine or line every answer takes its time, and each look costs more of it.
 */
const SPEAKER_MS = 1500

/** Milliseconds for which what a server has told is shown, where nobody tells anything newer. */
const LOOK_MS = 10_000

interface Asked {
  readonly wanted: WantedHost
  question?: LookQuestion
  transport?: Transport
  answer: Answer
  /** It is being asked about the cluster, beside all else. */
  tells: boolean
  /** Under way since, by the clock of `performance.now`. */
  since?: number
}

/**
 * Asks all hosts, again and again over the same connections; opens a lost one again. A host that takes its time keeps
 * no other from being shown, and is not asked again before it has answered.
 */
export class ClusterWatch implements AsyncDisposable {
  readonly #options: WatchOptions
  readonly #asked: readonly Asked[]
  readonly #pending = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** The server that is asked about the cluster: the first one, or the one that told last. */
  #speaker: Asked | undefined
  #look: { readonly round: number; readonly at: number; readonly seen: NonNullable<SeenCluster['look']> } | undefined
  #round = 0
  #time = new Date()

  constructor(options: WatchOptions) {
    this.#options = options
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
    this.#asked = options.wanted.map((wanted) => ({
      wanted,
      answer: { kind: 'asking' },
      tells: false,
    }))
    this.#speaker = this.#servers()[0]
  }

  /**
   * Asks each host that is not being asked, and waits until all have answered, at most for a time. Never throws for a
   * host that can't be reached: that is part of the status.
   */
  async look(waitMs: number): Promise<ClusterStatus> {
    const { person, signal } = this.#options
    const before = [...this.#pending]
    const round = Promise.all([this.#ask(), ...before])
    while (!(await endsWithin(waitMs, round)) && person?.wasAskedWithin(waitMs) === true);
    signal.throwIfAborted()
    return this.status()
  }

  /** What is known now. */
  status(): ClusterStatus {
    return statusOf(this.#seen())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('no more answers are wanted'))
    await Promise.allSettled(this.#pending)
    await Promise.all(this.#asked.map(({ transport }) => transport?.close()))
  }

  async #ask(): Promise<void> {
    this.#round += 1
    const round = this.#round
    const speaker = this.#speaker
    const idle = this.#asked.filter(({ since }) => since === undefined)
    const asks = idle.map((one) => ({ one, end: this.#track(this.#askHost(one, one === speaker)) }))
    const all = Promise.all(asks.map(({ end }) => end))
    const others = asks.filter(({ one }) => one !== speaker && one.wanted.host.role === 'server')
    if (others.length > 0) await Promise.race([all, ...others.map(({ end }) => end)])
    // a server that takes its time keeps nobody from hearing of the cluster through another one
    await endsWithin(SPEAKER_MS, all)
    if (!this.#hasHeard(round)) await this.#track(this.#askAnother(speaker))
    await all
    if (!this.#hasHeard(round)) await this.#track(this.#askAnother(speaker))
  }

  #hasHeard(round: number): boolean {
    return this.#look !== undefined && this.#look.round >= round
  }

  #servers(): readonly Asked[] {
    return this.#asked.filter(({ wanted }) => wanted.host.role === 'server')
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#pending.add(work)
    try {
      await work
    } finally {
      this.#pending.delete(work)
    }
  }

  /** @param isSpeaker it is asked about the cluster, too */
  async #askHost(one: Asked, isSpeaker: boolean): Promise<void> {
    const { host } = one.wanted
    one.since = performance.now()
    const { access, cluster } = this.#options
    one.answer = await this.#answerOf(one, async (transport) => {
      one.question ??= questionOf(one.wanted, cluster, access)
      const script = hostLookScript(one.question, isSpeaker ? access : undefined)
      const { stdout } = await transport.run(script, { name: 'host-status', ...this.#run() })
      const look = parseHostLook(host.name, stdout, one.question)
      if (isSpeaker && look.cluster !== undefined) this.#hear(one, look.cluster)
      return { kind: 'seen', look }
    })
    delete one.since
    this.#time = new Date()
  }

  /** All other servers at once: the first that tells is asked first from now on. */
  async #askAnother(speaker: Asked | undefined): Promise<void> {
    const others = this.#servers().filter(
      (one) => one !== speaker && !one.tells && one.transport !== undefined && one.answer.kind === 'seen',
    )
    await Promise.all(others.map((one) => this.#askToTell(one)))
  }

  async #askToTell(one: Asked): Promise<void> {
    one.tells = true
    const round = this.#round
    const answer = await this.#answerOf(one, async (transport) => {
      const { stdout } = await transport.run(clusterLookScript(this.#options.access), {
        name: 'cluster-status',
        ...this.#run(),
      })
      const look = parseClusterLook(one.wanted.host.name, stdout)
      if (look !== undefined && !this.#hasHeard(round)) this.#hear(one, look)
      return one.answer
    })
    one.tells = false
    one.answer = answer
  }

  #hear(from: Asked, look: ClusterLook): void {
    const seen = { ...look, through: from.wanted.host.name }
    this.#look = { round: this.#round, at: performance.now(), seen }
    this.#speaker = from
  }

  async #answerOf(one: Asked, ask: (transport: Transport) => Promise<Answer>): Promise<Answer> {
    try {
      one.transport ??= await this.#options.connect(targetOf(one.wanted.host), this.#signal)
      return await ask(one.transport)
    } catch (error) {
      await one.transport?.close()
      delete one.transport
      if (error instanceof KeelError) return { kind: 'silent', fault: error }
      if (this.#signal.aborted) return one.answer
      throw error
    }
  }

  #run(): RunOptions {
    return { ...RUN, signal: this.#signal }
  }

  #seen(): SeenCluster {
    const { cluster, selected } = this.#options
    const seen = this.#asked.map((one) => ({ ...one.wanted, answer: this.#known(one) }))
    const servers = seen.filter(({ host }) => host.role === 'server')
    return {
      cluster,
      hosts: seen.filter(({ host }) => selected.includes(host)),
      servers,
      ...(this.#look === undefined || performance.now() - this.#look.at > LOOK_MS ? {} : { look: this.#look.seen }),
      isAsking: servers.some(({ answer }) => answer.kind === 'asking'),
      time: this.#time,
    }
  }

  #known({ wanted, answer, since }: Asked): Answer {
    const { patienceMs = 5000, person } = this.#options
    if (since === undefined) return answer
    const waited = performance.now() - Math.max(since, person?.lastAnswer ?? 0)
    if (waited < patienceMs || person?.wasAskedWithin(0) === true) return answer
    const found = `no answer within ${patienceMs / 1000} s`
    return { kind: 'silent', fault: new KeelError({ code: 'no-answer-yet', at: wanted.host.name, found }) }
  }
}

/** Whether the work has ended by then. @throws what it throws by then */
async function endsWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), milliseconds)
  try {
    return await Promise.race([work.then(() => true), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
