import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Probe, Probes } from '../../../src/vkubelet/pod/probe.ts'
import { checkRequest, isServing } from '../../../src/vkubelet/probes/grpc-health.ts'
import {
  afterPostStart,
  afterProbe,
  dueProbes,
  firstHealth,
  healthOf,
  nextProbe,
  type RunHealth,
} from '../../../src/vkubelet/probes/run-health.ts'
import { readSample, samplePod } from '../../support/vkubelet/sample-pod.ts'

type Json = Readonly<Record<string, unknown>>
const containerOf = (container: Json) => samplePod({ container }).containers[0] ?? expect.unreachable()
const refusals = (container: Json) => {
  const read = readSample({ container })
  return read.kind === 'refused' ? read.refusals.map(({ path, why }) => `${path}: ${why}`) : read.kind
}

describe('a probe', () => {
  const ports = [{ name: 'web', containerPort: 8080 }]
  const actionOf = (probe: Json, more: Json = {}) =>
    containerOf({ ports, readinessProbe: probe, ...more }).probes.readiness

  test('has the defaults of Kubernetes', () => {
    expect(actionOf({ tcpSocket: { port: 22 } })).toEqual({
      action: { kind: 'tcp', port: 22 },
      delay: 0,
      period: 10,
      timeout: 1,
      successes: 1,
      failures: 3,
    })
  })

  test.each<[string, Json, unknown]>([
    [
      'a command',
      { exec: { command: ['/bin/test', '-e', '/x'] } },
      { kind: 'exec', command: ['/bin/test', '-e', '/x'] },
    ],
    [
      'HTTP',
      { httpGet: { path: 'ready', port: 'web', scheme: 'HTTPS', httpHeaders: [{ name: 'Host', value: 'a.example' }] } },
      { kind: 'http', port: 8080, path: '/ready', isTls: true, headers: [['Host', 'a.example']] },
    ],
    [
      'HTTP of another host',
      { httpGet: { port: 80, host: '127.0.0.1' } },
      { kind: 'http', host: '127.0.0.1', port: 80, path: '/', isTls: false, headers: [] },
    ],
    ['a number as text', { tcpSocket: { port: '22' } }, { kind: 'tcp', port: 22 }],
    ['gRPC', { grpc: { port: 9090 } }, { kind: 'grpc', port: 9090, service: '' }],
    ['gRPC of a service', { grpc: { port: 9090, service: 'db' } }, { kind: 'grpc', port: 9090, service: 'db' }],
  ])('by %s', (_what, probe, action) => {
    expect(actionOf(probe)?.action).toEqual(action)
  })

  test('has variables with values of the Pod, and never those of a secret', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ]
    expect(actionOf({ exec: { command: ['echo', '$(A)', '$(S)', '$(B)', '$$(A)'] } }, { env })?.action).toEqual({
      kind: 'exec',
      command: ['echo', '1', '$(S)', '$(B)', '$(A)'],
    })
  })

  test.each<[string, Json, string]>([
    [
      'a port without a name',
      { livenessProbe: { httpGet: { port: 'other' } } },
      'livenessProbe.httpGet.port: the container has no such port',
    ],
    [
      'a command of gigabytes',
      {
        env: [{ name: 'A', value: 'x'.repeat(100_000) }],
        livenessProbe: { exec: { command: Array.from({ length: 500 }, () => '$(A)'.repeat(500)) } },
      },
      'livenessProbe.exec.command: it is longer than a program can have',
    ],
    [
      'a command of many long words',
      {
        env: [{ name: 'A', value: 'x'.repeat(100_000) }],
        livenessProbe: { exec: { command: Array.from({ length: 500 }, () => '$(A)') } },
      },
      'livenessProbe.exec.command: it is longer than a program can have',
    ],
    ['no command', { livenessProbe: { exec: { command: [] } } }, 'livenessProbe.exec.command: there is no program'],
    ['no action', { startupProbe: { periodSeconds: 5 } }, 'startupProbe: keel does not know this action'],
    [
      'a header that ends its line',
      { readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'a', value: 'b\r\nc: d' }] } } },
      'readinessProbe.httpGet.httpHeaders[0].value: keel does not understand what is there',
    ],
    [
      'a path that ends its line',
      { readinessProbe: { httpGet: { port: 80, path: '/ HTTP/1.1\r\n' } } },
      'readinessProbe.httpGet.path: keel does not understand what is there',
    ],
    [
      'a host with a path',
      { readinessProbe: { tcpSocket: { port: 80, host: 'a/b' } } },
      'readinessProbe.tcpSocket.host: keel does not understand what is there',
    ],
    [
      'a field of a later Kubernetes',
      { readinessProbe: { tcpSocket: { port: 80 }, magic: 1 } },
      'readinessProbe.magic: keel does not know this field',
    ],
    [
      'a hook of TCP',
      { lifecycle: { preStop: { tcpSocket: { port: 80 } } } },
      'lifecycle.preStop: Kubernetes runs no hooks of TCP',
    ],
    ['a hook of a later Kubernetes', { lifecycle: { preThink: {} } }, 'lifecycle: keel does not know this hook'],
    ['another signal', { lifecycle: { stopSignal: 'SIGUSR1' } }, 'lifecycle.stopSignal: a container ends by SIGTERM'],
  ])('is refused with %s', (_what, container, expected) => {
    expect(refusals(container)).toEqual([`spec.containers[0].${expected}`])
  })

  test('hooks are a command, HTTP or a pause', () => {
    const lifecycle = { postStart: { exec: { command: ['true'] } }, preStop: { sleep: { seconds: 3 } } }
    expect(containerOf({ lifecycle }).hooks).toEqual({
      postStart: { kind: 'exec', command: ['true'] },
      preStop: { kind: 'sleep', seconds: 3 },
    })
  })
})

