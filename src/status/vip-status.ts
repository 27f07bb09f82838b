import { type Fault, KeelError, plainFault } from '../errors.ts'
import type { Connect } from '../fleet/connect.ts'
import { inParallel } from '../fleet/in-parallel.ts'
import { targetOf } from '../fleet/target-of.ts'
import type { Cluster, Host, VirtualIp } from '../model/cluster.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import { serversOf } from '../model/servers-of.ts'
import { placedVip } from '../parts/keepalived/place-vip.ts'
import { type VipState, vipState } from '../parts/keepalived/vip-state.ts'
import { askedUnits } from '../parts/unit-state.ts'
import { checkedAnswer, placeOfPart } from '../probes/checked-answer.ts'
import type { Transport } from '../ssh/transport.ts'

/** Where the cluster's address is, and who could take it. */
export interface VipStatus {
  readonly address: string
  readonly manager: VirtualIp['manager']
  /** One, unless the address is moving, no server is healthy, or the network is cut. */
  readonly holders: readonly string[]
  readonly servers: readonly ServerStatus[]
}

export type ServerStatus =
  | { readonly server: string; readonly kind: 'seen'; readonly state: VipState }
  | { readonly server: string; readonly kind: 'unknown'; readonly fault: Fault }

/** Asks all servers, again and again over the same connections; opens a lost one again. */
export class VipWatcher implements AsyncDisposable {
  readonly #vip: VirtualIp
  readonly #distribution: DistributionKind
  readonly #servers: readonly Host[]
  readonly #connect: Connect
  readonly #open = new Map<string, Transport>()

  constructor(cluster: Cluster, vip: VirtualIp, connect: Connect) {
    this.#vip = vip
    this.#distribution = cluster.distribution.kind
    this.#servers = serversOf(cluster)
    this.#connect = connect
  }

  /** Never throws for a server that can't be reached: that is part of the answer. */
  async look(signal?: AbortSignal): Promise<VipStatus> {
    const servers = await inParallel(20, this.#servers, (server) => this.#ask(server, signal))
    const holders = servers.flatMap((one) => (one.kind === 'seen' && one.state.holds ? [one.server] : []))
    return { address: this.#vip.address, manager: this.#vip.manager, holders, servers }
  }

  async #ask(server: Host, signal?: AbortSignal): Promise<ServerStatus> {
    try {
      const transport = this.#open.get(server.name) ?? (await this.#connect(targetOf(server)))
      this.#open.set(server.name, transport)
      const placed = placedVip(this.#vip, { os: server.os, distribution: this.#distribution })
      const script = `${askedUnits(vipState.units(placed))}\n${vipState.script(placed)}`
      const { stdout } = await transport.run(script, {
        name: 'vip',
        timeoutMs: 10_000,
        totalMs: 20_000,
        ...(signal === undefined ? {} : { signal }),
      })
      return {
        server: server.name,
        kind: 'seen',
        state: checkedAnswer(server.name, placeOfPart('keepalived'), () => vipState.parse(stdout)),
      }
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      await this.#open.get(server.name)?.close()
      this.#open.delete(server.name)
      return { server: server.name, kind: 'unknown', fault: plainFault(error) }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((transport) => transport.close()))
  }
}
