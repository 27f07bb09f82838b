import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { containerUnit, type HostSettings } from '../../../src/vkubelet/units/container-unit.ts'
import { sliceUnit } from '../../../src/vkubelet/units/slice-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { containerObject, samplePod } from '../../support/vkubelet/sample-pod.ts'

/** What the parser of the real systemd makes of the units: its complaints, and the commands that it has read. */
const folder = mkdtempSync(join(tmpdir(), 'keel-vks-units-'))
afterAll(() => rmSync(folder, { recursive: true }))

const host: HostSettings = {
  hidden: ['/etc/keel', '/srv/a "b" 5%'],
  mounts: [{ path: '/srv/data', readOnly: false }],
  mostTasks: 1024,
  mostPods: 110,
}
const unit = unitName({ namespace: 'default', pod: 'uptimed', container: 'uptimed' })

async function analyzed(text: string, name: string, level: 'info' | 'debug') {
  const file = join(folder, name)
  writeFileSync(file, text)
  const env = { SYSTEMD_LOG_LEVEL: level, SYSTEMD_LOG_TARGET: 'console', LC_ALL: 'C' }
  return execa('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', file], { env, reject: false })
}

async function complaintsAbout(text: string, name = unit): Promise<readonly string[]> {
  const { stderr } = await analyzed(text, name, 'info')
  return stderr
    .split('\n')
    .filter((line) => line.startsWith(folder) || /Unknown|Invalid|Failed to parse|ignoring/i.test(line))
}

/** The words of `ExecStart=`, as systemd prints them for a shell, before it replaces variables. */
async function commandOf(text: string): Promise<string | undefined> {
  const { stdout } = await analyzed(text, unit, 'debug')
  return /^\s*Command Line: (.*)$/m.exec(stdout)?.[1]
}

const textOf = (container: object) => {
  const pod = samplePod({ container: { ...container } })
  const [one = expect.unreachable()] = pod.containers
  const prepared = { program: ['/bin/true'], variables: new Set(['NAME']) }
  return unitText(containerUnit(pod, one, prepared, { run: 0 }, host))
}

describe('systemd', () => {
  test.each<[string, object]>([
    ['the least', {}],
    [
      'a user without rights',
      { securityContext: { runAsUser: 1234, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false } },
    ],
    [
      'all capabilities that one can have',
      {
        securityContext: {
          capabilities: {
            add: [
              'NET_ADMIN',
              'SYS_TIME',
              'IPC_LOCK',
              'LEASE',
              'SYS_NICE',
              'SYS_RESOURCE',
              'NET_BROADCAST',
              'WAKE_ALARM',
            ],
          },
        },
      },
    ],
    ['a closed one', { securityContext: { readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' } } }],
    ['limits', { resources: { limits: { cpu: '1m', memory: '1Gi' }, requests: { cpu: '128' } } }],
    [
      'odd words',
      {
        command: ['/bin/true', '%n', '$$$(NAME)', ';', '"\\\'', 'a\nb', '\u{1f600}', '\u0001', ' '],
        workingDir: '/srv/5% "of" it',
      },
    ],
    ['the longest words', { args: ['x'.repeat(124_000), '\u0001'.repeat(125_000)] }],
  ])('takes %s', async (_what, container) => {
    expect(await complaintsAbout(textOf(container))).toEqual([])
  })

  test('takes the slice of a Pod', async () => {
    const spec = { containers: [containerObject({ resources: { requests: { cpu: '2' } } })] }
    const text = unitText(sliceUnit(samplePod({ spec }), host))
    expect(await complaintsAbout(text, 'vks-default.upt\\x2dimed.slice')).toEqual([])
  })

  test('would complain about what it does not know', async () => {
    expect(await complaintsAbout(textOf({}).replace('Restart=no', 'Restart=perhaps'))).not.toEqual([])
    const unknown = textOf({}).replace('PrivateTmp=', 'PrivateTemp=')
    expect(await complaintsAbout(unknown)).not.toEqual([])
  })

  test('reads each argument as one word, and nothing of it as its own', async () => {
    const args = [
      'a b',
      '; rm',
      ';',
      '%n',
      '100%',
      '$HOME',
      'say "hi"',
      'C:\\x',
      'two\nlines',
      '',
      '-x',
      '@x',
      '$(NAME)',
      '$(NOBODY)',
    ]
    const command = await commandOf(textOf({ command: ['/bin/true'], args }))
    // what it replaces later has one dollar sign here; two are one
    const expected = String.raw`/bin/true "a b" "; rm" ";" %n 100% "\$\$HOME" "say \"hi\"" "C:\\x" "two\nlines" "" -x @x "\${NAME}" "\$\$(NOBODY)"`
    expect(command).toBe(expected)
  })
})
