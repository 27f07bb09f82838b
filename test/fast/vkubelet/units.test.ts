import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../../src/vkubelet/pod/expansion.ts'
import { containerUnit, type HostSettings, type Run } from '../../../src/vkubelet/units/container-unit.ts'
import type { End } from '../../../src/vkubelet/units/end.ts'
import { environmentFile, environmentPath } from '../../../src/vkubelet/units/environment-file.ts'
import { readMetadata } from '../../../src/vkubelet/units/metadata.ts'
import { execProgram, execWord, plainValue } from '../../../src/vkubelet/units/quote.ts'
import { sliceOfAll } from '../../../src/vkubelet/units/slice-of-all.ts'
import { sliceUnit, uidOfSlice } from '../../../src/vkubelet/units/slice-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { containerObject, samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

const host: HostSettings = {
  hidden: ['/etc/keel', '/srv/a "b" 5%'],
  mounts: [
    { path: '/srv/data', readOnly: false },
    { path: '/srv/site', readOnly: true },
  ],
  mostTasks: 1024,
  mostPods: 110,
}
const program = ['/usr/sbin/uptimed', '-f']

const textOf = (container: object, { run = { run: 0 }, variables = [] as string[], spec = {}, index = 0 } = {}) => {
  const pod = samplePod({ container: { ...container }, spec })
  const one = pod.containers[index] ?? expect.unreachable()
  return unitText(containerUnit(pod, one, { program, variables: new Set(variables) }, run as Run, host))
}
const lineOf = (text: string, key: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1))

