import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { KubectlStandIn } from '../../support/vkubelet/kubectl-stand-in.ts'

/** The real kubectl, which speaks SPDY/3.1 by the library of Kubernetes, with the codec and the sessions. */
const folder = mkdtempSync(join(tmpdir(), 'keel-kubectl-'))
afterAll(() => rmSync(folder, { recursive: true }))

let standIn: KubectlStandIn
let server: string
beforeEach(async () => {
  standIn = new KubectlStandIn()
  server = await standIn.listen()
})
afterEach(() => standIn.close())

const env = { HOME: folder, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }
const kubectl = (args: readonly string[], options = {}) =>
  execa('kubectl', [`--server=${server}`, ...args], { env, reject: false, ...options })

test('exec: output on both streams, and the exit code', async () => {
  const found = await kubectl(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])
  expect(found).toMatchObject({ stdout: 'out', exitCode: 7 })
  expect(found.stderr).toContain('err')
  expect(standIn.asked).toContain('POST /api/v1/namespaces/default/pods/web/exec SPDY/3.1')
})

test('exec: a program that is not there', async () => {
  const found = await kubectl(['exec', 'web', '--', '/no/such/program'])
  expect(found.exitCode).toBe(1)
  expect(found.stderr).toContain('ENOENT')
})

test('exec: 20 MB through a command and back, byte for byte', async () => {
  const input = randomBytes(20_000_000)
  const digest = createHash('sha256').update(input).digest('hex')
  const { stdout, exitCode } = await kubectl(['exec', '-i', 'web', '--', 'cat'], { input, encoding: 'buffer' })
  expect(exitCode).toBe(0)
  expect(
    createHash('sha256')
      .update(Buffer.from(stdout as unknown as Uint8Array))
      .digest('hex'),
  ).toBe(digest)
})

test('exec: a command whose client is killed is told so', async () => {
  const client = kubectl(['exec', 'web', '--', 'sh', '-c', 'echo ready; sleep 600'])
  await new Promise((resolve) => client.stdout?.once('data', resolve))
  client.kill('SIGKILL')
  await client
  await until('the command is told', () => standIn.gone === 1)
})

test('cp: a file in, and out again', async () => {
  const there = join(folder, 'there')
  const text = `${'line\n'.repeat(5_000)}end`
  writeFileSync(join(folder, 'here'), text)
  expect(await kubectl(['cp', join(folder, 'here'), `web:${there}`])).toMatchObject({ exitCode: 0 })
  expect(readFileSync(there, 'utf8')).toBe(text)
  expect(await kubectl(['cp', `web:${there}`, join(folder, 'back')])).toMatchObject({ exitCode: 0 })
  expect(readFileSync(join(folder, 'back'), 'utf8')).toBe(text)
})

test('port-forward: several connections at once, and one to a port where nobody listens', async () => {
  const web = createServer((request, response) => response.end(`you asked for ${request.url}`))
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const { port } = web.address() as AddressInfo
  const client = kubectl(['port-forward', 'pod/web', `:${port}`, ':1'])
  try {
    const local: number[] = []
    await new Promise<void>((resolve) => {
      client.stdout?.on('data', (text: Buffer) => {
        for (const [, found = ''] of `${text}`.matchAll(/127\.0\.0\.1:(\d+) -> /g)) local.push(Number(found))
        if (local.length === 2) resolve()
      })
    })
    const [first = 0, second = 0] = local
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => textOf(`http://127.0.0.1:${first}${path}`)))
    expect(answers).toEqual(['you asked for /a', 'you asked for /b', 'you asked for /c'])
    const refused = connect(second, '127.0.0.1')
    refused.on('error', () => undefined)
    const { stderr } = await client
    expect(stderr).toContain('nobody listens on port 1')
  } finally {
    client.kill('SIGKILL')
    web.closeAllConnections()
    web.close()
  }
})

function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      resolve(Buffer.concat(parts).toString())
    }).on('error', reject)
  })
}
