import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { k3sDialect } from '../../../src/deploy/causes/dialect.ts'
import { findCause } from '../../../src/deploy/causes/find-cause.ts'
import { textOf } from '../../support/docs/blocks.ts'

const src = fileURLToPath(new URL('../../../src', import.meta.url))
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(src, name), 'utf8'))
  .join('\n')
const page = textOf('docs/troubleshooting.md')
const symptoms = [...page.matchAll(/^\*\*You see:\*\* (.*?)\n\n/gms)].map(([, text = '']) => text.replaceAll('\n', ' '))
const quotedIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted)

test('there are enough symptoms', () => {
  expect(symptoms.length).toBeGreaterThan(15)
})

test.each(symptoms.filter((text) => /^`/.test(text)))('keel prints %s', (text) => {
  const fragments = quotedIn(text)
    .flatMap((message) => message.split(/…|\(…\)/))
    .map((fragment) => fragment.trim())
    .filter((fragment) => fragment.length > 4)
  expect(fragments.filter((fragment) => !sources.includes(fragment))).toEqual([])
})

const rows = page.split('\n').filter((line) => /^\| `/.test(line) && line.split('|').length === 5)
const said = rows.flatMap((row) => quotedIn(row.split('|')[1] ?? ''))
test('the causes in the journal are some', () => {
  expect(said.length).toBeGreaterThan(10)
})

// what etcd repeats while its peers are away has no cause that keel knows
test.each(said.filter((line) => !line.startsWith('failed to publish')))('keel knows what k3s means by %s', (line) => {
  expect(findCause([{ age: 1, text: `level=fatal msg="${line}"` }], true, k3sDialect)?.cure).toBeDefined()
})
