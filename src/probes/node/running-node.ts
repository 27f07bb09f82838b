import * as z from 'zod'
import { jsonText, jsonWords } from '../../model/text/json-text.ts'

/** A Node of a cluster that keel has not founded: what k3s was started with, and what it has now. */
export interface RunningNode {
  /** The command line with all configuration files in it, by flag; what carries a secret is masked by k3s. */
  readonly flags: ReadonlyMap<string, readonly string[]>
  readonly labels: Readonly<Record<string, string>>
  /** `key=value:Effect`. */
  readonly taints: readonly string[]
  readonly addresses: readonly string[]
}

const texts = z.record(z.string(), z.string()).default({})
const node = jsonText.pipe(
  z.object({
    kind: z.literal('Node'),
    metadata: z.object({ labels: texts, annotations: texts }),
    spec: z.object({
      taints: z.array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() })).default([]),
    }),
    status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) }),
  }),
)

/** Reads what `nodeMarks` asks for. */
export function runningNode(stdout: string): RunningNode | undefined {
  const found = node.safeParse(stdout).data
  if (found === undefined) return undefined
  return {
    flags: flagsOf(jsonWords.safeParse(found.metadata.annotations['k3s.io/node-args']).data ?? []),
    labels: found.metadata.labels,
    taints: found.spec.taints.map(({ key, value, effect }) => `${key}${value === '' ? '' : `=${value}`}:${effect}`),
    addresses: found.status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
  }
}

/** k3s notes `--flag`, `value`, or `--flag=value`; a switch has no value, or `true`. */
function flagsOf(all: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const flags = new Map<string, readonly string[]>()
  for (const [index, word] of all.entries()) {
    const [, name, given] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined) continue
    const next = all[index + 1]
    const value = given ?? (next === undefined || next.startsWith('--') ? 'true' : next)
    flags.set(name, [...(flags.get(name) ?? []), value])
  }
  return flags
}
