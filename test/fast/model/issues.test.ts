import { expect, it } from 'vitest'
import * as z from 'zod'
import { issuesOf } from '../../../src/model/schema/issues.ts'
import { strict } from '../../../src/model/schema/parsed.ts'

const schema = strict({
  role: z.enum(['server', 'agent']).optional(),
  name: z.string().optional(),
  on: z.boolean().optional(),
  port: z.int().min(1).max(10).optional(),
  list: z.array(z.string()).min(1).optional(),
  auth: z.record(z.string(), z.string()).optional(),
  either: z.union([z.boolean(), strict({ api: z.array(z.string()) })]).optional(),
  own: z
    .string()
    .refine(() => false, { message: 'a bad one', params: { code: 'own-code', why: 'so', todo: 'do' } })
    .optional(),
  plain: z
    .string()
    .refine(() => false, { message: 'a bad one' })
    .optional(),
  keys: z.record(z.string().regex(/^a/), z.string()).optional(),
})

/** What is wrong with a definition, in words that tell a user what to change. */
it.each<[string, unknown, object]>([
  [
    'a typing error in a word',
    { role: 'sevrer' },
    { path: ['role'], code: 'value', found: "found 'sevrer'; allowed: server, agent", todo: "did you mean 'server'?" },
  ],
  ['another word', { role: 'x' }, { path: ['role'], code: 'value', found: "found 'x'; allowed: server, agent" }],
  ['no word', { role: 1 }, { path: ['role'], code: 'value', found: 'found the number 1; allowed: server, agent' }],
  [
    'a number for a text',
    { name: 1.1 },
    {
      path: ['name'],
      code: 'value',
      found: 'found the number 1.10; allowed: a text',
      todo: "put it in quotes: '1.10'",
    },
  ],
  [
    'a word for true',
    { on: 'yes' },
    { path: ['on'], code: 'value', found: "found 'yes'; allowed: true or false", todo: 'write true' },
  ],
  [
    'a text for a number',
    { port: '5' },
    { path: ['port'], code: 'value', found: "found '5'; allowed: a number", todo: 'write it without quotes: 5' },
  ],
  [
    'too small a number',
    { port: 0 },
    { path: ['port'], code: 'value', found: 'found the number 0; allowed: at least 1' },
  ],
  [
    'too large a number',
    { port: 11 },
    { path: ['port'], code: 'value', found: 'found the number 11; allowed: at most 10' },
  ],
  [
    'an empty list',
    { list: [] },
    { path: ['list'], code: 'value', found: 'found an empty list; allowed: at least 1 of them' },
  ],
  ['nothing', { role: null }, { path: ['role'], code: 'value', found: 'found nothing; allowed: server, agent' }],
  [
    'what may be a secret: never shown',
    { auth: { password: 12_345 } },
    {
      path: ['auth', 'password'],
      code: 'value',
      found: 'found another kind of value (not shown here); allowed: a text',
    },
  ],
  [
    'an unknown key',
    { nmae: 'x' },
    {
      path: ['nmae'],
      part: 'key',
      code: 'unknown-key',
      found: 'this key does not exist',
      why: expect.stringMatching(/^allowed: role, name, /),
      todo: "did you mean 'name'?",
    },
  ],
  [
    'a key like no other',
    { zzzzzzzz: 'x' },
    { path: ['zzzzzzzz'], part: 'key', code: 'unknown-key', found: 'this key does not exist', why: expect.any(String) },
  ],
  [
    'an impossible key',
    { keys: { b: 'x' } },
    { path: ['keys', 'b'], part: 'key', code: 'value', found: expect.stringContaining('allowed: ') },
  ],
  [
    'one of two forms',
    { either: { api: 'x' } },
    { path: ['either', 'api'], code: 'value', found: "found 'x'; allowed: a list" },
  ],
  [
    'none of two forms',
    { either: 'on' },
    { path: ['either'], code: 'value', found: "found 'on'; allowed: true or false or an object" },
  ],
  [
    'a part that is missing',
    { either: {} },
    { path: ['either', 'api'], code: 'missing', found: 'missing; allowed: a list' },
  ],
  ['a check of its own', { own: 'x' }, { path: ['own'], code: 'own-code', found: 'a bad one', why: 'so', todo: 'do' }],
  ['a check without more words', { plain: 'x' }, { path: ['plain'], code: 'value', found: 'a bad one' }],
])('%s', (_what, input, issue) => {
  const { error } = schema.safeParse(input)
  const written = ([key]: readonly (string | number)[]) => (key === 'name' ? '1.10' : undefined)
  expect(error && issuesOf(error, { input, written })).toStrictEqual([issue])
})
