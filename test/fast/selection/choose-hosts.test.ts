import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeFault, ExitCode, FaultsError } from '../../../src/errors.ts'
import type { Host } from '../../../src/model/cluster.ts'
import { chooseHost, chooseHosts, type HostChoice } from '../../../src/selection/choose-hosts.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const hosts = [
  sampleHost({ name: 'ocean', role: 'server', tags: ['rack1'] }),
  sampleHost({ name: 'reef', role: 'server', tags: ['rack2'] }),
  sampleHost({ name: 'gpu' }),
  sampleHost({ name: 'web-1', tags: ['rack1', 'web'] }),
  sampleHost({ name: 'web-2', tags: ['rack2', 'web'] }),
]

interface Case extends Partial<HostChoice> {
  readonly name: string
  readonly hosts?: readonly string[]
  readonly faults?: readonly { readonly code: string; readonly text: string }[]
}

const cases: readonly Case[] = parse(
  readFileSync(new URL('../../cases/choosing-hosts.yaml', import.meta.url), 'utf8').replace('LONG', 'a'.repeat(257)),
)

function chosen(all: readonly Host[], choice: Partial<HostChoice>) {
  try {
    return { hosts: chooseHosts(all, { names: [], tags: [], except: [], ...choice }).map(({ name }) => name as string) }
  } catch (error) {
    if (!(error instanceof FaultsError)) throw error
    expect(error.exit).toBe(ExitCode.Usage)
    return { faults: error.faults.map((fault) => ({ code: fault.code, text: describeFault(fault) })) }
  }
}

test.each(cases)('$name', ({ name: _name, hosts: expected, faults, ...choice }) => {
  expect(chosen(hosts, choice)).toEqual(expected === undefined ? { faults } : { hosts: expected })
})

test('no tags anywhere: how to give one', () => {
  expect(chosen([sampleHost({ name: 'maia' })], { tags: ['gpu'] }).faults?.[0]?.text).toContain("add `tags: ['NAME']`")
})

test('of a thousand hosts a message lists some', () => {
  const many = Array.from({ length: 1000 }, (_, index) => sampleHost({ name: `web-${index}` }))
  expect(chosen(many, { names: ['db-*'] }).faults?.[0]?.text).toMatch(/web-22, web-23 and 976 more$/)
})

describe('one host', () => {
  test('by its name', () => {
    expect(chooseHost(hosts, 'gpu').name).toBe('gpu')
  })

  test('a pattern is no name', () => {
    expect(() => chooseHost(hosts, 'gp*')).toThrow('no host gp* in the inventory\n  do:  did you mean gpu?')
  })
})

test('property: the same hosts as a naive model', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'ba', 'c-1')
  const tag = fc.constantFrom('x', 'y', 'z')
  const host = fc
    .record({ name, role: fc.constantFrom('server', 'agent'), tags: fc.uniqueArray(tag) })
    .map((one) => sampleHost({ ...one, role: one.role === 'server' ? 'server' : 'agent' }))
  const pattern = fc.constantFrom('a', 'b', 'ab', 'a*', '*a', '?', '[ab]', '*', '[!a]*', 'c-?')
  const choice = fc.record(
    {
      names: fc.array(pattern, { maxLength: 3 }),
      role: fc.constantFrom('server', 'agent'),
      tags: fc.array(tag, { maxLength: 2 }),
      except: fc.array(pattern, { maxLength: 2 }),
    },
    { requiredKeys: ['names', 'tags', 'except'] },
  )
  const fits = (pattern: string, name: string) =>
    new RegExp(`^${pattern.replace('[!', '[^').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
  fc.assert(
    fc.property(
      fc.uniqueArray(host, { minLength: 1, selector: ({ name }) => name }),
      choice,
      (all, { names, role, tags, except }) => {
        const expected: string[] = []
        const rest: string[] = []
        for (const one of all) {
          if (names.length > 0 && !names.some((pattern) => fits(pattern, one.name))) continue
          if (role !== undefined && one.role !== role) continue
          if (tags.length > 0 && !tags.some((tag) => one.tags.includes(tag))) continue
          rest.push(one.name)
          if (except.some((pattern) => fits(pattern, one.name))) continue
          expected.push(one.name)
        }
        const mistaken =
          [...names, ...except].some((pattern) => !all.some(({ name }) => fits(pattern, name))) ||
          tags.some((tag) => !all.some((one) => one.tags.includes(tag))) ||
          (role !== undefined && !all.some((one) => one.role === role)) ||
          except.some((pattern) => !rest.some((name) => fits(pattern, name))) ||
          // a name that a pattern has chosen already
          (except.length > 0 &&
            names.some((one) => !/[*?[]/.test(one) && names.some((other) => other !== one && fits(other, one))))
        const answer = chosen(all, { names, tags, except, ...(role === undefined ? {} : { role }) })
        if (mistaken || expected.length === 0) expect(answer.faults?.length).toBeGreaterThan(0)
        else expect(answer).toEqual({ hosts: expected })
      },
    ),
    { numRuns: 1000 },
  )
})
