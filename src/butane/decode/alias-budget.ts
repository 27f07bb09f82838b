import { YamlError } from '../yaml/index.ts'

/**
 * yaml.v3's protection against small documents that expand to something huge, because nearly all decoded values come
 * through aliases.
 */
export class AliasBudget {
  #decoded = 0
  #aliased = 0
  #depth = 0

  enterAlias(): void {
    this.#depth += 1
  }

  leaveAlias(): void {
    this.#depth -= 1
  }

  /** @throws {YamlError} if too many values have come through aliases */
  spend(): void {
    this.#decoded += 1
    if (this.#depth > 0) this.#aliased += 1
    if (this.#aliased > 100 && this.#decoded > 1000 && this.#aliased / this.#decoded > allowedRatio(this.#decoded)) {
      throw new YamlError('too much of the document comes through aliases (`*name`)')
    }
  }
}

// 99 % up to 400,000 values, then falling to 10 % at 4,000,000
function allowedRatio(decoded: number): number {
  const share = Math.min(Math.max((decoded - 400_000) / 3_600_000, 0), 1)
  return 0.99 - 0.89 * share
}
