import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LabOf } from '../../src/lab/description.ts'
import { readK3sLab } from '../support/lab/k3s-lab.ts'
import { until } from '../support/until.ts'
import { changesOf, type Machine, machineNow } from './machine.ts'

const keelProgram = fileURLToPath(new URL('../../bin/keel.js', import.meta.url))
const [one, two, cut] = ['e2e-one', 'e2e-two', 'e2e-cut']
const ours = (lab: string) => [one, two, cut].includes(lab)

let state = ''
let env: Record<string, string> = {}
let before: Machine

const start = (...args: string[]) =>
  execa(process.execPath, [keelProgram, 'lab', ...args], { env, reject: false, stdin: 'ignore' })
async function keel(...args: string[]): Promise<string> {
  const started = performance.now()
  const { exitCode, stdout, stderr } = await start(...args)
  expect(exitCode, stderr).toBe(0)
  console.log(`keel lab ${args.join(' ')}: ${((performance.now() - started) / 1000).toFixed(2)} s`)
  return stdout
}
const on = (host: string, command: string, name = one) => keel('ssh', '--name', name, host, command)

/** Looks again until `condition` holds; ends at once with what `up` said if that ended first. */
async function whileUp(
  what: string,
  up: ReturnType<typeof start>,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  let ended: string | undefined
  up.then(({ stderr }) => {
    ended = stderr
  })
  const look = async () => {
    if (await condition()) return true
    if (ended !== undefined) throw new Error(`\`lab up\` ended before ${what}: ${ended}`)
    return false
  }
  await until(what, look, 600, 5)
}

/** Processes that name the tests' state directory in their command line: supervisors, nspawn, ssh. */
const processesLeft = () =>
  readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id) && id !== `${process.pid}`)
    .flatMap((id) => {
      try {
        const argv = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return argv.includes(`${state}/`) ? [argv] : []
      } catch {
        return []
      }
    })

async function expectNothingLeft(name: string): Promise<void> {
  const now = await machineNow((lab) => lab === name)
  const named = [...now.interfaces, ...now.namespaces, ...now.cgroups, ...now.mounts].filter((entry) =>
    entry.includes(name),
  )
  expect(named).toEqual([])
  expect(existsSync(join(state, name))).toBe(false)
  expect(processesLeft().filter((argv) => argv.includes(name))).toEqual([])
}

beforeAll(async () => {
  before = await machineNow(ours)
  state = await mkdtemp('/dev/shm/keel-lab-test-')
  // hosts are under test here, not what runs on them
  const k3s = join(state, '.k3s')
  await writeFile(k3s, '#!/bin/sh\necho "k3s version v1.36.3+test (none)"\n')
  await chmod(k3s, 0o755)
  env = { KEEL_LAB_STATE: state, KEEL_LAB_K3S: k3s }
})

afterAll(async () => {
  for (const name of [one, two, cut]) await start('down', '--name', name)
  await rm(state, { recursive: true })
})

