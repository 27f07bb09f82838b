import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { expect } from 'vitest'
import { behindGlobal } from '../../../src/completion/global-options.ts'
import { asksForJson } from '../../../src/ui/faults-json.ts'

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: false, formats: { 'date-time': true } })
const compiled = new Map<string, ValidateFunction>()

/** A schema, as keel's package has it: `output/plan` is schema/output/plan.json. */
function schemaOf(name: string): ValidateFunction {
  const known = compiled.get(name)
  if (known !== undefined) return known
  const path = new URL(`../../../schema/${name}.json`, import.meta.url)
  const schema = ajv.compile(JSON.parse(readFileSync(path, 'utf8')))
  compiled.set(name, schema)
  return schema
}

/** Verbs, each with the schema of what it prints with `--json`. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  plan: 'plan',
  version: 'version',
  status: '../status',
  'secret ls': 'secret-ls',
  'vip status': 'vip-status',
  'lab status': 'lab-status',
  'sysext build': 'sysext-build',
  'sysext list': 'sysext-list',
  'sysext publish': 'sysext-publish',
  'node status': 'node',
  'node health': 'node',
  'node services': 'node',
  'node certs': 'node',
}
/** Verbs that print lines, each with the schema of a line. */
const STREAMS: Readonly<Record<string, string>> = {
  deploy: 'events',
  'add-node': 'events',
  'node logs': 'node-lines',
  'node events': 'node-lines',
  'node restart': 'node-lines',
  'node reboot': 'node-lines',
}
/** 128 and the number of SIGINT, with which keel itself ends. */
const INTERRUPTED = 130

/**
 * Checks what a run of keel has printed with `--json` against the schemas: every run of a test goes through here.
 * @param exit 128 and the number of a signal that has ended it
 */
export function checkOutput(args: readonly string[], stdout: string, exit: number): void {
  const words = behindGlobal(args)
  const isKilled = exit >= 128 && exit !== INTERRUPTED
  if (!asksForJson(args) || stdout === '' || args.includes('--help') || isKilled) return
  const [verb = '', sub = ''] = words
  const lines = stdout.trimEnd().split('\n')
  const isDry = args.includes('--dry-run')
  const stream = STREAMS[verb] ?? STREAMS[`${verb} ${sub}`]
  if (stream !== undefined && !isDry) {
    const parsed = lines.map((line): unknown => JSON.parse(line))
    for (const line of parsed) valid(stream, line)
    expect(parsed.at(-1)).toMatchObject({ event: 'end', exit })
    return
  }
  const schema = isDry ? 'plan' : (DOCUMENTS[verb] ?? DOCUMENTS[`${verb} ${sub}`])
  if (schema === undefined) return
  const documents = args.includes('--watch') ? lines : [stdout]
  for (const document of documents) {
    const value: unknown = JSON.parse(document)
    const isFaults = typeof value === 'object' && value !== null && 'faults' in value
    valid(isFaults ? 'faults' : schema, value)
  }
  if (args.includes('--watch')) expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'end', exit })
}

/** Fails the test for a value that the schema of that output does not have. */
export function valid(name: string, value: unknown): void {
  validFor(`output/${name}`, value)
}

/** @param name below schema/, without `.json` */
export function validFor(name: string, value: unknown): void {
  const schema = schemaOf(name)
  expect(schema(value), `${JSON.stringify(value)}\n${ajv.errorsText(schema.errors)}`).toBe(true)
}
