import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transpileModule } from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Fault } from '../../../src/errors.ts'
import { readTypescriptFiles } from '../../../src/inventory/typescript/read-typescript-files.ts'
import { readYamlFile } from '../../../src/inventory/yaml/read-yaml-file.ts'

interface Case {
  readonly name: string
  /** Where the mistake is. */
  readonly line: number
  /** A part of the message. */
  readonly says?: string
  /** A part of the cure. */
  readonly cure?: string
  readonly text: string
}

const root = new URL('../../../', import.meta.url).pathname
const casesOf = (name: string): readonly Case[] =>
  parse(readFileSync(`${root}test/cases/inventory/slips/${name}.yaml`, 'utf8'))
const forms = [
  ['as it is', (text: string) => text],
  ['with the line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['with a byte order mark', (text: string) => `\ufeff${text}`],
] as const

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keel-slips-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is wrong with each text: its first fault. */
async function faultsInTypescript(texts: readonly string[]): Promise<readonly (Fault | undefined)[]> {
  const files = texts.map((text, index) => {
    const file = `host${index}.ts`
    writeFileSync(join(folder, file), text)
    return { kind: 'host', form: 'ts', file, subject: file } as const
  })
  const read = await readTypescriptFiles(folder, files)
  return files.map((file) => read.get(file)?.faults?.[0])
}

const faultInYaml = (text: string): Fault | undefined => readYamlFile('host.yaml', 'host', text).faults?.[0]
const lineOf = (fault: Fault | undefined) => Number(fault?.at?.split(':')[1])

describe('TypeScript: the line where the mistake is, and what it likely is', () => {
  test.each(casesOf('typescript'))('$name', async ({ text, line, says = '', cure = '' }) => {
    for (const [form, change] of forms) {
      const [fault] = await faultsInTypescript([change(text)])
      expect(fault, form).toMatchObject({ code: 'inventory-syntax', found: expect.stringContaining(says) })
      expect(fault?.todo ?? '', form).toContain(cure)
      expect(lineOf(fault), `${form}: ${fault?.found}`).toBe(line)
    }
  })

  test('tsc, for comparison, finds fewer of these lines', () => {
    const cases = casesOf('typescript')
    const right = cases.filter(({ text, line }) => {
      const { diagnostics = [] } = transpileModule(text, { reportDiagnostics: true })
      const start = diagnostics[0]?.start
      return start !== undefined && text.slice(0, start).split('\n').length === line
    })
    console.info(`tsc names the line of ${right.length} of ${cases.length} mistakes`)
    expect(right.length).toBeLessThan(cases.length)
  })
})

describe('YAML: the line where the mistake is, and what it likely is', () => {
  test.each(casesOf('yaml'))('$name', ({ text, line, says = '', cure = '' }) => {
    for (const [form, change] of forms) {
      const fault = faultInYaml(change(text))
      expect(fault?.found, form).toContain(says)
      expect(fault?.todo ?? '', form).toContain(cure)
      expect(lineOf(fault), `${form}: ${fault?.found}`).toBe(line)
    }
  })
})

/** Every text that lacks one of the characters; comments are left alone. */
function deletions(text: string, characters: string) {
  return [...text].flatMap((character, at) => {
    const line = text.slice(0, at).split('\n')
    if (!characters.includes(character) || /^\s*(\/\/|\*|#)/.test(line.at(-1) ?? '')) return []
    return [{ text: text.slice(0, at) + text.slice(at + 1), line: line.length, character }]
  })
}

/** The valid inventories of this repository. */
function inventoryTexts(ending: string): readonly string[] {
  return ['docs/examples', 'hosts', 'test/cases/inventory/base', 'test/cases/inventory/base-yaml'].flatMap((start) =>
    readdirSync(root + start, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ending) && !file.includes('.keel'))
      .map((file) => readFileSync(join(root, start, file), 'utf8')),
  )
}

/** Whatever the reader refuses for its syntax, with the share of lines that it names. */
function share(
  name: string,
  mutants: readonly { line: number; character: string }[],
  faults: readonly (Fault | undefined)[],
) {
  const refused = mutants.flatMap((mutant, index) =>
    faults[index]?.code === 'inventory-syntax' ? [{ ...mutant, fault: faults[index] }] : [],
  )
  const right = refused.filter(({ line, fault }) => lineOf(fault) === line)
  console.info(`${name}: the line of ${right.length} of ${refused.length} deletions that a parser refuses`)
  expect(refused.length).toBeGreaterThan(50)
  return right.length / refused.length
}

describe('one character deleted, anywhere in a valid inventory: the line is named', () => {
  test('TypeScript: quotes, commas, colons and brackets', async () => {
    const mutants = inventoryTexts('.ts').flatMap((text) => deletions(text, `'",:()[]{}`))
    expect(share('TypeScript', mutants, await faultsInTypescript(mutants.map(({ text }) => text)))).toBeGreaterThan(
      0.98,
    )
  })

  test('YAML: quotes, commas, colons, brackets, dashes and spaces', () => {
    const mutants = inventoryTexts('.yaml').flatMap((text) => deletions(text, `'",:()[]{} -`))
    expect(
      share(
        'YAML',
        mutants,
        mutants.map(({ text }) => faultInYaml(text)),
      ),
    ).toBeGreaterThan(0.95)
  })
})
