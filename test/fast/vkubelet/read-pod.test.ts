import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import { describeRefusals } from '../../../src/vkubelet/pod/refusal.ts'
import { containerObject, NODE, podObject, readSample, samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

const refusals = (parts: Parameters<typeof readSample>[0]) => {
  const read = readSample(parts)
  return read.kind === 'refused' ? read.refusals.map(({ path, why }) => `${path}: ${why}`) : read.kind
}

describe('a Pod of the API server', () => {
  test('is read with the defaults of Kubernetes', () => {
    expect(samplePod()).toMatchObject({
      namespace: 'default',
      name: 'uptimed',
      uid: UID,
      generation: 1,
      restartPolicy: 'Always',
      grace: 30,
      initContainers: [],
      containers: [
        {
          name: 'uptimed',
          image: 'exec:/usr/sbin/uptimed',
          command: [],
          args: [],
          environment: [],
          resources: { limits: {}, requests: {} },
          security: { user: 0, mayGainPrivileges: true, isRootReadOnly: false, isSeccompDefault: false },
        },
      ],
    })
    expect(samplePod()).not.toHaveProperty('deletion')
  })

  test('has what its containers want', () => {
    const container = {
      command: ['/bin/sh', '-c', 'exec sleep $(SECONDS)'],
      workingDir: '/srv',
      env: [
        { name: 'SECONDS', value: '5' },
        { name: 'HOST', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
        { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'CORES', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      ],
      envFrom: [{ prefix: 'C_', configMapRef: { name: 'settings', optional: true } }],
      resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { 'ephemeral-storage': '1Gi' } },
      securityContext: { runAsUser: 1234, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    }
    const [read] = samplePod({ container }).containers
    expect(read).toMatchObject({
      command: ['/bin/sh', '-c', 'exec sleep $(SECONDS)'],
      workingDir: '/srv',
      environment: [
        { kind: 'all', prefix: 'C_', object: { kind: 'configMap', name: 'settings' }, isOptional: true },
        { kind: 'value', name: 'SECONDS', value: '5' },
        { kind: 'field', name: 'HOST', field: { of: 'host', field: 'nodeName' } },
        { kind: 'field', name: 'APP', field: { of: 'labels', key: 'app' } },
        { kind: 'resource', name: 'CORES', resource: 'limits.cpu', divisor: 1_000_000_000n },
        { kind: 'key', name: 'PASSWORD', object: { kind: 'secret', name: 'db' }, key: 'password', isOptional: false },
      ],
      resources: { limits: { cpu: 500_000_000n, memory: 67_108_864_000_000_000n }, requests: {} },
      security: { user: 1234, capabilities: [], isRootReadOnly: true },
    })
  })

  test('that is being deleted says by when', () => {
    const metadata = { deletionTimestamp: '2026-11-30T09:00:30Z', deletionGracePeriodSeconds: 30 }
    expect(samplePod({ metadata }).deletion).toEqual({ by: Date.parse('2026-11-30T09:00:30Z') })
  })

  test("remembers this Node's own reports, and believes no other container ID", () => {
    const status = {
      phase: 'Running',
      startTime: '2026-11-30T08:00:01Z',
      containerStatuses: [
        { name: 'uptimed', restartCount: 3, containerID: `systemd://${'a'.repeat(32)}`, started: true },
        { name: 'other', restartCount: -1, containerID: 'containerd://abc' },
      ],
    }
    const { reported } = samplePod({ status })
    expect(reported.phase).toBe('Running')
    expect(Object.fromEntries(reported.containers)).toEqual({
      uptimed: { restarts: 3, invocation: 'a'.repeat(32), isStarted: true, isReady: false },
      other: { restarts: 0, isStarted: false, isReady: false },
    })
  })
})

describe('what this Node does not run is refused, with the place and the reason:', () => {
  test.each<[string, Parameters<typeof readSample>[0], string]>([
    [
      'a privileged container',
      { container: { securityContext: { privileged: true } } },
      'spec.containers[0].securityContext.privileged: a privileged Pod is root on the host without any limit',
    ],
    [
      'a capability that leads out',
      { container: { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } } },
      'spec.containers[0].securityContext.capabilities.add: with SYS_ADMIN a process leaves its sandbox',
    ],
    [
      'all capabilities',
      { container: { securityContext: { capabilities: { add: ['ALL'] } } } },
      'spec.containers[0].securityContext.capabilities.add: with ALL a process leaves its sandbox',
    ],
    [
      'root where it may not be',
      { spec: { securityContext: { runAsNonRoot: true } } },
      'spec.containers[0].securityContext.runAsNonRoot: without runAsUser the container would be root',
    ],
    [
      'another group',
      { container: { securityContext: { runAsUser: 5, runAsGroup: 6 } } },
      'spec.containers[0].securityContext.runAsGroup: a unit of a user has the group with the same number',
    ],
    [
      'a seccomp profile of a file',
      { container: { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } } },
      'spec.containers[0].securityContext.seccompProfile: a unit has no seccomp profile of a file',
    ],
    [
      'a runtime class',
      { spec: { runtimeClassName: 'gvisor' } },
      'spec.runtimeClassName: a unit of the host has no image and no runtime of containers',
    ],
    [
      'a probe of a later Kubernetes',
      { container: { livenessProbe: { magic: {} } } },
      'spec.containers[0].livenessProbe.magic: keel does not know this field',
    ],
    ['a hostile name of a later field', { spec: { 'x\u001b[31m': 1 } }, 'spec.x??31m: keel does not know this field'],
    [
      'a field of a later Kubernetes',
      { container: { gpuMagic: true } },
      'spec.containers[0].gpuMagic: keel does not know this field',
    ],
    [
      'a prototype',
      { container: { constructor: {} } },
      'spec.containers[0].constructor: keel does not know this field',
    ],
    ['Windows', { spec: { os: { name: 'windows' } } }, 'spec.os: the host runs Linux'],
    ['another Node', { spec: { nodeName: 'bay' } }, 'spec.nodeName: the Pod is of another Node'],
    [
      'a program in a variable',
      { container: { command: ['$(SHELL)'] } },
      'spec.containers[0].command[0]: systemd takes a path from / on, or a name without /',
    ],
    [
      'a program that systemd would run with all rights',
      { container: { command: ['+/bin/sh'] } },
      'spec.containers[0].command[0]: systemd takes a path from / on, or a name without /',
    ],
    [
      'a program that begins an option of systemd',
      { container: { command: ['-/bin/sh'] } },
      'spec.containers[0].command[0]: systemd takes a path from / on, or a name without /',
    ],
    [
      'a program with a dollar sign',
      { container: { command: ['/opt/$x'] } },
      'spec.containers[0].command[0]: systemd takes a path from / on, or a name without /',
    ],
    [
      'a folder that goes up',
      { container: { workingDir: '/srv/../root' } },
      'spec.containers[0].workingDir: this is no path from / on',
    ],
    [
      'a folder with a line break',
      { container: { workingDir: '/srv\nUser=root' } },
      'spec.containers[0].workingDir: this is no path from / on',
    ],
    [
      'a folder that swallows the next line',
      { container: { workingDir: '/srv\\' } },
      'spec.containers[0].workingDir: this is no path from / on',
    ],
    [
      'a name that systemd drops',
      { container: { env: [{ name: 'a.b', value: 'x' }] } },
      'spec.containers[0].env[0].name: systemd takes only names of letters, digits and _',
    ],
    [
      'a value that systemd drops',
      { container: { env: [{ name: 'A', value: '\u001b' }] } },
      'spec.containers[0].env[0].value: systemd takes no control characters and at most 130,000 bytes',
    ],
    [
      'arguments that are too long',
      { container: { args: ['x'.repeat(130_000), 'y'.repeat(130_000)] } },
      'spec.containers[0].args: a unit has at most 250,000 bytes of them',
    ],
    [
      'devices',
      { container: { resources: { limits: { 'example.com/gpu': '1' } } } },
      'spec.containers[0].resources.limits.example.com/gpu: this Node has cpu and memory',
    ],
    [
      'a limit of disk',
      { container: { resources: { limits: { 'ephemeral-storage': '1Gi' } } } },
      'spec.containers[0].resources.limits.ephemeral-storage: this Node has cpu and memory',
    ],
    [
      'no quantity',
      { container: { resources: { limits: { cpu: 'much' } } } },
      'spec.containers[0].resources.limits.cpu: this is no quantity',
    ],
    [
      'two containers of one name',
      { spec: { containers: [containerObject(), containerObject()] } },
      'spec.containers: two containers have one name',
    ],
    [
      'an unknown field of the Pod',
      { container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] } },
      'spec.containers[0].env[0].valueFrom.fieldRef: keel does not know this field',
    ],
    [
      'a text that is none',
      { container: { command: [7] } },
      'spec.containers[0].command[0]: keel does not understand what is there',
    ],
  ])('%s', (_what, parts, expected) => {
    expect(refusals(parts)).toEqual([expected])
  })

  test('all at once', () => {
    const spec = { hostAliases: [{ ip: '1.2.3.4' }], shareProcessNamespace: true, setHostnameAsFQDN: true }
    expect([refusals({ spec, container: { tty: true } })].flat().toSorted()).toEqual([
      'spec.containers[0].tty: a unit has no terminal',
      'spec.hostAliases: a Pod has the network, the name and the resolver of the host',
      'spec.setHostnameAsFQDN: a Pod has the network, the name and the resolver of the host',
    ])
  })

  test('and fields that mean nothing are not', () => {
    const spec = {
      hostAliases: [],
      setHostnameAsFQDN: false,
      volumes: [],
      hostUsers: true,
      dnsPolicy: 'Default',
      os: { name: 'linux' },
    }
    expect(refusals({ spec, container: { tty: false, stdin: false, volumeMounts: [], lifecycle: {} } })).toBe('pod')
  })
})

