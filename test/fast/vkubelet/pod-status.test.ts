import { describe, expect, test } from 'vitest'
import { containerStatus } from '../../../src/vkubelet/state/container-status.ts'
import { isReported } from '../../../src/vkubelet/state/is-reported.ts'
import { phaseOf, podStatus } from '../../../src/vkubelet/state/pod-status.ts'
import type { Situation } from '../../../src/vkubelet/state/situation.ts'
import { statusPatch } from '../../../src/vkubelet/state/status-patch.ts'
import type { UnitMetadata } from '../../../src/vkubelet/units/metadata.ts'
import { samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

const [first, second] = ['a'.repeat(32), 'b'.repeat(32)] as const
const metadata: UnitMetadata = { namespace: 'd', pod: 'p', uid: 'u', container: 'c', image: 'i', run: 0 }
const last = { exitCode: 7, reason: 'Error', started: 1_000, finished: 2_000 } as const
const again: UnitMetadata = { ...metadata, run: 1, after: first, last }

const of = (situation: Situation, more: object = {}) =>
  containerStatus({
    name: 'c',
    image: 'i',
    isInit: false,
    situation,
    waiting: { reason: 'ContainerCreating' },
    runsAgain: false,
    ...more,
  })
const running = of({ kind: 'running', metadata, invocation: first, started: 1_000 })
const ended = (exitCode: number, more: object = {}) =>
  of({ kind: 'ended', metadata, run: 0, invocation: first, end: { ...last, exitCode } }, more)
const absent = of({ kind: 'absent' })
const paused = ended(7, { runsAgain: true, waiting: { reason: 'CrashLoopBackOff' } })

describe('a container, as Kubernetes has it', () => {
  test('that runs', () => {
    expect(running).toEqual({
      name: 'c',
      image: 'i',
      imageID: '',
      ready: true,
      started: true,
      restartCount: 0,
      containerID: `systemd://${first}`,
      state: { running: { startedAt: '1970-01-01T00:00:01Z' } },
      lastState: {},
    })
  })

  test('that waits for its next run has its end as the last one', () => {
    expect(paused).toMatchObject({
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error', containerID: `systemd://${first}` } },
    })
  })

  test('keeps the end before, also before and in its next run', () => {
    const terminated = {
      exitCode: 7,
      reason: 'Error',
      startedAt: '1970-01-01T00:00:01Z',
      finishedAt: '1970-01-01T00:00:02Z',
      containerID: `systemd://${first}`,
    }
    expect(of({ kind: 'prepared', metadata: again })).toMatchObject({ restartCount: 1, lastState: { terminated } })
    const next = of({ kind: 'running', metadata: again, invocation: second })
    expect(next).toMatchObject({ restartCount: 1, containerID: `systemd://${second}`, lastState: { terminated } })
  })

  test('of which nobody knows the times has none', () => {
    const lost = of({ kind: 'ended', run: 3, end: { exitCode: 137, reason: 'ContainerStatusUnknown' } })
    expect(lost).toMatchObject({
      restartCount: 3,
      state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    })
    expect(JSON.stringify(lost)).not.toMatch(/At"|ID":"s/)
  })
})

describe('the phase of a Pod', () => {
  const good = ended(0)
  const bad = ended(1)
  test.each([
    ['Always', [], [absent], false, 'Pending'],
    ['Always', [], [running, absent], false, 'Pending'],
    ['Always', [], [running], false, 'Running'],
    ['Always', [], [paused], false, 'Running'],
    ['Always', [], [good], false, 'Running'],
    ['OnFailure', [], [good, good], false, 'Succeeded'],
    ['OnFailure', [], [good, paused], false, 'Running'],
    ['OnFailure', [], [bad], false, 'Running'],
    ['Never', [], [good, bad], false, 'Failed'],
    ['Never', [], [good, running], false, 'Running'],
    ['Never', [], [good, good], false, 'Succeeded'],
    ['Always', [running], [absent], false, 'Pending'],
    ['Always', [paused], [absent], false, 'Pending'],
    ['Never', [bad], [absent], false, 'Failed'],
    ['Never', [good], [running], false, 'Running'],
    ['Always', [], [good], true, 'Succeeded'],
    ['Always', [], [bad], true, 'Failed'],
    ['Always', [], [running], true, 'Running'],
  ] as const)('%s %#: %s', (policy, init, containers, isEnding, expected) => {
    expect(phaseOf(policy, init, containers, isEnding)).toBe(expected)
  })

  test('and its conditions', () => {
    const conditions = (...args: Parameters<typeof podStatus>) =>
      Object.fromEntries(
        podStatus(...args).conditions.map(({ type, status, reason = '' }) => [type, `${status}${reason}`]),
      )
    const policy = { restartPolicy: 'Never' } as const
    expect(conditions(policy, [], [running], false)).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      ContainersReady: 'True',
      Ready: 'True',
    })
    expect(conditions(policy, [absent], [absent], false)).toMatchObject({
      Initialized: 'FalseContainersNotInitialized',
      Ready: 'FalseContainersNotReady',
    })
    expect(conditions(policy, [], [good], false)).toMatchObject({ Ready: 'FalsePodCompleted' })
    expect(conditions(policy, [], [bad], false)).toMatchObject({
      PodReadyToStartContainers: 'FalsePodCompleted',
      Ready: 'FalsePodFailed',
    })
  })
})