test('the unit of a container', async () => {
  const container = {
    args: ['-f', '--name', '$(NAME)', '100%', 'a;b', '; rm', '$HOME', 'say "hi"', 'C:\\x', 'two\nlines', '$(UNKNOWN)'],
    workingDir: '/srv/50%',
    env: [{ name: 'NAME', value: 'secret-value' }],
    resources: { limits: { cpu: '250m', memory: '64Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    securityContext: {
      runAsUser: 1234,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
  const last: End = { exitCode: 7, reason: 'Error', started: 1_000, finished: 2_500 }
  const run: Run = { run: 2, pause: 10, after: 'b'.repeat(32), last }
  const text = textOf(container, { run: run as { run: number }, variables: ['NAME'] })
  await expect(text).toMatchFileSnapshot('../../golden/vkubelet/container.service')
  expect(text).not.toContain('secret-value')
})

test.each([
  [0, '1'],
  [30, '30'],
  [2_592_000, '300'],
])('a grace of %i seconds is one of %s where nobody waits for the Pod', (seconds, expected) => {
  expect(lineOf(textOf({}, { spec: { terminationGracePeriodSeconds: seconds } }), 'TimeoutStopSec')).toEqual([expected])
})

test.each([
  ['what the host has left', { milliCores: 3_900, memory: 2 ** 30 }, 'CPUWeight=390\nMemoryMax=1073741824\n'],
  ['no core', { milliCores: 0, memory: 1 }, 'CPUWeight=1\nMemoryMax=1\n'],
  ['many cores', { milliCores: 256_000, memory: 1 }, 'CPUWeight=10000\nMemoryMax=1\n'],
])('the slice of all Pods: %s', (_what, together, expected) => {
  expect(unitText(sliceOfAll(together))).toContain(`[Slice]\n${expected}MemorySwapMax=0\nTasksMax=80%\n`)
})

test('the slice of a Pod has the share of all its containers', async () => {
  const two = ['100m', '300m'].map((cpu, index) =>
    containerObject({ name: `c${index}`, resources: { requests: { cpu } } }),
  )
  const text = unitText(sliceUnit(samplePod({ spec: { containers: two } }), host))
  await expect(text).toMatchFileSnapshot('../../golden/vkubelet/pod.slice')
  expect(uidOfSlice(text)).toBe(UID)
})

describe('the command of a container', () => {
  test.each([
    ['neither: the image’s', {}, '"/usr/sbin/uptimed" "-f"'],
    ['args: the image’s program', { args: ['-x'] }, '"/usr/sbin/uptimed" "-x"'],
    ['command', { command: ['/bin/echo', 'a'] }, '"/bin/echo" "a"'],
    ['both', { command: ['/bin/echo', 'a'], args: ['b', ''] }, '"/bin/echo" "a" "b" ""'],
    ['a name without a path', { command: ['sh', '-c', 'true'] }, '"sh" "-c" "true"'],
  ])('with %s', (_what, container, expected) => {
    expect(lineOf(textOf(container), 'ExecStart')).toEqual([expected])
  })
})

test('the containers of a Pod share one /tmp, whichever starts first; init containers have their own', () => {
  const spec = {
    containers: ['a', 'b', 'c'].map((name) => containerObject({ name })),
    initContainers: [containerObject({ name: 'init' })],
  }
  const unit = (name: string) => `vks.default.uptimed.${name}.service`
  const join = (index: number) => lineOf(textOf({}, { spec, index }), 'JoinsNamespaceOf')
  expect([0, 1, 2].map(join)).toEqual([[], [unit('a')], [`${unit('a')} ${unit('b')}`]])
  const pod = samplePod({ spec })
  const [init = expect.unreachable()] = pod.initContainers
  const text = unitText(containerUnit(pod, init, { program, variables: new Set() }, { run: 0 }, host))
  expect(lineOf(text, 'JoinsNamespaceOf')).toEqual([])
})

describe('directories', () => {
  const of = (users: readonly (number | undefined)[], index: number) => {
    const containers = users.map((runAsUser, number) =>
      containerObject({ name: `c${number}`, securityContext: runAsUser === undefined ? {} : { runAsUser } }),
    )
    const text = textOf({}, { spec: { containers }, index })
    const bound = lineOf(text, 'BindPaths').filter((line) => line.startsWith('%t/'))
    return [...lineOf(text, 'StateDirectory'), ...lineOf(text, 'RuntimeDirectory'), ...bound]
  }
  const OWN = `keel-pods/${UID}`

  test('are the Pod’s, also where /run is hidden', () => {
    expect(of([undefined, undefined], 1)).toEqual([OWN, OWN, `%t/${OWN}`])
  })
  test('of a dynamic user are shown by systemd itself', () => {
    expect(of([7, 7], 1)).toEqual([OWN, OWN])
  })
  test('of another user are another’s, because systemd gives them away', () => {
    expect(of([7, 8], 1)).toEqual([`${OWN}.8`, `${OWN}.8`])
    expect(of([7, undefined], 1)).toEqual([`${OWN}.0`, `${OWN}.0`, `%t/${OWN}.0`])
  })
})

describe('a container without a security context', () => {
  test('is root in a sandbox: no devices, no sockets of the host, nothing of the Node', () => {
    const text = textOf({})
    expect(lineOf(text, 'User')).toEqual([])
    expect(lineOf(text, 'TemporaryFileSystem')).toEqual(['/run'])
    expect(lineOf(text, 'InaccessiblePaths')).toEqual(['"-/etc/keel" "-/srv/a \\"b\\" 5%%"'])
    expect(lineOf(text, 'CapabilityBoundingSet')[0]).not.toMatch(/SYS_ADMIN|PTRACE|MKNOD|SYS_MODULE|DAC_READ/)
  })

  test.each(['PrivateDevices', 'ProtectHome', 'PrivateTmp', 'ProtectKernelModules', 'RestrictNamespaces'])(
    'has %s',
    (key) => {
      expect(lineOf(textOf({}), key)).toEqual(['yes'])
    },
  )
})

describe('resources', () => {
  test.each([
    [{}, { CPUWeight: ['1'], CPUQuota: [], MemoryMax: [] }],
    [{ requests: { cpu: '2' } }, { CPUWeight: ['200'] }],
    [{ requests: { cpu: '1000' } }, { CPUWeight: ['10000'] }],
    [{ limits: { cpu: '1' } }, { CPUQuota: ['100%'] }],
    [{ limits: { cpu: '5m' } }, { CPUQuota: ['0.5%'] }],
    [{ limits: { cpu: '1n' } }, { CPUQuota: ['0.1%'] }],
    [{ limits: { memory: '1.5Ki' } }, { MemoryMax: ['1536'], MemorySwapMax: ['0'] }],
  ])('%j', (resources, expected) => {
    const text = textOf({ resources })
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, lineOf(text, key)]))).toEqual(expected)
  })
})

