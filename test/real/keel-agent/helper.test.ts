import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { helperText } from '../../../src/parts/keel-agent/agent-helper.ts'
import contentsFunctions from '../../../src/templates/host/contents.sh'
import placedFunction from '../../../src/templates/host/placed.sh'
import { until } from '../../support/until.ts'

/** The helper's program in a real bash, with programs in place of systemd's that write down what they are started with. */
const folder = mkdtempSync(join(tmpdir(), 'keel-agent-helper-'))
afterAll(() => rmSync(folder, { recursive: true }))

const state = join(folder, 'state')
const programs = join(folder, 'bin')
const called = join(folder, 'called')
mkdirSync(programs)

function program(name: string, text: string): void {
  writeFileSync(join(programs, name), `#!/bin/bash\nprintf '%s\\n' "${name} $*" >> ${called}\n${text}\n`)
  chmodSync(join(programs, name), 0o755)
}
program(
  'systemctl',
  `case "$*" in
  *state=failed*) printf '%s\\n' 'broken.service loaded failed failed A unit' '-x.service loaded failed failed -' '● odd loaded' ;;
  *LoadState*--value*) [ "\${!#}" != keel-vip.service ] && echo loaded || echo not-found ;;
  *ExecStart*) [ "\${!#}" = k3s.service ] && echo "{ path=${programs}/k3s ; argv[]=${programs}/k3s server ; }" ;;
  *show*) printf 'Id=%s\\n' "\${!#}" ;;
esac`,
)
program('journalctl', 'printf \'{"MESSAGE":"one"}\\n\'')
program('systemd-run', '')
program('k3s', "echo 'k3s version v1.35.1+k3s1 (abc)'")

const text = (isNixos = false) => helperText({ isNixos }).replaceAll('/var/lib/keel', state)
const file = join(folder, 'keel-agent-root')
writeFileSync(file, text(), { mode: 0o755 })

interface Run {
  readonly out: string
  readonly calls: string
}

function ask(mode: string, request: string): Run {
  rmSync(called, { force: true })
  writeFileSync(called, '')
  const { stdout } = spawnSync('bash', [file, mode], {
    input: request,
    encoding: 'utf8',
    env: { PATH: `${programs}:/usr/bin:/bin` },
    timeout: 20_000,
  })
  return { out: stdout, calls: readFileSync(called, 'utf8') }
}

test.each([false, true])('shellcheck finds nothing in it (NixOS: %s)', (isNixos) => {
  const { stdout } = spawnSync('shellcheck', ['--shell=bash', '-'], { input: text(isNixos), encoding: 'utf8' })
  expect(stdout).toBe('')
})

describe('attack 6: the helper does nothing for a line that is not exactly one of its own', () => {
  test.each([
    ['look', ''],
    ['look', 'services'],
    ['look', 'services extra\n'],
    ['look', 'watch 1\n'],
    ['look', 'SERVICES\n'],
    ['look', 'end\n'],
    ['look', 'states k3s.service\n'],
    ['look', 'restart k3s.service\n'],
    ['look', 'reboot\n'],
    ['look', 'journal k3s.service 0 10\n'],
    ['look', 'journal k3s.service 0 10 2\n'],
    ['look', 'journal k3s.service -1 10 0\n'],
    ['look', 'journal k3s.service 0 999999 0\n'],
    ['look', 'journal k3s.service 0 10 0 --root=/x\n'],
    ['look', 'journal --root=/x 0 10 0\n'],
    ['look', 'journal -f 0 10 0\n'],
    ['look', 'journal ../../x 0 10 0\n'],
    ['look', 'journal k3s.service;reboot 0 10 0\n'],
    ['look', 'journal $(reboot) 0 10 0\n'],
    ['look', 'journal cron.service 0 10 0\n'],
    ['look', 'journal * 0 10 0\n'],
    ['look', 'journal k3s.service 00 10 0\n'],
    ['look', `journal k3s.service ${'9'.repeat(500)} 10 0\n`],
    ['act', 'restart ssh.service\n'],
    ['act', 'restart keel-vip.service\n'],
    ['act', 'restart keepalived.service\n'],
    ['act', 'restart -f\n'],
    ['act', 'restart ../../x\n'],
    ['act', 'restart k3s.service;reboot\n'],
    ['act', 'restart k3s.service k3s.service\n'],
    ['act', 'restart\n'],
    ['act', 'reboot now\n'],
    ['act', 'services\n'],
    ['act', 'watch\n'],
    ['act', 'journal k3s.service 0 10 0\n'],
    ['act', 'reboot\0\n'],
    ['other', 'services\n'],
  ])('%s: %j', (mode, request) => {
    const { out, calls } = ask(mode, request)
    // bash drops a NUL; what is left may be a verb
    if (request.includes('\0')) return expect(out).toMatch(/^end\t(bad-request|ok)\n$/)
    expect(out).toMatch(/^end\t(bad-request|unknown-unit)\n$/)
    expect(calls).not.toMatch(/journalctl|systemd-run| restart /)
  })

  test('a line that never ends is not waited for', () => {
    expect(ask('look', 'x'.repeat(1_000_000)).out).toBe('end\tbad-request\n')
  })
})