describe('a report', () => {
  const status = podStatus({ restartPolicy: 'Always' }, [], [running], false)
  const known = { type: 'Ready', status: 'False', lastTransitionTime: '2026-11-30T07:00:00Z' }
  const initialized = { type: 'Initialized', status: 'True', lastTransitionTime: '2026-11-30T07:00:00Z' }
  const pod = samplePod({ status: { conditions: [known, initialized], startTime: '2026-11-30T06:00:00Z' } })
  const patch = () =>
    statusPatch({ pod, status, addresses: ['10.0.0.1', 'fd00::1'], now: Date.parse('2026-11-30T08:00:00Z') })

  test('names the UID, and replaces the addresses', () => {
    expect(patch()).toMatchObject({
      metadata: { uid: UID },
      status: {
        phase: 'Running',
        observedGeneration: 1,
        startTime: '2026-11-30T06:00:00Z',
        hostIP: '10.0.0.1',
        podIP: '10.0.0.1',
        podIPs: [{ $patch: 'replace' }, { ip: '10.0.0.1' }, { ip: 'fd00::1' }],
      },
    })
  })

  test('has a new time only for a condition that has changed', () => {
    expect(patch()).toMatchObject({
      status: {
        conditions: expect.arrayContaining([
          expect.objectContaining({
            type: 'Ready',
            status: 'True',
            lastTransitionTime: '2026-11-30T08:00:00Z',
            reason: null,
          }),
          expect.objectContaining({ type: 'Initialized', lastTransitionTime: '2026-11-30T07:00:00Z' }),
        ]),
      },
    })
  })

  test('is needed while the API server has something else, and what others add does not matter', () => {
    const whole = JSON.parse(JSON.stringify({ ...status, qosClass: 'BestEffort', podIP: '10.0.0.1' }))
    // the API server leaves out what is empty
    delete whole.initContainerStatuses
    expect(isReported(whole, status)).toBe(true)
    const scheduled = { type: 'PodScheduled', status: 'True' }
    expect(isReported({ ...whole, conditions: [scheduled, ...whole.conditions] }, status)).toBe(true)
    // the controller of Nodes has set it while this Node was away
    const unready = whole.conditions.map((one: { type: string }) => (one.type === 'Ready' ? known : one))
    expect(isReported({ ...whole, conditions: unready }, status)).toBe(false)
    expect(isReported({ ...whole, phase: 'Pending' }, status)).toBe(false)
    expect(isReported({ ...whole, containerStatuses: [] }, status)).toBe(false)
    expect(isReported(undefined, status)).toBe(false)
  })
})
