import type { UnitName } from '../systems/unit-name.ts'

/** One of the units that make a host part of its cluster. */
export interface Service {
  readonly unit: UnitName
  /** What has to answer once the unit is active: the API on this host, the host's Node. */
  readonly healthy: readonly Healthy[]
  /** The programs that it runs, by name: it restarts when one of them changes in its place. */
  readonly programs: readonly string[]
  readonly startFolder: StartFolder
}

type Healthy = 'api' | 'node'

/** Below it the service reads files at its start: it restarts when keel removes one of its files there. */
interface StartFolder {
  readonly path: string
  /** Files there that it does not read at each start. */
  readonly except: readonly string[]
}

/** In the order in which they start. */
export type InOrder<One> = readonly [One, ...One[]]

/**
 * Of what each service has one of: that of the service which runs Kubernetes' node. It is the last, because it needs
 * those before it.
 */
export function ofNode<One>([first, ...others]: InOrder<One>): One {
  return others.at(-1) ?? first
}

export function inOrder<From, To>([first, ...others]: InOrder<From>, make: (one: From) => To): InOrder<To> {
  return [make(first), ...others.map(make)]
}

export function hasUnit(services: readonly { readonly unit: string }[], wanted: string): boolean {
  return services.some(({ unit }) => unit === wanted)
}

/** The unit that runs a program, if one of the services does. */
export function unitRunning(services: readonly Service[], program: string): UnitName | undefined {
  return services.find(({ programs }) => programs.includes(program))?.unit
}
