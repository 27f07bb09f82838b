import { describe, expect, it } from 'vitest'
import { describeObject, isOwn, type LiveObject, manifestOf } from '../../../src/model/kubernetes/cluster-object.ts'
import { asBoolean, asNumber, describe as described, inQuotes } from '../../../src/model/schema/written.ts'
import { hint, nearest } from '../../../src/model/text/nearest.ts'

describe('the name that a user meant', () => {
  const names = ['server', 'agent', 'os']
  it.each([
    ['sevrer', 'server'],
    ['SERVER', 'server'],
    ['agnt', 'agent'],
    ['agents', 'agent'],
    ['aegnt', 'agent'],
    ['so', 'os'],
    ['oss', 'os'],
    ['network', undefined],
    ['', undefined],
    ['xx', undefined],
    ['sxrvxx', undefined],
  ])('by %j: %s', (name, meant) => expect(nearest(name, names)).toBe(meant))

  it('is the nearest of several', () => expect(nearest('abcd', ['abxx', 'abcx', 'abyd'])).toBe('abcx'))

  it.each<[string, string, readonly string[], string | undefined]>([
    ['as a question', 'sevrer', names, "did you mean 'server'?"],
    ['as a list', 'network', names, 'choose one of server, agent, os'],
    ['not as a long list', 'network', Array.from({ length: 25 }, (_, n) => `${n}`), undefined],
    [
      'as a list of 24',
      'network',
      Array.from({ length: 24 }, () => 'a'),
      `choose one of ${Array.from({ length: 24 }, () => 'a').join(', ')}`,
    ],
    ['not as an empty list', 'network', [], undefined],
  ])('is told %s', (_what, name, known, text) => expect(hint(name, known)).toBe(text))
})

describe('a value of the wrong kind', () => {
  it.each<[unknown, string | undefined, string]>([
    ['a', undefined, "'a'"],
    [[], undefined, 'an empty list'],
    [[1], undefined, 'a list'],
    [{}, undefined, 'an object'],
    [null, undefined, 'nothing'],
    [null, '~', '~ (nothing)'],
    [420, '0644', 'the number 0644'],
    [1.5, undefined, 'the number 1.5'],
    [1, '1'.repeat(90), `the number ${'1'.repeat(69)}`],
    [Symbol('a'), undefined, 'a'],
    [() => 1, undefined, 'a function'],
    [true, undefined, 'true'],
  ])('%o is described', (value, written, text) => expect(described(value, written)).toBe(text))

  it.each<[unknown, string | undefined, string | undefined]>([
    [420, '0644', "put it in quotes: '0644'"],
    [420, '0o644', "put it in quotes: '0644'"],
    [420, '0o649', "put it in quotes: '0o649'"],
    [1.1, undefined, "put it in quotes: '1.1'"],
    [true, undefined, "put it in quotes: 'true'"],
    [1, '1'.repeat(64), `put it in quotes: '${'1'.repeat(64)}'`],
    [1, '1'.repeat(65), undefined],
    [[], '[]', undefined],
  ])('%j, written %s, in quotes', (value, written, text) => expect(inQuotes(value, written)).toBe(text))

  it.each([
    ['yes', 'write true'],
    ['ON', 'write true'],
    ['y', 'write true'],
    ['true', 'write true'],
    ['No', 'write false'],
    ['off', 'write false'],
    ['n', 'write false'],
    ['false', 'write false'],
    ['maybe', undefined],
    [1, undefined],
  ])('%j as true or false', (value, text) => expect(asBoolean(value)).toBe(text))

  it.each([
    ['5', 'write it without quotes: 5'],
    ['007', 'write it without quotes: 7'],
    ['5s', undefined],
    ['s5', undefined],
    ['1'.repeat(16), undefined],
    [5, undefined],
  ])('%j as a number', (value, text) => expect(asNumber(value)).toBe(text))
})

describe('an object in the API', () => {
  const marks = { 'app.kubernetes.io/managed-by': 'keel', 'keel.internal/part': 'keel-agent' }
  const live = (labels: LiveObject['labels']): LiveObject => ({ kind: 'Namespace', name: 'a', labels, fields: {} })
  const of = { apiVersion: 'v1', kind: 'Role', name: 'a', part: 'keel-agent', fields: { rules: [] } }

  it('is written as kubectl applies it, and described as people write it', () => {
    expect(manifestOf(of)).toStrictEqual({
      apiVersion: 'v1',
      kind: 'Role',
      metadata: { name: 'a', labels: marks },
      rules: [],
    })
    expect(manifestOf({ ...of, namespace: 'b' })).toMatchObject({ metadata: { name: 'a', namespace: 'b' } })
    expect([describeObject(of), describeObject({ ...of, namespace: 'b' })]).toEqual(['Role a', 'Role b/a'])
  })

  it.each<[string, LiveObject['labels'], boolean]>([
    ['with both labels', marks, true],
    ['without the part', { 'app.kubernetes.io/managed-by': 'keel' }, false],
    ['of another manager', { ...marks, 'app.kubernetes.io/managed-by': 'helm' }, false],
    ['without labels', {}, false],
  ])('is keel’s %s: %s', (_what, labels, own) => expect(isOwn(live(labels))).toBe(own))
})
