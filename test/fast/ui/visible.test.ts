import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeFault } from '../../../src/errors.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { describeDone, describeOperation } from '../../../src/plan/describe-operation.ts'
import { describePlan } from '../../../src/plan/describe-plan.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import { describeEvent } from '../../../src/ui/describe-event.ts'
import { reporterFor } from '../../../src/ui/reporter.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { notedText, printedText, visible, visibleJson } from '../../../src/ui/visible.ts'

/** The characters one by one, as docs/security.md lists them. */
const controls = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, code) => 0x7f + code),
  ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
].map((code) => String.fromCharCode(code))
const acts = new RegExp(
  `[${controls
    .filter((character) => character !== '\n')
    .join('')
    .replace('\\', '')}]`,
)

/** Text such as a host may send: what a terminal would act upon is every other character. */
const hostText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...controls, '\u001b]0;T\u0007', '\u001b[2J', '\nkeel: forged', '\n  why: forged'),
      fc.string(),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

test('each control character is shown, all else stays as it is', () => {
  for (const character of controls)
    if (character !== '\n') expect(visible(`a${character}b`)).toMatch(/^a\\(?:u[0-9a-f]{4}|[rt])b$/)
  for (const text of ['é€ 漢字 🙂 \\u001b', 'a\nb', '‘quoted’ · → …']) expect(visible(text)).toBe(text)
})

test('attack 7: no text reaches a terminal with a control character in it', () => {
  fc.assert(
    fc.property(hostText, (text) => {
      for (const printed of [printedText(text), notedText(text), printedText({ text })])
        expect(printed).not.toMatch(acts)
    }),
  )
})

test('attack 7: JSON stays JSON, with the same value', () => {
  fc.assert(
    fc.property(hostText, (text) => {
      const json = visibleJson({ [text]: text })
      expect(json).not.toMatch(acts)
      expect(JSON.parse(json)).toEqual({ [text]: text })
      // vip --watch prints its JSON as text
      expect(printedText(json)).toBe(`${json}\n`)
    }),
  )
})

test('attack 7: whatever is in a fault, only keel begins a line', () => {
  fc.assert(
    fc.property(
      fc.record({ code: fc.constant('x'), at: hostText, found: hostText, why: hostText, todo: hostText }),
      (fault) => {
        const [first, ...rest] = notedText(`keel: ${describeFault(fault)}`)
          .slice(0, -1)
          .split('\n')
        expect(first).toMatch(/^keel: /)
        expect(rest.filter((line) => /^ {2}(why|do): /.test(line))).toHaveLength(2)
        for (const line of rest) expect(line).toMatch(/^ {2}(why: |do: {2})|^ {4}/)
      },
    ),
  )
})

test('attack 7: a path, a name or a reason in a plan begins no line', () => {
  fc.assert(
    fc.property(hostText, (text) => {
      const operations: Operation[] = [
        { op: 'remove-path', path: text },
        { op: 'store-credential', id: text, why: 'missing' },
        {
          op: 'label-node',
          node: text,
          through: text,
          labels: [text],
          taints: [text],
          owned: { labels: [], taints: [] },
        },
      ]
      for (const operation of operations)
        for (const text of [describeOperation(operation), describeDone(operation)])
          expect(text.split('\n')).toHaveLength(1)
      const system: Operation = { op: 'switch-system', why: text, secrets: [], diff: [text], closure: [text] }
      const lines = describeOperation(system).split('\n')
      expect(lines).toHaveLength(3)
      for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}/)
      const plan = {
        hosts: [{ host: 'maia', role: 'agent', wave: 0, operations }],
        objects: { operations: [{ op: 'remove-object', kind: text, name: text }], through: 'ocean' },
        refusals: [],
        notes: [],
      } as unknown as Parameters<typeof describePlan>[0]
      expect(plainText(describePlan(plan, { deploy: 'keel deploy' })).split('\n')).toHaveLength(
        1 + operations.length + 2 + 3,
      )
    }),
  )
})

test.each([false, true])('attack 7: progress and faults of a deploy, on a terminal: %s', (isTTY) => {
  const written: string[] = []
  const output = { isTTY, columns: 200, write: (text: string) => written.push(text) } as never
  const reporter = reporterFor({ json: false, stdout: output, stderr: output, run: new RunRecord() })
  const text = '\u001b]0;T\u0007\rx\u202e\nkeel: forged'
  reporter.report({ event: 'progress', host: 'maia', text: `waiting for ${text}` })
  reporter.report({ event: 'failed', host: 'maia', fault: { code: 'x', at: 'maia', found: text } })
  reporter.end()
  // keel's own: up so many lines, and clear what is below
  const shown = written.join('').replaceAll(/\u001b\[\d+A\u001b\[J/g, '')
  expect(shown).not.toMatch(acts)
  expect(shown).not.toMatch(/^keel: forged/m)
  expect(shown).toContain('\\u001b]0;T\\u0007\\rx\\u202e')
})

test('attack 7: a deploy’s JSON has one event a line', () => {
  const written: string[] = []
  const output = { write: (text: string) => written.push(text) } as never
  const reporter = reporterFor({ json: true, stdout: output, stderr: output, run: new RunRecord() })
  reporter.report({ event: 'progress', host: 'maia', text: '\u009b2J\n{"event":"done"}\u2028' })
  expect(written.join('').replace(/^\{"time":"[\d-]{10}T[\d:]{8}\.\d{3}Z",/, '{')).toBe(
    '{"event":"progress","host":"maia","text":"\\u009b2J\\n{\\"event\\":\\"done\\"}\\u2028"}\n',
  )
})

test('a note of several lines: the first begins it, the others belong to it', () => {
  expect(notedText('warning: a\nkeel: b\n  why: c')).toBe('warning: a\n  keel: b\n  why: c\n')
  expect(describeEvent({ event: 'failed', host: 'maia', fault: { code: 'x', at: 'maia', found: 'a\nb' } })).toBe(
    'maia: failed\nmaia: a\n    b',
  )
})
