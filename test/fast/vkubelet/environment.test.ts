import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isVariableName, isVariableValue } from '../../../src/vkubelet/pod/environment-source.ts'
import { expanded, piecesOf } from '../../../src/vkubelet/pod/expansion.ts'
import { type HostFacts, type LookUp, resolveEnvironment } from '../../../src/vkubelet/pod/resolve-environment.ts'
import { samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

describe('references to variables', () => {
  const values: Readonly<Record<string, string>> = { A: '1', B: '$(A)', EMPTY: '' }

  // as in the table of k8s.io/kubernetes/third_party/forked/golang/expansion
  test.each([
    ['$(A)', '1'],
    ['___$(A)___', '___1___'],
    ['$(A)$(A)', '11'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$$$$(A)', '$$(A)'],
    ['$(B)', '$(A)'],
    ['$(EMPTY)', ''],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$A $ $', '$A $ $'],
    ['$(A', '$(A'],
    ['$(A$(B)', '$(A$(B)'],
    ['$()', '$()'],
    ['foo$$', 'foo$'],
    ['\u{1f600}$(A)', '\u{1f600}1'],
  ])('%s is %s', (text, expected) => {
    expect(expanded(text, (variable) => values[variable])).toBe(expected)
  })

  test.each([1, 1000])('that are no text of a program have none: %i times half of it and more', (times) => {
    const half = 'x'.repeat(66_000)
    expect(expanded('$(A)$(A)'.repeat(times), () => half)).toBeUndefined()
    expect(expanded('$(A)', () => half)).toBe(half)
  })

  test('leave every other text as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const doubled = text.replaceAll('$', '$$$$')
        expect(piecesOf(doubled)).toEqual(text === '' ? [] : [text])
      }),
    )
  })
})

const host: HostFacts = {
  nodeName: 'ocean',
  addresses: ['10.0.0.1', 'fd00::1'],
  allocatable: { cpu: 4_000_000_000n, memory: 2n ** 30n * 1_000_000_000n },
}
const objects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'secret/db': { password: 'hunter2', 'tls.crt': 'x', BINARY: '\0' },
  'configMap/settings': { MODE: 'fast', LOG: 'debug' },
}
const lookUp: LookUp = ({ kind, name }) => {
  const found = objects[`${kind}/${name}`]
  return found === undefined ? undefined : new Map(Object.entries(found))
}
const resolved = (container: object, spec = {}) => {
  const pod = samplePod({ container: { ...container }, spec })
  const [first] = pod.containers
  return first === undefined ? expect.unreachable() : resolveEnvironment(pod, first, lookUp, host)
}
const variables = (container: object) => {
  const found = resolved(container)
  return found.kind === 'environment' ? Object.fromEntries(found.variables) : found.message
}
const ofField = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
const ofResource = (resource: string, divisor = '0') => ({ valueFrom: { resourceFieldRef: { resource, divisor } } })

