import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { vrrpMemberOf } from '../../src/desired/vip.ts'
import { placeVip } from '../../src/targets/vip/place-vip.ts'
import { until } from '../support/lab-host.ts'
import { sampleCluster, sampleHost } from '../support/sample-cluster.ts'

const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const vip = vrrpMemberOf(sampleCluster([server], { vip: { address: '10.0.0.100', manager: 'keepalived' } }), server)
const apiServer = new URL('../support/vip/api-server.ts', import.meta.url).pathname
let folder: string
let world: { readonly pid?: number | undefined; kill(signal: 'SIGKILL'): boolean }

/** In the namespaces of the stand-in: its network, and a /run and a k3s folder of its own. */
const inside = (script: string, env: Readonly<Record<string, string>> = {}) =>
  execa('nsenter', ['--net', '--mount', '--target', `${world.pid}`, 'bash', '-euc', script], { env })
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
  const program = placeVip(vip, join(folder, 'keel-vip')).files[0]
  if (program === undefined) throw new Error('no program')
  await writeFile(program.path, program.content, { mode: 0o755 })
  await mkdir(join(folder, 'tls'))
  await answer('200')
  const ca = (name: string) =>
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`
  await execa('bash', [
    '-euc',
    `cd ${folder}
${ca('server-ca')}; ${ca('client-ca')}; ${ca('other-ca')}
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=k3s -keyout server.key -out server.csr
openssl x509 -req -in server.csr -CA server-ca.crt -CAkey server-ca.key -days 9 -extfile <(echo subjectAltName=IP:127.0.0.1) -out server.crt
cp server-ca.crt client-ca.crt client-ca.key tls`,
  ])
  world = execa(
    'unshare',
    [
      '--net',
      '--mount',
      'bash',
      '-euc',
      `
ip link set lo up
mount -t tmpfs none /run; mount -t tmpfs none /var/lib
mkdir -p /var/lib/rancher/k3s/server; ln -s ${folder}/tls /var/lib/rancher/k3s/server/tls
exec ${process.execPath} ${apiServer} ${folder}`,
    ],
    { reject: false },
  )
  await until(
    'the stand-in listens',
    async () => (await inside('ss -Hltn sport = :6443').catch(() => ({ stdout: '' }))).stdout !== '',
  )
})
afterAll(async () => {
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

  test('goes on when its certificate is of another time, as after a jump of the clock', async () => {
    const before = (await state()).change
    await inside(`cd /run/keel/vip/credential
openssl req -new -key key -subj /CN=keel-vip-checker -out request
: > index; openssl ca -batch -notext -config <(sed 's#/run/keel/vip/credential.new#/run/keel/vip/credential#' config) -cert ${folder}/client-ca.crt -keyfile ${folder}/client-ca.key -in request -out certificate -startdate 20200101000000Z -enddate 20200102000000Z`)
    const expired = await inside('cat /run/keel/vip/credential/certificate')
    await until(
      'it has made a new one',
      async () => (await inside('cat /run/keel/vip/credential/certificate').catch(() => expired)).stdout !== expired.stdout,
    )
    expect(await isFit()).toBe(true)
    expect((await state()).change).toBe(before)
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
