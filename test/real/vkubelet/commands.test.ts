import { beforeAll, describe, expect, test } from 'vitest'
import type { Measured } from '../../../src/vkubelet/metrics/measured.ts'
import { inOwnSystemd } from '../../support/vkubelet/in-own-systemd.ts'

interface Result {
  readonly out: string
  readonly err: string
  readonly outcome: { readonly kind: string; readonly code?: number }
}
interface Said {
  readonly both: Result
  readonly milliseconds: number
  readonly sandbox: Result
  readonly isSameCgroup: boolean
  readonly sharesTmp: boolean
  readonly absent: Result
  readonly odd: Result
  readonly killed: Result['outcome']
  readonly terminated: Result['outcome']
  readonly one: Result
  readonly isWhole: boolean
  readonly terminal: { readonly outcome: Result['outcome']; readonly shown: string }
  readonly interrupted: Result['outcome']
  readonly left: string
  readonly listener: { readonly isFound: boolean; readonly ofOthers?: object }
  readonly forwarded: string
  readonly measured: Measured
  readonly lost: string
  readonly runsOn: boolean
  readonly afterStop: string
  readonly files: readonly string[]
  readonly units: string
  readonly pipes: readonly string[]
}

let said: Said
beforeAll(async () => {
  said = await inOwnSystemd<Said>(new URL('commands-child.ts', import.meta.url))
  console.log(`a command in a container: ${said.milliseconds} ms`)
})
const exited = (code: number) => ({ kind: 'exited', code })

/** On a real systemd, of the user's kind: the lab has one of the system's, with users and seccomp. */
describe('a command in a container', () => {
  test('has both of its outputs, and its exit code', () => {
    expect(said.both).toEqual({ out: 'out\n', err: 'err\n', outcome: exited(7) })
    expect(said.one).toEqual({ out: 'out\n', err: '', outcome: exited(0) })
  })

  test('has the environment, the folder and the sandbox of the container', () => {
    expect(said.sandbox).toEqual({ out: 'a value\n/usr/lib\nagain\n', err: '', outcome: exited(0) })
  })

  test('is in the cgroup of the container, and in its /tmp', () => {
    expect(said.isSameCgroup).toBe(true)
    expect(said.sharesTmp).toBe(true)
  })

  test('gets its words exactly', () => {
    expect(said.odd.out).toBe('$HOME|%n|a b||-x|"\'\\|\u{1f600}|two\nlines|')
  })

  test('that is no program says so', () => {
    expect(said.absent.outcome).toEqual(exited(127))
    expect(said.absent.err).toContain('no-such-program')
  })

  test('that a signal ends has 128 and its number', () => {
    expect([said.killed, said.terminated]).toEqual([exited(137), exited(143)])
  })

  test('gets 5 MB and gives them back', () => {
    expect(said.isWhole).toBe(true)
  })

  test('has a terminal with a size, and Ctrl-C', () => {
    const { outcome, shown } = said.terminal
    expect(shown).toMatch(/^\/dev\/pts\/\d+\r\n/)
    expect(shown).toContain('33 101\r\n')
    expect(shown).toContain('got hello\r\n')
    expect(outcome).toEqual(exited(3))
    expect(said.interrupted).toEqual(exited(130))
  })

  test('whose client has gone is ended, also one that ignores SIGTERM', () => {
    expect(said.left).toBe('failed')
  })

  test('leaves nothing, also when the program was killed, and the container runs on', () => {
    expect([said.runsOn, said.files, said.pipes, said.units]).toEqual([true, [], [], ''])
  })

  test('never starts a container that has ended', () => {
    expect(said.afterStop).toBe('refused')
  })
})

test('a port of the Pod is found, and is not that of another', () => {
  expect(said.listener).toEqual({ isFound: true })
  expect(said.forwarded).toBe('from the pod\n')
})

test('a container is measured', () => {
  const { containers, node, disk } = said.measured
  expect(containers).toMatchObject([{ namespace: 'default', pod: 'web', container: 'main' }])
  const [one = expect.unreachable()] = containers
  expect(one.workingSet).toBeGreaterThan(100_000)
  expect(one.cpu).toBeGreaterThan(0)
  expect(one.cpu).toBeLessThan(60e9)
  expect(Math.abs(said.measured.time - one.started)).toBeLessThan(120_000)
  expect(node.workingSet).toBeGreaterThan(one.workingSet)
  expect(disk.available).toBeLessThanOrEqual(disk.total)
})