describe('the helper', () => {
  test('asks for the units of its list and for those that have failed', () => {
    const { out, calls } = ask('look', 'services\nreboot\n')
    expect(out).toMatch(/\nend\tok\n$/)
    expect(calls).toMatch(/show .* -- k3s\.service .* broken\.service$/m)
    expect(calls).not.toContain(' -x.service')
    expect(calls).not.toContain('●')
  })

  describe('watches units', () => {
    const inMemory = join(folder, 'in-memory')
    const watching = join(folder, 'watching')
    // all its looks, and the pauses between them, in seconds
    const quick = text().replace(' -t 30 -N', ' -t 0.3 -N').replace('-lt 100 ]', '-lt 12 ]')
    mkdirSync(watching)
    writeFileSync(
      join(watching, 'systemctl'),
      `#!/bin/bash
case "$*" in
  *state=failed*) ;;
  *list-units*) cat ${inMemory} ;;
  *show*) printf 'Id=%s\\n' "\${!#}" ;;
esac`,
      { mode: 0o755 },
    )
    const start = () => {
      const quickly = join(folder, 'quick')
      writeFileSync(quickly, quick, { mode: 0o755 })
      const child = spawn('bash', [quickly, 'look'], {
        env: { PATH: `${watching}:/usr/bin:/bin` },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let out = ''
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        out += part
      })
      child.stdin.write('watch\n')
      return { child, out: () => out, looks: () => out.split('looked\n').slice(0, -1) }
    }
    const running = 'k3s.service loaded active running k3s\ncron.service loaded active running Cron\n'

    test('all of them at first, then where a state has changed, and with every tenth look, until it has looked often enough', async () => {
      writeFileSync(inMemory, running)
      const { child, out, looks } = start()
      await until('it has looked twice', () => looks().length >= 2)
      // another unit is none of its business, before it fails
      writeFileSync(inMemory, `${running}cups.service loaded active running Printers\n`)
      const quiet = looks().length + 2
      await until('it has looked again', () => looks().length >= quiet)
      expect(looks().slice(1).join('')).toBe('')
      writeFileSync(inMemory, `${running}cups.service loaded failed failed Printers\n`)
      await until('it says so', () => looks().slice(1).join('') !== '')
      if (child.exitCode === null) await once(child, 'exit')
      expect(looks().length).toBe(12)
      expect(looks()[9]).toMatch(/^Id=/)
      expect(looks().filter((look) => look !== '').length).toBe(3)
      expect(out().endsWith('looked\nend\tok\n')).toBe(true)
    })

    test.each<[string, (stdin: Writable) => void]>([
      ['has gone', (stdin) => stdin.end()],
      ['says something more', (stdin) => stdin.write('reboot\n')],
    ])('until the agent %s', async (_what, act) => {
      writeFileSync(inMemory, running)
      const { child, out, looks } = start()
      await until('it has looked', () => looks().length === 1)
      act(child.stdin)
      if (child.exitCode === null) await once(child, 'exit')
      expect(looks().length).toBeLessThan(4)
      expect(out()).not.toContain('end')
    })

    test('and not where systemd does not answer', async () => {
      writeFileSync(inMemory, '')
      const { child, out } = start()
      await once(child, 'exit')
      expect(out()).toBe('end\tfailed\n')
    })
  })

  test('reads a journal as it was asked to', () => {
    expect(ask('look', 'journal k3s.service 1700000000 50 0\n')).toEqual({
      out: '{"MESSAGE":"one"}\nend\tok\n',
      calls:
        'journalctl --quiet --no-pager --output=json --output-fields=MESSAGE,PRIORITY --all --unit=k3s.service --lines=50 --since=@1700000000\n',
    })
    expect(ask('look', 'journal ssh.service 0 0 1\n').calls).toMatch(
      /--unit=ssh\.service --lines=0 --merge --follow\n$/,
    )
  })

  test('tells which Kubernetes the unit has: here the last of those that a node may have', () => {
    expect(ask('look', 'kubernetes\n').out).toMatch(/^Id=kubelet\.service\n\nVersion=v1\.35\.1\+k3s1\nend\tok\n$/)
  })

  test('restarts a unit that keel placed, without waiting for it', () => {
    const { out, calls } = ask('act', 'restart k3s.service\n')
    expect(out).toBe('end\tok\n')
    expect(calls).toMatch(/^systemctl reset-failed -- k3s\.service\nsystemctl restart --no-block -- k3s\.service\n$/m)
  })

  test('reboots a little later, so that its answer arrives', () => {
    expect(ask('act', 'reboot\n')).toEqual({
      out: 'end\tok\n',
      calls: 'systemd-run --quiet --collect --on-active=2 --timer-property=AccuracySec=100ms -- systemctl reboot\n',
    })
  })
})

