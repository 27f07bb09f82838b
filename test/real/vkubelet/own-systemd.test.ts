import { beforeAll, describe, expect, test } from 'vitest'
import { inOwnSystemd } from '../../support/vkubelet/in-own-systemd.ts'

/** A real systemd of the user's kind has no dynamic users: a host of the lab does (test/e2e/vkubelet/). */
const odd = [
  '%n',
  '100%',
  '$HOME',
  `\${HOME}`,
  '; rm -rf /',
  ';',
  'a b',
  '',
  '"\'\\',
  'two\nlines',
  '\t\u0001\u007f',
  '\u{1f600}',
  '#x',
  '-x',
  '\\x41',
  '$(NOBODY)',
]

let said: Readonly<Record<string, never>>

beforeAll(async () => {
  said = await inOwnSystemd(new URL('own-systemd-child.ts', import.meta.url), JSON.stringify(odd))
})

const container = (name: string) => (said[name] as { containerStatuses: object[] } | undefined)?.containerStatuses[0]

describe('a Pod on a real systemd', () => {
  test.each([
    ['good', 'Succeeded', { exitCode: 0, reason: 'Completed' }],
    ['bad', 'Failed', { exitCode: 3, reason: 'Error' }],
    ['killed', 'Failed', { exitCode: 137, reason: 'Error' }],
    ['absent', 'Failed', { exitCode: 128, reason: 'StartError' }],
  ])('%s: is %s', (name, phase, terminated) => {
    expect(said[name]).toMatchObject({ phase })
    expect(container(name)).toMatchObject({ restartCount: 0, state: { terminated } })
  })

  test('that crashes runs again, and waits for the run after that', () => {
    // how often it has, depends on how busy this machine is
    expect(container('crash')).toMatchObject({
      restartCount: expect.any(Number),
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error' } },
    })
  })

  test('whose main process has ended keeps no other', () => {
    expect(said.children).toMatchObject({ phase: 'Succeeded' })
  })

  test('gets its arguments and its environment exactly', () => {
    const secret = `pa$$"\\\`w\n%n \${HOME} ord `
    expect(said.args).toEqual([...odd, `x${secret}y`])
    expect(said.secret).toBe(secret)
  })

  test('has no value of its environment in its unit, for nobody', () => {
    expect(said.mode).toBe('644')
    expect(said.shown).toContain('EnvironmentFiles=/run/keel-vkubelet/pods/uid-odd/main.env')
    for (const text of [said.shown, said.file]) expect(text).not.toContain('`w')
  })

  test('sees no socket of systemd, no file of other Pods, nothing hidden, and changes no program', () => {
    expect(said.seen).toBe('done\n')
  })

  test('has its volumes: files, disk, memory with a limit, a path of the host', () => {
    // $RUNTIME_DIRECTORY of a user's systemd is below /run/user, which a Pod never sees: a host of the lab has it
    const own = ['state', 'cache', 'logs']
    expect(said.volumes).toBe(['hellohellotoken', '440 0', ...own, 'done', ''].join('\n'))
    expect(said.ofPod).toEqual({ disk: 'kept\n', memory: 'kept\n', state: 'state\n' })
  })

  test('sees new contents of its volumes while it runs; a single file stays', () => {
    expect(said.later).toBe('hello\n')
  })

  test('that is gone leaves no volume, no mount and no directory, and nothing of the host goes with it', () => {
    expect([said.mounts, said.left]).toEqual([[], []])
    expect(said.kept).toEqual(['hook', 'later', 'out', 'ready', 'stopped'])
  })

  test('has one /tmp for its containers', () => {
    // each of them ends when it sees what the other one has written
    expect(said.pair).toMatchObject({ phase: 'Succeeded' })
  })

  test('is started and ready when its commands say so', () => {
    expect(said.beforeReady).toBe(false)
  })

  test('has a hook in its sandbox: its user, its rights, its cgroup, its environment', () => {
    const [user, group, ...lines] = String(said.hook).split('\n')
    expect([user, group]).toEqual(['0', '0'])
    // CHOWN alone, which is the first one
    expect(lines).toEqual(
      expect.arrayContaining(['CapEff:\t0000000000000001', 'CapBnd:\t0000000000000001', 'NoNewPrivs:\t1']),
    )
    expect(said.hook).toMatch(/\/vks\.default\.healthy\.main\.service\n/)
    expect(said.hook).toMatch(/ord \n\/srv\/mine\n0022\n0\n$/)
  })

  test('has its hook before its end', () => {
    expect(said.stopped).toBe('well\n')
  })

  test('that is not well ends by a signal, and runs again', () => {
    expect(said.sick).toMatchObject({ terminated: { exitCode: 143, reason: 'Error' } })
  })

  test('runs on while the program is killed, and is taken over as it is', () => {
    expect(said.afterRestart).toEqual({ isSame: true, kinds: [] })
  })

  test('that is deleted ends by SIGTERM, and leaves no unit, no file and no process', () => {
    expect(said.ending).toMatchObject({ terminated: { exitCode: 143, reason: 'Error' } })
    expect(said.processes).toBe('')
  })
})