describe('hostile input', () => {
  const hostile = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(undefined, null, 0, '', 'x\0', '\ud800', [], {}, -1, 2 ** 60),
  )

  test('of any kind is a Pod, a refusal or nothing, and never an error', () => {
    fc.assert(fc.property(hostile, (object) => ['pod', 'refused', 'unreadable'].includes(readPod(object, NODE).kind)))
    const fields = ['name', 'image', 'command', 'args', 'env', 'envFrom', 'resources', 'securityContext', 'workingDir']
    fc.assert(
      fc.property(fc.constantFrom(...fields), hostile, (field, value) =>
        ['pod', 'refused'].includes(readSample({ container: { [field]: value } }).kind),
      ),
    )
  })

  test.each([
    ['no name', { name: '' }],
    ['a path', { name: '../../etc' }],
    ['a UID that leads elsewhere', { uid: '../x' }],
    ['a namespace with dots', { namespace: 'a.b' }],
  ])('with %s is unreadable', (_what, metadata) => {
    expect(readSample({ metadata }).kind).toBe('unreadable')
  })

  test('is told with what an Event can hold', () => {
    const many = Array.from({ length: 99 }, (_, index) => ({ path: `spec.x[${index}]`, why: '’'.repeat(20) }))
    const text = describeRefusals(many)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024)
    expect(text).toMatch(/’…$/)
    expect(describeRefusals(many.slice(0, 2))).toBe(`spec.x[0]: ${'’'.repeat(20)}; spec.x[1]: ${'’'.repeat(20)}`)
  })

  test('keeps the status of what is refused, and whether it is being deleted', () => {
    const object = podObject({
      spec: { runtimeClassName: 'x' },
      metadata: { deletionTimestamp: '2026-11-30T09:00:30Z' },
    })
    expect(readPod(object, NODE)).toMatchObject({ kind: 'refused', isEnding: true, status: { phase: 'Pending' } })
  })
})
