import type { Fault } from '../../errors.ts'

/** What is wrong with a YAML text itself, and the offset of the problem. */
export interface YamlProblem extends Omit<Fault, 'at'> {
  readonly offset: number
}
