import { describeFault, FaultsError, KeelError } from '../../src/errors.ts'
import type { Random } from './random.ts'

/**
 * One input made and tried.
 * @throws what no user should see: anything but a KeelError or FaultsError, or a promise not kept
 */
export type Target = (random: Random) => void | Promise<void>

/** With how many of a hundred inputs of its kind each gets. */
export type Targets = readonly (readonly [name: string, share: number, Target])[]

/** Undefined: refused as keel refuses, in words that can be printed. */
export function allowed<T>(attempt: () => T, check: (error: KeelError | FaultsError) => void = printed): T | undefined {
  try {
    return attempt()
  } catch (error) {
    if (!(error instanceof KeelError || error instanceof FaultsError)) throw error
    check(error)
    return undefined
  }
}

function printed(error: KeelError | FaultsError): void {
  for (const fault of error instanceof KeelError ? [error] : error.faults) describeFault(fault)
}
