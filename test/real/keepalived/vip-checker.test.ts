import { openSync, readFileSync, writeSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { placeVip } from '../../../src/parts/keepalived/place-vip.ts'
import { vrrpMemberOf } from '../../../src/parts/keepalived/vrrp-member.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { until } from '../../support/until.ts'
import { makeCertificates } from '../../support/vip/certificates.ts'
import { FakeClock } from '../../support/vip/fake-clock.ts'

const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const vip = vrrpMemberOf(
  clusterStateOf(sampleCluster([server], { vip: { address: '10.0.0.100', manager: 'keepalived' } })),
  server,
)
const apiServer = new URL('../../support/vip/api-server.ts', import.meta.url).pathname
let folder: string
let world: { readonly pid?: number | undefined; kill(signal: 'SIGKILL'): boolean }

/**
 * In the namespaces of the stand-in: its network, a /run and a k3s folder of its own, a clock, and a time since the
 * boot that the test makes go by.
 */
const inside = (script: string) =>
  execa('nsenter', ['--net', '--mount', '--target', `${world.pid}`, 'bash', '-euc', script], { env: clock.env })
let clock: FakeClock
let ticking: NodeJS.Timeout
let slept = 0
let uptime = -1
function tick(): void {
  if (uptime < 0) uptime = openSync(join(folder, 'uptime'), 'w')
  const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) + slept
  // over what is there, and as long: a reader sees one or the other
  writeSync(uptime, `${seconds.toFixed(2).padStart(12, '0')} 0.00\n`, 0)
}
function pass(seconds: number): void {
  slept += seconds
  clock.jump(slept)
  tick()
}
const state = async () =>
  Object.fromEntries(
    (await inside(`${folder}/keel-vip status`)).stdout
      .split('\n')
      .map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  )
const isFit = async () => (await state()).fit === 'yes'
const answer = (status: string) => writeFile(join(folder, 'answer'), status)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keel-vip-'))
  const program = placeVip(vip ?? expect.unreachable(), join(folder, 'keel-vip')).files[0]
  if (program === undefined) throw new Error('no program')
  await writeFile(program.path, program.content, { mode: 0o755 })
  await answer('200')
  await makeCertificates(folder, ['127.0.0.1'])
  clock = await FakeClock.start(folder)
  tick()
  ticking = setInterval(tick, 20)
  world = execa(
    'unshare',
    [
      '--net',
      '--mount',
      'bash',
      '-euc',
      `
ip link set lo up
mount -t tmpfs none /run; mount -t tmpfs none /var/lib; mount --bind ${folder}/uptime /proc/uptime
mkdir -p /var/lib/rancher/k3s/server; ln -s ${folder}/tls /var/lib/rancher/k3s/server/tls
exec ${process.execPath} ${apiServer} ${folder} > ${folder}/answers`,
    ],
    { reject: false, env: clock.env },
  )
  await until(
    'the stand-in listens',
    async () => (await inside('ss -Hltn sport = :6443').catch(() => ({ stdout: '' }))).stdout !== '',
  )
})
afterAll(async () => {
  clearInterval(ticking)
  await inside(`pkill -9 -f ${folder}/keel-vip || true`).catch(() => undefined)
  world.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Seconds until it is, or is not, fit. */
async function seconds(fit: boolean): Promise<number> {
  const from = performance.now()
  await until(`fit is ${fit}`, async () => (await isFit()) === fit, 30)
  return (performance.now() - from) / 1000
}

describe('what the checker takes for an answer', () => {
  test.each([
    ['200', 'an API server that is ready', 'true'],
    ['500', 'one that is not', 'echo 500 > answer'],
    ['silent', 'one that says nothing', ': > answer'],
    ['refused', 'one of another CA', 'cp other-ca.crt tls/server-ca.crt'],
    ['refused', 'any, while the file of the CA is empty', ': > tls/server-ca.crt'],
    ['refused', 'any, while that file is missing', 'rm tls/server-ca.crt'],
  ])('%s for %s', async (told, _who, change) => {
    await execa('bash', ['-euc', change], { cwd: folder })
    expect((await inside(`${folder}/keel-vip ask`)).stdout).toBe(told)
    await execa('bash', ['-euc', 'echo 200 > answer; cp server-ca.crt tls'], { cwd: folder })
  })
})

describe('the checker', () => {
  beforeAll(() => {
    inside(`exec ${folder}/keel-vip watch`).catch(() => undefined)
  })

  test('lets a server have the address after five healthy seconds, and not one that says 500', async () => {
    expect(await seconds(true)).toBeGreaterThan(3.5)
    await answer('500')
    expect(await seconds(false)).toBeLessThan(4)
    expect((await state()).reason).toBe('readyz answers 500')
    await answer('200')
    await seconds(true)
  })

  test('makes itself a new certificate of an hour, again and again, before one ends: hours in which nobody deploys', async () => {
    const certificate = async () => (await inside('cat /run/keel/vip/credential/certificate')).stdout
    const { change } = await state()
    const before = await readFile(join(folder, 'answers'), 'utf8')
    for (let round = 1; round <= 3; round += 1) {
      const old = await certificate()
      const shown = (await inside('openssl x509 -noout -enddate -in /run/keel/vip/credential/certificate')).stdout
      const left = (Date.parse(shown.replace('notAfter=', '')) - Date.now()) / 1000 - slept
      expect(left).toBeGreaterThan(1000)
      expect(left).toBeLessThanOrEqual(3600)
      pass(2400)
      await until('another one is there', async () => (await certificate().catch(() => old)) !== old)
    }
    const answers = (await readFile(join(folder, 'answers'), 'utf8')).slice(before.length)
    expect(answers).toMatch(/^200 /m)
    expect(answers).not.toMatch(/^401 /m)
    expect(await state()).toMatchObject({ fit: 'yes', change })
  })

  test('that has been stopped counts as one that says no, within three seconds and a bit', async () => {
    await inside(`pkill -STOP -f '${folder}/keel-vip watch'`)
    const from = performance.now()
    await until(
      'it counts as gone',
      async () => (await inside(`${folder}/keel-vip fresh && echo yes || echo no`)).stdout === 'no',
      10,
    )
    expect((performance.now() - from) / 1000).toBeLessThan(4.5)
    expect((await state()).reason).toBe('nobody watches')
    await inside(`pkill -CONT -f '${folder}/keel-vip watch'`)
  })

  test('keeps its key to root', async () => {
    expect((await inside('stat -c %a /run/keel/vip/credential/key /run/keel/vip')).stdout).toMatch(/^600\n7[05][05]$/)
    expect(await readFile(join(folder, 'keel-vip'), 'utf8')).not.toContain('curl')
  })
})
