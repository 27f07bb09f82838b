import type { ExitCode, Fault } from '../errors.ts'
import { KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import type { Facts } from '../probes/facts.ts'
import type { Questions } from '../probes/questions.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Connect } from './connect.ts'
import { inParallel } from './in-parallel.ts'
import { survey } from './survey.ts'

/** What keeps one host from being asked. */
export type HostFault = Fault & { readonly exit: ExitCode }

/** A host and what it answered. */
interface Surveyed {
  readonly host: Host
  readonly facts: Facts
}

export interface Answers {
  readonly seen: readonly Surveyed[]
  readonly faults: readonly HostFault[]
}

/** How many of the hosts that keel wants to ask have answered. */
interface Answered {
  readonly answered: number
  readonly of: number
}

export interface FleetOptions {
  readonly questions: (host: Host) => Questions
  readonly connect: Connect
  readonly signal?: AbortSignal
  readonly onWaiting?: (names: readonly string[], answered: Answered) => void
  /** Milliseconds without a new answer, after which keel looks at the answers so far. */
  readonly lateMs?: number
}

/**
 * The hosts of one command: each is asked once, no matter who wants to know, and its connection stays open until
 * `close`.
 */
export class Fleet {
  readonly transports = new Map<string, Transport>()
  readonly #options: FleetOptions
  readonly #asked = new Map<string, Promise<Surveyed | HostFault>>()
  readonly #wanted = new Set<string>()
  readonly #answered = new Map<string, Surveyed | HostFault>()

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /**
   * Every host's answer, or its fault; never throws for one host, because that would hide the answers of others.
   * @param onLate given once what is there, when some hosts have answered and the others take their time; those count
   * as not reached
   */
  async ask(hosts: readonly Host[], onLate?: (some: Answers) => Promise<void>): Promise<Answers> {
    for (const { name } of hosts) this.#wanted.add(name)
    const all = inParallel(20, hosts, (host) => this.#answerOf(host))
    if (onLate !== undefined && (await this.#isLate(all, hosts))) {
      const isIn = ({ name }: Host) => this.#answered.has(name)
      // the check at the end finds and reports a fault of this early one again
      await onLate(
        this.#answersOf(
          hosts.filter(isIn),
          hosts.filter((host) => !isIn(host)),
        ),
      ).catch((error: unknown) => {
        if (!(error instanceof KeelError)) throw error
      })
    }
    await all
    return this.#answersOf(hosts, [])
  }

  async close(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()))
  }

  #answerOf(host: Host): Promise<Surveyed | HostFault> {
    const known = this.#asked.get(host.name) ?? this.#survey(host)
    this.#asked.set(host.name, known)
    return known
  }

  async #survey(host: Host): Promise<Surveyed | HostFault> {
    const { questions, connect, signal } = this.#options
    this.#tell([host.name])
    const answer = await survey(host, questions(host), connect, signal).catch((error: unknown) => {
      if (error instanceof KeelError) return error
      throw error
    })
    const known = answer instanceof KeelError ? answer : this.#connected(answer)
    this.#answered.set(host.name, known)
    this.#tell([])
    return known
  }

  #connected({ host, facts, transport }: Surveyed & { readonly transport: Transport }): Surveyed {
    this.transports.set(host.name, transport)
    return { host, facts }
  }

  #tell(more: readonly string[]): void {
    const waiting = [...this.#asked.keys(), ...more].filter((name) => !this.#answered.has(name))
    this.#options.onWaiting?.([...new Set(waiting)], { answered: this.#answered.size, of: this.#wanted.size })
  }

  /** Whether some have answered and for a while no other has. */
  async #isLate(all: Promise<unknown>, hosts: readonly Host[]): Promise<boolean> {
    const count = () => hosts.filter(({ name }) => this.#answered.has(name)).length
    for (;;) {
      const before = count()
      if (await endsWithin(all, this.#options.lateMs ?? 2000)) return false
      if (count() === before && before > 0) return true
    }
  }

  #answersOf(hosts: readonly Host[], waitedFor: readonly Host[]): Answers {
    const answers = hosts.flatMap(({ name }) => this.#answered.get(name) ?? [])
    return {
      seen: answers.filter((answer): answer is Surveyed => !(answer instanceof KeelError)),
      faults: [...answers.filter((answer) => answer instanceof KeelError), ...waitedFor.map(notYet)],
    }
  }
}

function notYet({ name }: Host): KeelError {
  return new KeelError({ code: 'not-answered', at: name, found: 'no answer yet' })
}

async function endsWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    // a rejection is the caller's, who awaits the same work
    return await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}