describe('drift', () => {
  const placed = (paths: readonly string[]) =>
    execFileSync(
      'bash',
      ['-c', `${contentsFunctions}${placedFunction}\nfor path; do placed "$path"; done`, '-', ...paths],
      {
        encoding: 'utf8',
      },
    )

  test('is the path and the kind of what differs, and never a content or its digest', () => {
    const there = (name: string) => join(folder, 'host', name)
    mkdirSync(there('own'), { recursive: true })
    for (const name of ['same', 'content', 'mode', 'missing', 'type', 'a b  c'])
      writeFileSync(there(name), `${name} secret\n`)
    symlinkSync('/one', there('link'))
    const names = ['same', 'content', 'mode', 'missing', 'type', 'a b  c', 'link', 'own/']
    mkdirSync(join(state, 'current'), { recursive: true })
    writeFileSync(join(state, 'current/placed'), placed(names.map(there)))
    expect(ask('look', 'drift\n').out).toBe('known\ncompared\t8\nend\tok\n')

    writeFileSync(there('content'), 'another secret\n')
    chmodSync(there('mode'), 0o600)
    rmSync(there('missing'))
    rmSync(there('type'))
    mkdirSync(there('type'))
    rmSync(there('link'))
    symlinkSync('/two', there('link'))
    chmodSync(there('own'), 0o777)
    const { out } = ask('look', 'drift\n')
    expect(out.replaceAll(join(folder, 'host'), '')).toBe(
      [
        'known',
        'differs\tcontent\t/content',
        'differs\tmode\t/mode',
        'differs\tmissing\t/missing',
        'differs\ttype\t/type',
        'differs\tcontent\t/link',
        'differs\tmode\t/own/',
        'compared\t8',
        'end\tok\n',
      ].join('\n'),
    )
    expect(out).not.toMatch(/secret|[0-9a-f]{32}/)
  })

  test('attack 6: a file that became too large to read is a difference', () => {
    const path = join(folder, 'sparse')
    mkdirSync(join(state, 'current'), { recursive: true })
    writeFileSync(path, 'small\n')
    writeFileSync(join(state, 'current/placed'), placed([path]))
    truncateSync(path, 4 * 1024 ** 4)
    expect(ask('look', 'drift\n').out).toBe(`known\ndiffers\tcontent\t${path}\ncompared\t1\nend\tok\n`)
  })

  test('is unknown where no deploy has noted what it placed', () => {
    rmSync(join(state, 'current'), { recursive: true })
    expect(ask('look', 'drift\n').out).toBe('compared\t0\nend\tok\n')
  })
})

test('attack 6: whatever hangs, an answer ends', () => {
  const hanging = join(folder, 'hanging')
  mkdirSync(hanging)
  writeFileSync(join(hanging, 'systemctl'), '#!/bin/bash\nexec sleep 15\n', { mode: 0o755 })
  const short = join(folder, 'short-limit')
  writeFileSync(short, text().replace(' --signal=KILL 60 ', ' --signal=KILL 1 '), { mode: 0o755 })
  const started = performance.now()
  const { signal } = spawnSync('bash', [short, 'act'], {
    input: 'restart k3s.service\n',
    // its child has this program's output too, and ends later
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: `${hanging}:/usr/bin:/bin` },
  })
  expect(signal).toBe('SIGKILL')
  expect(performance.now() - started).toBeLessThan(8000)
})