const probe = (more: Partial<Probe> = {}): Probe => ({
  action: { kind: 'tcp', port: 1 },
  delay: 0,
  period: 10,
  timeout: 1,
  successes: 1,
  failures: 3,
  ...more,
})
const good = { isGood: true, why: '' }
const bad = { isGood: false, why: 'no' }

describe('the health of a run', () => {
  const hooks = {}
  /** After answers to one probe, one each period. */
  const answered = (
    probes: Probes,
    kind: keyof Probes,
    answers: string,
    run: RunHealth = firstHealth({ probes, hooks }, 0),
  ) => {
    const asked = probes[kind] ?? expect.unreachable()
    return [...answers].reduce(
      (before, answer, index) => afterProbe(before, kind, asked, answer === '+' ? good : bad, index * 10_000),
      run,
    )
  }
  const ready = (answers: string, more: Partial<Probe> = {}) =>
    healthOf(answered({ readiness: probe(more) }, 'readiness', answers)).isReady

  test.each([
    ['', false],
    ['+', true],
    ['-', false],
    ['+-', true],
    ['+--', true],
    ['+---', false],
    ['+--+--', true],
    ['+---+', true],
  ])('its readiness after %j is %s', (answers, expected) => {
    expect(ready(answers)).toBe(expected)
  })

  test('it may need more than one good answer', () => {
    expect(['+', '++', '+-+', '++---+', '++---++'].map((answers) => ready(answers, { successes: 2 }))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ])
  })

  test('without probes it is well at once', () => {
    expect(healthOf(firstHealth({ probes: {}, hooks }, 0))).toEqual({ isStarted: true, isReady: true })
    expect(dueProbes(firstHealth({ probes: {}, hooks }, 0), 1e9)).toEqual([])
  })

  test('its liveness ends it after so many failures in a row', () => {
    const probes = { liveness: probe({ grace: 3 }) }
    expect(healthOf(answered(probes, 'liveness', '--+--'))).toEqual({ isStarted: true, isReady: true })
    const failed = answered(probes, 'liveness', '---')
    expect(healthOf(failed)).toEqual({
      isStarted: true,
      isReady: false,
      failed: { why: 'its liveness probe failed 3 times: no', since: 20_000, grace: 3 },
    })
    expect([dueProbes(failed, 1e9), nextProbe(failed)]).toEqual([[], Number.POSITIVE_INFINITY])
  })

  test('nothing else is asked before it has started', () => {
    const probes = { startup: probe({ failures: 5 }), liveness: probe(), readiness: probe() }
    const first = firstHealth({ probes, hooks }, 1_000)
    expect([dueProbes(first, 999), dueProbes(first, 1_000)]).toEqual([[], ['startup']])
    expect(healthOf(first)).toEqual({ isStarted: false, isReady: false })
    const started = answered(probes, 'startup', '--+', first)
    expect(healthOf(started)).toEqual({ isStarted: true, isReady: false })
    expect(dueProbes(started, 1_000)).toEqual(['liveness', 'readiness'])
    expect(healthOf(answered(probes, 'startup', '-----', first)).failed?.why).toBe(
      'its startup probe failed 5 times: no',
    )
  })

  test('each probe has its own delay and its own period', () => {
    const probes = { liveness: probe({ delay: 5 }), readiness: probe({ delay: 2, period: 1 }) }
    const first = firstHealth({ probes, hooks }, 0)
    expect([1_999, 2_000, 5_000].map((now) => dueProbes(first, now))).toEqual([
      [],
      ['readiness'],
      ['liveness', 'readiness'],
    ])
    expect(nextProbe(first)).toBe(2_000)
    const next = afterProbe(first, 'readiness', probes.readiness, good, 2_100)
    expect(nextProbe(next)).toBe(3_100)
  })

  test('is not asked before its hook is done, and ends when that fails', () => {
    const asked = { probes: { readiness: probe() }, hooks: { postStart: { kind: 'sleep', seconds: 1 } } } as const
    const first = firstHealth(asked, 0)
    expect([first.postStart, dueProbes(first, 1e9), healthOf(first).isStarted]).toEqual(['due', [], false])
    const runs = afterPostStart(first, 0)
    expect([runs.postStart, dueProbes(runs, 1e9)]).toEqual(['runs', []])
    expect(dueProbes(afterPostStart(runs, 5, good), 1e9)).toEqual(['readiness'])
    expect(healthOf(afterPostStart(runs, 5, bad)).failed).toEqual({ why: 'its postStart hook failed: no', since: 5 })
  })

  test('stays as it was reported when the program begins anew', () => {
    const asked = {
      probes: { startup: probe(), readiness: probe() },
      hooks: { postStart: { kind: 'sleep', seconds: 1 } },
    } as const
    const health = firstHealth(asked, 0, { isStarted: true, isReady: true })
    expect(healthOf(health)).toEqual({ isStarted: true, isReady: true })
    expect([health.postStart, dueProbes(health, 1e9)]).toEqual(['done', ['readiness']])
    expect(healthOf(firstHealth(asked, 0, { isStarted: false, isReady: false })).isReady).toBe(false)
  })

  test('once it has to end, no answer changes that', () => {
    const probes = { liveness: probe({ failures: 2 }), readiness: probe() }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<'liveness' | 'readiness'>('liveness', 'readiness'), fc.boolean())),
        (answers) => {
          let run = firstHealth({ probes, hooks }, 0)
          let inARow = 0
          let hasFailed = false
          answers.forEach(([kind, isGood], index) => {
            run = afterProbe(run, kind, probes[kind], isGood ? good : bad, index)
            if (kind === 'liveness') inARow = isGood ? 0 : inARow + 1
            hasFailed ||= inARow >= 2
            expect(healthOf(run).failed !== undefined).toBe(hasFailed)
            if (hasFailed) expect(healthOf(run).isReady).toBe(false)
          })
        },
      ),
    )
  })
})

describe('the health protocol of gRPC', () => {
  test('has a question in one frame', () => {
    expect(checkRequest('').toString('hex')).toBe('0000000000')
    expect(checkRequest('db').toString('hex')).toBe('00000000040a026462')
    expect(checkRequest('x'.repeat(300)).subarray(0, 8).toString('hex')).toBe('000000012f0aac02')
  })

  test.each([
    ['00000000020801', true],
    ['00000000020802', false],
    ['0000000000', false],
    ['01000000020801', false],
    ['0000000002080100', false],
    ['000000000208', false],
    ['', false],
  ])('%s serves: %s', (hex, expected) => {
    expect(isServing(Buffer.from(hex, 'hex'))).toBe(expected)
  })
})