describe('the environment of a container', () => {
  test('has values, fields of the Pod and the host, and resources', () => {
    const env = [
      { name: 'A', value: 'a' },
      { name: 'B', value: '$(A) $(LATER) $$(A)' },
      { name: 'LATER', value: 'b' },
      { name: 'NAME', ...ofField('metadata.name') },
      { name: 'UID', ...ofField('metadata.uid') },
      { name: 'ACCOUNT', ...ofField('spec.serviceAccountName') },
      { name: 'APP', ...ofField("metadata.labels['app']") },
      { name: 'NONE', ...ofField("metadata.annotations['none']") },
      { name: 'STRANGE', ...ofField("metadata.labels['constructor']") },
      { name: 'NODE', ...ofField('spec.nodeName') },
      { name: 'IP', ...ofField('status.podIP') },
      { name: 'IPS', ...ofField('status.hostIPs') },
      { name: 'CORES', ...ofResource('limits.cpu') },
      { name: 'MILLI', ...ofResource('limits.cpu', '1m') },
      { name: 'MEMORY', ...ofResource('limits.memory', '1Mi') },
      { name: 'REQUEST', ...ofResource('requests.cpu', '1m') },
    ]
    expect(variables({ env, resources: { limits: { cpu: '1500m' } } })).toEqual({
      A: 'a',
      B: 'a $(LATER) $(A)',
      LATER: 'b',
      NAME: 'uptimed',
      UID,
      ACCOUNT: 'default',
      APP: 'uptimed',
      NONE: '',
      STRANGE: '',
      NODE: 'ocean',
      IP: '10.0.0.1',
      IPS: '10.0.0.1,fd00::1',
      CORES: '2',
      MILLI: '1500',
      // without a limit: what the host can give
      MEMORY: '1024',
      REQUEST: '0',
    })
  })

  test('has secrets and configMaps, and a later variable of the same name counts', () => {
    const env = [
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      { name: 'S_LOG', value: 'mine' },
      { name: 'MAYBE', valueFrom: { secretKeyRef: { name: 'none', key: 'x', optional: true } } },
    ]
    const envFrom = [
      { prefix: 'S_', configMapRef: { name: 'settings' } },
      { configMapRef: { name: 'none', optional: true } },
    ]
    expect(variables({ env, envFrom })).toEqual({ S_MODE: 'fast', S_LOG: 'mine', PASSWORD: 'hunter2' })
  })

  const half = 'x'.repeat(66_000)
  test.each([
    [
      'a value that grows by others',
      [
        { name: 'A', value: half },
        { name: 'B', value: '$(A)'.repeat(4000) },
      ],
      'container uptimed: the value of B is too long with the variables in it',
    ],
    [
      'values that are too long together',
      Array.from({ length: 40 }, (_, at) => ({ name: `V${at}`, value: half })),
      'container uptimed: from V31 on, its environment is longer than a program can have',
    ],
  ])('is no environment: %s', (_what, env, why) => {
    expect(variables({ env })).toBe(why)
  })

  test('counts a variable once that comes again', () => {
    const env = Array.from({ length: 40 }, () => ({ name: 'A', value: half }))
    expect(variables({ env })).toEqual({ A: half })
  })

  test('leaves out keys that are no names of variables, and says so', () => {
    const pick = { ...objects['secret/db'] }
    expect(Object.keys(pick)).toContain('tls.crt')
    const container = { envFrom: [{ secretRef: { name: 'text' } }] }
    const [first] = samplePod({ container }).containers
    const found = resolveEnvironment(
      samplePod({ container }),
      first ?? expect.unreachable(),
      () =>
        new Map([
          ['tls.crt', 'x'],
          ['A', 'b'],
        ]),
      host,
    )
    expect(found).toEqual({ kind: 'environment', variables: new Map([['A', 'b']]), skipped: ['tls.crt'] })
  })

  test.each([
    [
      'a secret that is not there',
      { envFrom: [{ secretRef: { name: 'none' } }] },
      'container uptimed: secret none does not exist',
    ],
    [
      'a key that is not there',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }] },
      'container uptimed: configMap settings has no key x',
    ],
    [
      'a container that is not there',
      { env: [{ name: 'A', valueFrom: { resourceFieldRef: { containerName: 'x', resource: 'limits.cpu' } } }] },
      'container uptimed: there is no container x for A',
    ],
    [
      'a value that systemd would drop',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'BINARY' } } }] },
      'container uptimed: the value of A has a control character, or is too long',
    ],
  ])('with %s is a fault without a value', (_what, container, message) => {
    expect(variables(container)).toBe(message)
  })
})

test('names and values that systemd takes', () => {
  expect(['A', '_', 'a1'].every(isVariableName)).toBe(true)
  expect(['', '1', 'a.b', 'a-b', 'ä', 'A\n'].some(isVariableName)).toBe(false)
  expect(['', 'a\nb\tc', 'ä', '\u{1f600}', 'x'.repeat(130_000)].every(isVariableValue)).toBe(true)
  expect(['\0', '\r', '\u001b', '\u007f', '\ud800', 'ä'.repeat(70_000)].some(isVariableValue)).toBe(false)
})
