import type { Message, Path } from '../report.ts'
import { yamlName } from '../schema/kinds.ts'

/**
 * The origin in the Butane config of parts of the Ignition config, if it is not the place with the same name. A part
 * that is not recorded here has the same path in the Butane config, in the spelling of YAML.
 */
export class Origins {
  readonly #exact = new Map<string, Path>()
  readonly #whole = new Map<string, Path>()

  /** Records the origin of one place. */
  add(ignition: Path, yaml: Path): void {
    this.#exact.set(ignition.join('.'), yaml)
  }

  /** Records the origin of a place and everything below it. */
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

  /** The message with its path in the Butane config. */
  translate({ path, severity, text }: Message): Message {
    return { severity, text, path: this.of(path) }
  }
}