describe('a lab of two hosts', () => {
  let lab: LabOf<'k3s'>

  test('comes up, once', async () => {
    await keel('up', '--name', one)
    lab = await readK3sLab(one, env)
    expect(lab.hosts.map(({ name, role }) => `${name} ${role}`)).toEqual(['server-1 server', 'agent-1 agent'])
    expect(lab.k3s).toMatchObject({ version: 'v1.36.3+test', kind: 'named' })
    expect((await stat(lab.identity)).mode & 0o777).toBe(0o600)
    const again = await start('up', '--name', one)
    expect(again).toMatchObject({ exitCode: 2 })
    expect(again.stderr).toContain(`lab ${one} is up`)
  })

  test('whose hosts are whole systems, with the keys that the lab says', async () => {
    for (const { name, hostKey } of lab.hosts) {
      expect(
        await on(name, 'systemctl is-system-running --wait; hostname; cat /etc/ssh/ssh_host_ed25519_key.pub'),
      ).toBe(`running\n${name}\n${hostKey}`)
    }
  })

  test('where a memory limit is real', async () => {
    const eat = (limit: string) =>
      `systemd-run --quiet --wait --pipe ${limit} bash -c 'head --bytes=120M /dev/zero | tail --bytes=100M > /dev/null'; echo $?`
    expect(await on('server-1', eat(''))).toBe('0')
    // 128 + SIGKILL: the kernel's, of the process that went over
    expect(await on('server-1', eat('-p MemoryMax=30M -p MemorySwapMax=0 -p OOMPolicy=continue'))).toBe('137')
  })

  test('where containerd has the images, and runs one', async () => {
    expect(lab.images).toEqual(['localhost/pause:1', 'localhost/tiny:1'])
    for (const { name } of lab.hosts)
      expect(await on(name, 'ctr -n k8s.io run --rm localhost/tiny:1 hello /tiny echo hello')).toBe('hello')
  })

  test('whose hosts reach one another, and their sysctls are not the machine’s', async () => {
    await on('server-1', `ping -c 1 -W 2 ${lab.hosts[1]?.nodeIP}`)
    await on('server-1', 'sysctl -w vm.overcommit_memory=1 kernel.panic=77')
    expect(await on('server-1', 'sysctl -n vm.overcommit_memory kernel.panic')).toBe('1\n77')
    expect(readFileSync('/proc/sys/kernel/panic', 'utf8').trim()).toBe(before.sysctls['kernel.panic'])
  })

  test('that keep what they have over a reboot, and come back as they were', async () => {
    const boot = await on(
      'server-1',
      'echo kept > /var/lib/kept; sync; ip link add made-by-hand type dummy; systemctl show -p UserspaceTimestampMonotonic --value',
    )
    await keel('reboot', '--name', one, 'server-1')
    expect(
      await on('server-1', 'systemctl is-system-running --wait; cat /var/lib/kept; ls /sys/class/net | xargs'),
    ).toBe('running\nkept\neth0 lo')
    expect(await on('server-1', 'systemctl show -p UserspaceTimestampMonotonic --value')).not.toBe(boot)
    expect(await on('server-1', 'ctr -n k8s.io images ls -q name==localhost/tiny:1')).toBe('localhost/tiny:1')
  })

  test('of which one loses its power, and boots again', async () => {
    const states = async () =>
      JSON.parse(await keel('status', '--json', '--name', one)).labs[0].hosts.map(
        (host: { state: string }) => host.state,
      )
    await on('agent-1', 'echo kept > /var/lib/kept')
    await keel('power-off', '--name', one, 'agent-1')
    expect(await states()).toEqual(['running', 'off'])
    await keel('start', '--name', one, 'agent-1')
    expect(await states()).toEqual(['running', 'running'])
    expect(await on('agent-1', 'cat /var/lib/kept')).toBe('kept')
  })

  test('of which one is reset: it boots again without having been shut down', async () => {
    await on('agent-1', 'logger before-reset; echo kept > /var/lib/kept; journalctl --sync')
    await keel('reset', '--name', one, 'agent-1')
    expect(await on('agent-1', 'cat /var/lib/kept')).toBe('kept')
    expect(
      await on('agent-1', 'journalctl --boot=-1 --quiet --grep="Reached target .*reboot.target" || echo not shut down'),
    ).toBe('not shut down')
  })

  test('of which one loses its network cable, and gets it back', async () => {
    const hears = () => on('server-1', `ping -c 1 -W 1 ${lab.hosts[1]?.nodeIP} > /dev/null && echo yes || echo no`)
    expect(await hears()).toBe('yes')
    await keel('cut', '--name', one, 'agent-1')
    expect(await hears()).toBe('no')
    await keel('heal', '--name', one, 'agent-1')
    expect(await hears()).toBe('yes')
  })

  test('whose journals can be read', async () => {
    await on('server-1', 'systemd-run --quiet --wait --unit=greeter echo hello from the journal')
    expect(await keel('logs', '--name', one, '--unit', 'greeter', 'server-1')).toContain('hello from the journal')
  })

  test('beside which a second one lives', async () => {
    await keel('up', '--name', two, '--servers', '1', '--agents', '0')
    const other = await readK3sLab(two, env)
    expect(other.subnet).not.toBe(lab.subnet)
    expect(await on('server-1', 'hostname -I', two)).toContain(other.hosts[0]?.nodeIP)
    await keel('down', '--name', two)
    await expectNothingLeft(two)
    expect(await on('agent-1', 'hostname')).toBe('agent-1')
  })

  test('and that goes without a trace', async () => {
    await keel('down', '--name', one)
    await expectNothingLeft(one)
  })
})

describe('a `lab up` that is cut short', () => {
  const moments: readonly [string, () => boolean | Promise<boolean>][] = [
    ['its state is begun', () => existsSync(join(state, cut))],
    ['its network is laid', async () => (await machineNow((lab) => lab === cut)).interfaces.includes(`keel-${cut}`)],
    ['its hosts are booting', () => existsSync(join(state, cut, 'hosts', 'agent-2', 'console.log'))],
  ]

  test.each(moments)('by kill -9 when %s: `down` leaves nothing', async (what, reached) => {
    const up = start('up', '--name', cut, '--agents', '2')
    await whileUp(what, up, reached)
    up.kill('SIGKILL')
    expect((await up).signal).toBe('SIGKILL')
    await keel('down', '--name', cut)
    await expectNothingLeft(cut)
  })

  test('by kill -9: the next `up` clears the way by itself', async () => {
    const up = start('up', '--name', cut, '--agents', '2')
    await whileUp('its hosts are booting', up, () => existsSync(join(state, cut, 'hosts', 'server-1', 'console.log')))
    up.kill('SIGKILL')
    await up
    await keel('up', '--name', cut, '--agents', '0')
    expect(await on('server-1', 'hostname', cut)).toBe('server-1')
    await keel('down', '--name', cut)
    await expectNothingLeft(cut)
  })

  test('by ctrl-C: it clears up itself and says so', async () => {
    const up = start('up', '--name', cut, '--agents', '2')
    await whileUp('its hosts are booting', up, () => existsSync(join(state, cut, 'hosts', 'server-1', 'console.log')))
    up.kill('SIGINT')
    expect(await up).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('interrupted') })
    await expectNothingLeft(cut)
  })

  test('while another `up` or `down` of the same lab is refused or waits', async () => {
    const first = start('up', '--name', cut, '--agents', '0')
    await whileUp('its state is begun', first, () => existsSync(join(state, cut)))
    const down = start('down', '--name', cut)
    expect(await first).toMatchObject({ exitCode: 0 })
    expect(await down).toMatchObject({ exitCode: 0 })
    await expectNothingLeft(cut)
  })
})

test('the machine is as it was before', async () => {
  expect(changesOf(before, await machineNow(ours))).toEqual([])
})
