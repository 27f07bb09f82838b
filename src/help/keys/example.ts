import type { Key } from './key.ts'
import { optionSamples, samples } from './samples.ts'

/** What of its file shows a key: the objects around it, with what these require. Undefined: there is no example. */
export function exampleOf(key: Key, keys: readonly Key[]): Readonly<Record<string, unknown>> | undefined {
  const [, ...parts] = key.path.split('.')
  if (parts[0] === 'k3s') return { k3s: parts[1] === undefined ? { debug: true } : { [parts[1]]: optionExample(key) } }
  // what hosts and the cluster have in common is written once
  const file = samples[key.file]
  const from = parts[0] !== undefined && parts[0] in file ? file : samples.host
  const value = within(from, parts, key.file, keys)
  return isObject(value) ? value : undefined
}

/** Keys of which none is possible without the other, in the form that the samples have. */
const PAIRS: Readonly<Record<string, readonly string[]>> = {
  cert_file: ['key_file'],
  key_file: ['cert_file'],
  suites: ['components'],
}

/** @param at the path of `sample` */
function within(sample: unknown, [part, ...rest]: readonly string[], at: string, keys: readonly Key[]): unknown {
  if (part === undefined || !isObject(sample)) return sample
  const name = part === 'NAME' ? Object.keys(sample)[0] : part
  if (name === undefined || !(name in sample)) return undefined
  const required = keys.filter((key) => key.required && at.includes('.') && key.path === `${at}.${lastOf(key.path)}`)
  const needed = required.map(({ path }) => lastOf(path))
  const around = [...needed, ...[name, ...needed].flatMap((one) => PAIRS[one] ?? [])].filter((one) => one !== name)
  const inner = within(sample[name], rest, `${at}.${part}`, keys)
  return { ...Object.fromEntries(around.map((one) => [one, sample[one]])), [name]: inner }
}

function optionExample({ path, what, type }: Key): unknown {
  if (type.startsWith('a reference')) return { secret: path.split('.').at(-1) }
  if (type.startsWith('`true`')) return true
  if (type.startsWith('`')) return /`([^`]+)`/.exec(type)?.[1]
  if (/number/.test(type)) return Number(/from (\d+)/.exec(type)?.[1] ?? 0) + 5
  const taken = Object.keys(optionSamples).find((end) => what.endsWith(`: ${end}`))
  if (taken !== undefined) return optionSamples[taken]
  return path.endsWith('mode') ? '0600' : '5m0s'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lastOf(path: string): string {
  return path.split('.').at(-1) ?? path
}
