import { describe, expect, test } from 'vitest'
import { cgroupFolders } from '../../../src/vkubelet/cgroups/cgroup-folders.ts'
import { processStat } from '../../../src/vkubelet/cgroups/process-stat.ts'
import { EXEC_UNIT, type ExecStreams, execUnit, execUnitName } from '../../../src/vkubelet/exec/exec-unit.ts'
import { listenersIn } from '../../../src/vkubelet/forward/listeners.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { containerUnit } from '../../../src/vkubelet/units/container-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { samplePod } from '../../support/vkubelet/sample-pod.ts'

const unit = unitName({ namespace: 'default', pod: 'uptimed', container: 'uptimed' })
const textOf = (container: Readonly<Record<string, unknown>> = {}) => {
  const pod = samplePod({ container })
  const [one = expect.unreachable()] = pod.containers
  const host = { hidden: ['/etc/keel'], mounts: [], mostTasks: 100, mostPods: 110 }
  return unitText(containerUnit(pod, one, { program: ['/usr/sbin/uptimed'], variables: new Set() }, { run: 0 }, host))
}
const pipes: ExecStreams = { kind: 'pipes', stdout: '/run/keel-vkubelet/exec/a/stdout' }
const made = (more: Partial<Parameters<typeof execUnit>[0]> = {}) =>
  unitText(execUnit({ unit, text: textOf(), together: [unit], command: ['id'], streams: pipes, ...more }))

describe('the unit of a command in a container', () => {
  test('has the sandbox of the container, line by line, and an own beginning and end', () => {
    const securityContext = {
      runAsUser: 1234,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'] },
    }
    const text = textOf({ securityContext, resources: { limits: { memory: '64Mi' } }, workingDir: '/srv/5%' })
    const command = made({ text })
    const own = /^(Type|RemainAfterExit|Restart|ExecStart|SyslogIdentifier|SyslogLevelPrefix|TimeoutStopSec)=/
    const [, service = ''] = text.split('[Service]\n')
    for (const line of service.split('\n\n')[0]?.split('\n') ?? [])
      if (!own.test(line)) expect(command.split('\n')).toContain(line)
    expect(command).toContain('User=1234\nDynamicUser=yes\n')
    expect(command).not.toContain('uptimed"')
    expect(command).not.toContain('X-Kubernetes')
    expect(command.match(/^ExecStart=/gm)).toHaveLength(1)
  })

  test('keeps settings that nobody here knows yet', () => {
    const text = textOf().replace('[Service]\n', '[Service]\nBindPaths=/run/a:/var/a\nBindPaths=/run/b:/var/b\n')
    expect(made({ text })).toContain('BindPaths=/run/a:/var/a\nBindPaths=/run/b:/var/b\n')
  })

  test('does not take what a container runs at its own start and end', () => {
    const text = textOf().replace(
      '[Service]\n',
      '[Service]\nExecStartPre=/bin/a\nExecStopPost=+/bin/b\nRuntimeDirectoryPreserve=no\n',
    )
    const command = made({ text })
    expect(command).not.toMatch(/ExecStartPre|ExecStopPost|Preserve=no/)
    expect(command).toContain('RuntimeDirectoryPreserve=yes')
  })

  test('never starts the container, and shares its /tmp and that of the Pod', () => {
    const other = unitName({ namespace: 'default', pod: 'uptimed', container: 'other' })
    const command = made({ together: [unit, other] })
    expect(command).toContain(`Requisite=${unit}\nPartOf=${unit}\nAfter=${unit}\nJoinsNamespaceOf=${unit} ${other}\n`)
    expect(command).not.toMatch(/^(Requires|Wants|BindsTo)=/m)
  })

  test('has each word of the command as one word', () => {
    const command = made({ command: ['sh', '-c', 'echo $HOME %n "x"; id', '', '-x', 'two\nlines'] })
    expect(command).toContain(
      String.raw`ExecStart="/bin/sh" "-c" "kill -STOP $$$$; exec \"$$@\"" "sh" "sh" "-c" "echo $$HOME %%n \"x\"; id" "" "-x" "two\x0alines"`,
    )
  })

  test.each<[string, ExecStreams, readonly string[]]>([
    [
      'only output',
      pipes,
      ['StandardInput=null', 'StandardOutput=file:/run/keel-vkubelet/exec/a/stdout', 'StandardError=null'],
    ],
    [
      'a terminal',
      { kind: 'terminal', path: '/dev/pts/3' },
      ['TTYPath=/dev/pts/3', 'StandardInput=tty-force', 'StandardError=tty'],
    ],
  ])('with %s', (_what, streams, lines) => {
    expect(made({ streams }).split('\n')).toEqual(expect.arrayContaining([...lines]))
  })

  test('is no unit of a Pod', () => {
    expect(execUnitName('0123456789abcdef')).toMatch(EXEC_UNIT)
    expect(execUnitName('0123456789abcdef')).not.toMatch(/^vks[.-]/)
  })
})

