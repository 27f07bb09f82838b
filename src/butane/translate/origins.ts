import type { Message, Path } from '../report.ts'
import { yamlName } from '../schema/kinds.ts'

/**
 * Where parts of the Ignition config come from, if not from the place with the same name. What isn't noted here is
 * taken to be in the Butane config where it is in Ignition's, spelt as YAML spells it.
 */
export class Origins {
  readonly #exact = new Map<string, Path>()
  readonly #whole = new Map<string, Path>()

  /** That one place. */
  add(ignition: Path, yaml: Path): void {
    this.#exact.set(ignition.join('.'), yaml)
  }

  /** That place and everything below it. */
  addWhole(ignition: Path, yaml: Path): void {
    this.#whole.set(ignition.join('.'), yaml)
  }

  of(ignition: Path): Path {
    const exact = this.#exact.get(ignition.join('.'))
    if (exact !== undefined) return exact
    if (this.#whole.size > 0) {
      for (let length = ignition.length; length > 0; length -= 1) {
        const whole = this.#whole.get(ignition.slice(0, length).join('.'))
        if (whole !== undefined) return whole
      }
    }
    return ignition.map((step) => (typeof step === 'string' ? yamlName(step) : step))
  }

  /** The message with its path as the Butane config has it. */
  translate({ path, severity, text }: Message): Message {
    return { severity, text, path: this.of(path) }
  }
}