describe('quoting', () => {
  test('never lets a word end its line, its quotes, or a section', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a"\\%$;\n\t\0[= {}()') }), (text) => {
        const word = execWord(piecesOf(text), () => false)
        expect(word).toMatch(/^"(?:[^"\\\n%$\0]|\\["\\]|\\x[0-9a-f]{2}|%%|\$\$)*"$/)
      }),
    )
  })

  test('a variable that is there is systemd’s to replace; another one is text', () => {
    expect(execWord(piecesOf('a$(B)c$(D)$$(B)'), (name) => name === 'B')).toBe(`"a\${B}c$$(D)$$(B)"`)
  })

  test.each(['a\nUser=root', 'a\\', ' a', 'a ', '', '\u001b', '\\'])(
    'a plain value %j is a bug, not a unit',
    (value) => {
      expect(() => plainValue(value)).toThrow('not refused')
      expect(() => execProgram('$x')).toThrow('not refused')
      expect(() => unitText([{ name: 'Unit', settings: [['A', 'b\nc']] }])).toThrow('not refused')
      expect(() => unitText([{ name: 'Unit', settings: [['A', 'b\\']] }])).toThrow('not refused')
      expect(() => unitText([{ name: 'Unit', settings: [['A', 'x'.repeat(1_048_576)]] }])).toThrow('not refused')
    },
  )

  test('an environment file has a variable a value, also with quotes and lines', () => {
    expect(
      environmentFile(
        new Map([
          ['A', 'b "c" $d `e` \\f\ng'],
          ['B', ''],
        ]),
      ),
    ).toBe('A="b \\"c\\" \\$d \\`e\\` \\\\f\ng"\nB=""\n')
    expect(environmentPath(UID, 'c')).toBe(`/run/keel-vkubelet/pods/${UID}/c.env`)
  })
})

describe('what a unit says of itself', () => {
  const run = fc.record(
    {
      run: fc.nat(1_000_000),
      pause: fc.nat(300),
      after: fc.constant('c'.repeat(32)),
      last: fc.record(
        {
          exitCode: fc.nat(255),
          reason: fc.constantFrom<End['reason']>(
            'Completed',
            'Error',
            'OOMKilled',
            'StartError',
            'ContainerStatusUnknown',
          ),
          started: fc.nat(2 ** 40),
          finished: fc.nat(2 ** 40),
        },
        { requiredKeys: ['exitCode', 'reason'] },
      ),
    },
    { requiredKeys: ['run'] },
  )

  test('can be read back, whatever run it is', () => {
    fc.assert(
      fc.property(run, (one) => {
        const text = textOf({ args: ['[X-Kubernetes]\nPod=other'] }, { run: one as { run: number } })
        expect(readMetadata('vks.default.uptimed.uptimed.service', text)).toEqual({
          namespace: 'default',
          pod: 'uptimed',
          uid: UID,
          container: 'uptimed',
          image: 'exec:/usr/sbin/uptimed',
          ...one,
        })
      }),
    )
  })

  const text = textOf({})
  test.each([
    ['under another name', text, 'vks.default.other.uptimed.service'],
    ['with a key twice', text.replace('Pod=', 'Pod=other\nPod='), undefined],
    ['without its section', text.slice(0, text.indexOf('[X-Kubernetes]')), undefined],
    ['in another section', text.replace('[X-Kubernetes]', '[X-Other]'), undefined],
    ['with a run that is no number', text.replace('Run=0', 'Run=-1'), undefined],
    ['with a UID that is a path', text.replace(`UID=${UID}`, 'UID=../x'), undefined],
    ['empty', '', undefined],
  ])('is not believed %s', (_what, changed, unit = 'vks.default.uptimed.uptimed.service') => {
    expect(readMetadata(unit, changed)).toBeUndefined()
  })
})
