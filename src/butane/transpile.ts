import { checkButane } from './checks/butane-checks.ts'
import { checkDuplicates } from './checks/duplicates.ts'
import { checkIgnition } from './checks/ignition-checks.ts'
import { refuseClevis } from './checks/storage/clevis.ts'
import { checkUnusedKeys } from './checks/unused-keys.ts'
import { decode } from './decode/decode-config.ts'
import { DecodeError } from './decode/decode-error.ts'
import { type Entry, locate, type Message, Report } from './report.ts'
import { config, header, type IgnitionConfig } from './schema/config.ts'
import { type TranslateOptions, translate } from './translate/translate.ts'
import { isVersion, normalizeVersion, type Version } from './versions.ts'
import { writeIgnition } from './write-ignition.ts'
import { type Node, readYaml, YamlError } from './yaml/index.ts'

export interface TranspileOptions extends TranslateOptions {
  /** Indents the JSON by two spaces. */
  readonly pretty?: boolean
}

export interface Transpiled {
  /**
   * The Ignition config; absent if the Butane config is refused. Integers are bigint, because those of Ignition have 64
   * bits.
   */
  readonly ignition?: IgnitionConfig
  /** The same as JSON, without a final newline. */
  readonly json?: string
  /** Why it is refused, in a few words; absent if it is not refused. */
  readonly refused?: string
  /** All messages, in the order of butane. */
  readonly report: readonly Entry[]
}

/**
 * Translates a Butane config (`variant: flatcar`, version 1.0.0 or 1.1.0) into an Ignition config (3.3.0 or 3.4.0). It
 * accepts and refuses the same configs as butane 0.26.
 *
 * It never throws because of the contents of a config, and reads files only through `options.files`.
 */
export function transpile(butane: Uint8Array | string, options: TranspileOptions = {}): Transpiled {
  const opened = open(typeof butane === 'string' ? new TextEncoder().encode(butane) : butane)
  if ('refused' in opened) return { refused: opened.refused, report: [] }
  const { root, version } = opened
  const { ignition, refused, messages } = convert(root, version, options)
  const report = messages.map((message) => locate(message, root))
  if (ignition === undefined) return { refused: refused ?? '', report }
  return { ignition, json: writeIgnition(ignition, version, options.pretty === true), report }
}

/** The document, and its version. */
function open(bytes: Uint8Array): { root: Node; version: Version } | { refused: string } {
  try {
    const root = readYaml(bytes)
    const { variant, version: written } = root === undefined ? {} : decode(root, header, '1.1.0')
    if (root === undefined || !variant) return { refused: 'the config needs a `variant`, such as flatcar' }
    const version = normalizeVersion(written ?? '')
    if (version === undefined) return { refused: 'the config needs a `version` of three numbers, such as 1.1.0' }
    if (variant === 'flatcar' && isVersion(version)) return { root, version }
    return { refused: `No translator exists for variant ${variant} with version ${version}` }
  } catch (error) {
    return { refused: `Error unmarshaling yaml: ${yamlProblem(error)}` }
  }
}

interface Converted {
  readonly ignition?: IgnitionConfig
  readonly refused?: string
  readonly messages: readonly Message[]
}

/** Runs the stages one by one. The first stage with an error is the last one. */
function convert(root: Node, version: Version, options: TranslateOptions): Converted {
  const report = new Report()
  const { messages } = report
  const invalid = { refused: 'source config is invalid', messages }
  let butane: ReturnType<typeof decode<typeof config>>
  try {
    butane = decode(root, config, version)
  } catch (error) {
    return { refused: yamlProblem(error), messages }
  }
  checkUnusedKeys(config, butane, root, { side: 'butane', version, report })
  checkButane(butane, version, report)
  if (report.fatal) return invalid

  const { ignition, origins, report: translation } = translate(butane, version, options)
  report.add(translation.messages)
  if (report.fatal) return invalid

  const clevis = new Report()
  refuseClevis(ignition, version, clevis)
  report.add(clevis.messages.map((message) => origins.translate(message)))
  if (report.fatal) return invalid

  const generated = new Report()
  checkDuplicates(config, ignition, { path: [], report: generated, version })
  checkIgnition(ignition, version, generated)
  report.add(generated.messages.map((message) => origins.translate(message)))
  return report.fatal ? { refused: 'config generated was invalid', messages } : { ignition, messages }
}

/** @throws the error, unless it is one of the document */
function yamlProblem(error: unknown): string {
  if (error instanceof YamlError || error instanceof DecodeError) return error.message
  throw error
}