describe('the cgroups of a process', () => {
  const v1 = `36 25 0:31 / /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,xattr,name=systemd
37 25 0:32 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory
38 25 0:33 / /sys/fs/cgroup/cpu\\040x rw,nosuid - cgroup cgroup rw,cpu,cpuacct
39 25 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
40 25 0:35 / /tmp rw - tmpfs tmpfs rw`
  const path = '/vks.slice/vks-a.slice/vks.a.service'
  test('v1: one folder for each hierarchy', () => {
    const cgroup = `9:memory:${path}\n8:cpu,cpuacct:${path}\n7:pids:/x\n1:name=systemd:${path}\n0::/y\n`
    expect(cgroupFolders(cgroup, v1)).toEqual([
      { controllers: ['memory'], path, folder: `/sys/fs/cgroup/memory${path}` },
      { controllers: ['cpu', 'cpuacct'], path, folder: `/sys/fs/cgroup/cpu x${path}` },
      { controllers: ['name=systemd'], path, folder: `/sys/fs/cgroup/systemd${path}` },
      { controllers: [], path: '/y', folder: '/sys/fs/cgroup/unified/y' },
    ])
  })

  test('v2: one, also where only a part of it is mounted', () => {
    const mounts = '30 25 0:26 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup rw'
    expect(cgroupFolders(`0::/docker/1${path}\n`, mounts)).toEqual([
      { controllers: [], path: `/docker/1${path}`, folder: `/sys/fs/cgroup${path}` },
    ])
    expect(cgroupFolders('0::/docker/1\n', mounts)).toMatchObject([{ folder: '/sys/fs/cgroup' }])
    for (const other of ['0::/docker/10/x\n', '0::/../x\n', '0::/other\n', '', 'x'])
      expect(cgroupFolders(other, mounts)).toEqual([])
  })
})

test.each([
  ['42 (a) b) (c) T 1 42 42 0 -1 4194560 5 0 0 0 3 4 5 6 20 0 1 0 987 0', { state: 'T', ticks: 18, began: 987 }],
  ['42 (x) R', undefined],
  ['', undefined],
])('what /proc says of a process: %s', (text, expected) => {
  expect(processStat(text)).toEqual(expected)
})

test('who listens', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
  const row = (local: string, state: string, inode: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000`
  const text = [
    head,
    row('0100007F:1F90', '0A', '11'),
    row('00000000:0050', '0A', '12'),
    row('0500A8C0:0051', '0A', '13'),
    row('0100007F:1F91', '01', '14'),
    row('00000000000000000000000000000000:0052', '0A', '15'),
    row('B80D0120000000000000000001000000:0053', '0A', '16'),
    row('0100007F:1F92', '0A', '0'),
    'garbage',
  ].join('\n')
  expect(listenersIn(text)).toEqual([
    { address: '127.0.0.1', port: 8080, inode: '11' },
    { address: '127.0.0.1', port: 80, inode: '12' },
    { address: '192.168.0.5', port: 81, inode: '13' },
    { address: '::1', port: 82, inode: '15' },
    { address: '2001:db8:0:0:0:0:0:1', port: 83, inode: '16' },
  ])
})
