import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import type * as published from '../../../schema/keel.d.ts'
import { generatedFiles } from '../../../scripts/schema/generated-files.ts'
import { type JsonSchema, jsonSchemaOf } from '../../../scripts/schema/json-schema.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { inventoryFiles } from '../../../src/inventory/read/inventory-files.ts'
import { parseYaml } from '../../../src/inventory/yaml/parse-yaml.ts'
import type { ClusterInput, HostInput, SecretsInput } from '../../../src/model/schema/input.ts'
import { type DocumentedFile, keyDocs } from '../../../src/model/schema/key-docs.ts'
import { BASE_YAML, type Case, makeVariant, wrongCases } from './variant.ts'

const ROOT = new URL('../../../', import.meta.url).pathname
const KINDS = ['host', 'cluster', 'secrets'] as const

test('what is made of the model is fresh: else run `npm run schema`', () => {
  for (const [path, text] of generatedFiles(ROOT)) expect(readFileSync(ROOT + path, 'utf8'), path).toBe(text)
})

test.for(KINDS)('every key of %s has a description', (kind) => {
  const properties = (schema: JsonSchema): JsonSchema[] => [
    ...Object.values(schema.properties ?? {}).flatMap((one) => [one, ...properties(one)]),
    ...(typeof schema.additionalProperties === 'object' ? properties(schema.additionalProperties) : []),
    ...(schema.anyOf ?? []).flatMap(properties),
  ]
  const all = properties(jsonSchemaOf(kind))
  expect(all.length).toBeGreaterThan(4)
  expect(all.filter(({ description }) => description === undefined)).toEqual([])
})

// the published types take what the model takes, key by key; tsc judges this when it compiles the tests
expectTypeOf<Omit<HostInput, 'k3s'>>().toExtend<Omit<published.HostInput, 'k3s'>>()
expectTypeOf<keyof HostInput>().toEqualTypeOf<keyof published.HostInput>()
expectTypeOf<Omit<ClusterInput, 'k3s'>>().toExtend<Omit<published.ClusterInput, 'k3s'>>()
expectTypeOf<keyof ClusterInput>().toEqualTypeOf<keyof published.ClusterInput>()
expectTypeOf<SecretsInput>().toExtend<published.SecretsInput>()

describe('the JSON Schemas', () => {
  const validators = new Map(KINDS.map((kind) => [kind, new Ajv({ allErrors: true }).compile(jsonSchemaOf(kind))]))

  /** The files that a schema finds wrong. */
  function refused(directory: string): string[] {
    return inventoryFiles(directory)
      .files.filter(({ form }) => form === 'yaml')
      .filter(({ kind, file }) => {
        const validate: ValidateFunction | undefined = validators.get(kind)
        return validate?.(parseYaml(readFileSync(join(directory, file), 'utf8')).root?.value) === false
      })
      .map(({ file }) => file)
  }

  test('take right inventories', () => {
    expect(refused(BASE_YAML)).toEqual([])
    const examples = readdirSync(join(ROOT, 'docs/examples'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    expect(examples.length).toBeGreaterThan(0)
    for (const { name } of examples) expect(refused(join(ROOT, 'docs/examples', name)), name).toEqual([])
  })

  /** Faults of a file's shape, which a schema can know of. */
  const OF_SHAPE = new Set([
    'unknown-key',
    'value',
    'k3s-unknown',
    'k3s-value',
    'k3s-owned',
    'k3s-matching',
    'k3s-alias',
    'secret-in-clear',
    'kubeconfig-mode',
  ])
  const cases = wrongCases().filter(
    ({ form, faults }) =>
      form === 'yaml' && faults.every(({ code, text }) => OF_SHAPE.has(code) && !text.includes('a URL with')),
  )

  test('are tried on some', () => expect(cases.length).toBeGreaterThan(10))

  test.for(cases)('find in an editor what keel finds: $name', (one: Case) => {
    const files = one.faults.map(({ text }) => text.slice(0, text.indexOf(':')))
    expect(refused(makeVariant(one))).toEqual([...new Set(files)])
  })
})

test.for(readdirSync(join(ROOT, 'docs/examples')))('docs/examples/%s is right', async (name) => {
  const copy = mkdtempSync(join(tmpdir(), 'keel-example-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(join(ROOT, 'docs/examples', name), copy, { recursive: true })
  const { cluster } = await loadInventory(copy)
  expect(cluster.hosts.length).toBeGreaterThan(1)
})

test.for(KINDS)('docs/inventory.md says what is said of %s, and nothing else', (kind: DocumentedFile) => {
  const text = readFileSync(join(ROOT, 'docs/inventory.md'), 'utf8')
  const table = text.split(`<!-- keys: ${kind} -->`)[1]?.split('<!-- end -->')[0] ?? ''
  for (const [path, { what }] of Object.entries(keyDocs[kind])) if (!path.endsWith('.*')) expect(table).toContain(what)
})
