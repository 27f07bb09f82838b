import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import {
  checkLabName,
  hostNamespace,
  hostsOf,
  isOfLab,
  machineInterface,
  switchNamespace,
} from '../../../src/lab/names.ts'

const labNames = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/)

describe('names of a lab', () => {
  test('hosts are named by role and number, servers first', () => {
    expect(hostsOf({ spare: 1, agent: 2, server: 1 })).toEqual([
      { name: 'server-1', role: 'server' },
      { name: 'agent-1', role: 'agent' },
      { name: 'agent-2', role: 'agent' },
      { name: 'spare-1', role: 'spare' },
    ])
  })

  test.each(['', '-a', 'a-', 'A', 'a.b', 'a/b', '..', 'a b', 'elevenchars'])('%j is no name for a lab', (name) => {
    expect(() => checkLabName(name)).toThrow(KeelError)
  })

  test('every allowed name makes an interface name that Linux takes', () => {
    fc.assert(fc.property(labNames, (name) => machineInterface(checkLabName(name)).length <= 15))
  })

  test("a lab's sweep takes all of its own and nothing of another's, whatever the two are called", () => {
    fc.assert(
      fc.property(labNames, labNames, fc.nat(3), (lab, other, index) => {
        const host = hostsOf({ server: 1, agent: 1, spare: 2 })[index]?.name ?? ''
        const [ours, theirs] = [lab, other].map((name) => [switchNamespace(name), hostNamespace(name, host)])
        expect(ours?.every((name) => isOfLab(lab, name))).toBe(true)
        expect(theirs?.some((name) => isOfLab(lab, name))).toBe(lab === other)
      }),
    )
    expect(isOfLab('a', switchNamespace('a-server-1'))).toBe(false)
  })
})
