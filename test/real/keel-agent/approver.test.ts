import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, type TestContext, test } from 'vitest'
import { heapLimits } from '../../../src/model/keel-agent/agent-program.ts'
import { agentBundle } from '../../support/agent/agent-bundle.ts'
import { type ApiMood, ApproverApi } from '../../support/agent/approver-api.ts'
import { craftedPem, dns } from '../../support/agent/crafted-request.ts'
import { CLIENT, samplePolicy, sampleSigningRequest } from '../../support/agent/sample-signing-request.ts'
import { TestCa } from '../../support/agent/test-ca.ts'
import { until } from '../../support/until.ts'

const ca = new TestCa()
afterAll(() => ca.remove())

/** `keel-agent approve`, as its unit starts it. */
class RunningApprover {
  log = ''
  readonly child: ChildProcess

  constructor(bundle: string, policy: string, name: string) {
    this.child = spawn(process.execPath, [...heapLimits, bundle, 'approve', '--config', policy], {
      env: { NODE_NAME: name },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.log += bytes.toString()
    })
  }

  isActive = () => /is the active approver\n$/.test(this.log.replace(/^.*policy.*\n/, ''))

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode
    this.child.kill(signal)
    await once(this.child, 'exit')
    return this.child.exitCode
  }

  resident(): number {
    const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }
}

async function cluster({ onTestFinished }: TestContext, apiCa = ca) {
  const api = new ApproverApi(apiCa)
  const server = await api.listen()
  const folder = mkdtempSync(join(tmpdir(), 'keel-approver-'))
  const started: RunningApprover[] = []
  onTestFinished(async () => {
    await Promise.all(started.map((approver) => approver.end()))
    await api.close()
    rmSync(folder, { recursive: true })
  })
  const path = (name: string) => join(folder, name)
  writeFileSync(path('ca.crt'), ca.pem.cert)
  writeFileSync(path('token'), `${api.token}\n`)
  const kubernetes = { server, ca: path('ca.crt'), token: path('token') }
  writeFileSync(path('approver.json'), JSON.stringify({ ...samplePolicy, kubernetes }))
  const bundle = await agentBundle()
  return {
    api,
    putToken: (token: string) => writeFileSync(path('token'), token),
    start(name: string): RunningApprover {
      const approver = new RunningApprover(bundle, path('approver.json'), name)
      started.push(approver)
      return approver
    },
    decided: (name: string) => until(`${name} is decided`, () => api.verdict(name) !== undefined),
  }
}

const good = sampleSigningRequest().spec

test.concurrent('requests from before and after its start are decided, each once, with an Event', async (context) => {
  const { api, start, decided } = await cluster(context)
  api.create('early', good)
  api.create('odd name:Ä', { ...good, expirationSeconds: 31_536_000 })
  api.create('theirs', { ...good, username: 'ada', groups: [], signerName: 'example.com/mine' })
  const approver = start('ocean')
  await decided('early')
  await decided('odd name:Ä')
  api.create('late', { ...good, signerName: CLIENT })
  await decided('late')
  expect(['early', 'odd name:Ä', 'late', 'theirs'].map((name) => api.verdict(name))).toEqual([
    'Approved AllowedByInventory',
    'Denied LifetimeNotAllowed',
    'Denied SignerNotAllowed',
    undefined,
  ])
  await until('three Events', () => api.events.length === 3)
  expect(api.events.map(({ reason, type, action }) => [reason, type, action])).toEqual([
    ['AllowedByInventory', 'Normal', 'Approve'],
    ['LifetimeNotAllowed', 'Warning', 'Deny'],
    ['SignerNotAllowed', 'Warning', 'Deny'],
  ])
  expect(api.events[0]).toMatchObject({ regarding: { name: 'early', uid: 'uid-early' } })
  expect(approver.log).toContain('<6>approved early: the inventory allows it to maia\n')
  expect(approver.log).toContain('<4>denied (LifetimeNotAllowed) odd name:Ä: maia asks for 31536000 s')
  expect(await approver.end()).toBe(0)
  expect(api.lease?.spec?.holderIdentity).toBe('')
})

test.concurrent('of two, one is active; the other takes over: at once where it ends, else when the Lease has ended', async (context) => {
  const { api, start, decided } = await cluster(context)
  const first = start('ocean')
  await until('it is active', first.isActive)
  const second = start('bay')
  const third = start('cove')
  api.create('one', good)
  await decided('one')
  expect([second.isActive(), third.isActive()]).toEqual([false, false])
  await first.end('SIGTERM')
  await until('another is active', () => second.isActive() || third.isActive(), 8)
  const [active, waiting] = second.isActive() ? [second, third] : [third, second]
  const killed = performance.now()
  await active.end('SIGKILL')
  api.create('two', good)
  await until('the last one is active', waiting.isActive, 30)
  const seconds = (performance.now() - killed) / 1000
  expect(seconds).toBeGreaterThan(10)
  console.log(`a killed approver: the next one is active after ${seconds.toFixed(1)} s`)
  await decided('two')
  expect(api.lease?.spec).toMatchObject({ leaseTransitions: 2, leaseDurationSeconds: 15 })
})

test.concurrent('a node that floods is denied, and others are not; nor does a restart forget it', async (context) => {
  const { api, start, decided } = await cluster(context)
  for (let request = 0; request < 300; request++) api.create(`flood-${request}`, good)
  const reef = craftedPem({ names: [dns('reef')] })
  const approver = start('ocean')
  await until('it is denied', () => api.verdict('flood-0') !== undefined)
  api.create('other', { ...good, username: 'system:node:reef', request: Buffer.from(reef).toString('base64') })
  await decided('other')
  // its subject is another one, but it was looked at while the flood waited
  expect(api.verdict('other')).toBe('Denied SubjectNotAllowed')
  expect([...api.requests.keys()].filter((name) => api.verdict(name) === undefined).length).toBeGreaterThan(50)
  expect(api.verdict('flood-0')).toBe('Denied TooManyRequests')
  await approver.end()
  start('ocean')
  api.create('again', good)
  await decided('again')
  expect(api.verdict('again')).toBe('Denied TooManyRequests')
  expect(api.events.filter(({ reason }) => reason === 'TooManyRequests').length).toBeLessThanOrEqual(2)
})

test.concurrent('attack 6: a request that can never be decided delays no other', async (context) => {
  const { api, start, decided } = await cluster(context)
  api.undecidable.add('poison')
  api.create('poison', good)
  const approver = start('ocean')
  const tries = () => api.asked.filter((question) => question.endsWith('/poison/approval')).length
  await until('it was tried five times', () => tries() === 5, 30)
  const created = performance.now()
  api.create('other', good)
  await decided('other')
  // the next try of the first one is more than six seconds later
  expect(performance.now() - created).toBeLessThan(3000)
  expect(approver.log.match(/can't decide poison/g)).toHaveLength(1)
  api.undecidable.clear()
  await until('it is decided', () => api.verdict('poison') !== undefined, 30)
})

test.concurrent('attack 6: a request that is too long to read delays no other', async (context) => {
  const { api, start, decided } = await cluster(context)
  const approver = start('ocean')
  await until('it is active', approver.isActive)
  api.create('one', good)
  await decided('one')
  api.create('huge', { ...good, request: 'A'.repeat(5_000_000) })
  api.create('two', good)
  await decided('two')
  await approver.end()
  start('ocean')
  api.create('three', good)
  await decided('three')
  expect(api.verdict('huge')).toBe(undefined)
})

test.concurrent('a token is read anew, and is in no log', async (context) => {
  const { api, start, putToken, decided } = await cluster(context)
  api.token = 'another'
  const approver = start('ocean')
  await until('it is refused', () => approver.log.includes('the API server answered 401'))
  putToken('')
  await until('it has none', () => approver.log.includes('the host has no token for the approver yet'))
  putToken('another')
  await until('it is active', () => approver.log.includes('ocean is the active approver'))
  api.create('one', good)
  await decided('one')
  expect(approver.log).not.toMatch(/sesame|another/)
})

test.concurrent('a token that the API server goes on refusing: it ends, so that its units start anew', async (context) => {
  const { api, start } = await cluster(context)
  api.token = 'of an account that was created anew'
  const approver = start('ocean')
  await until('it has ended', () => approver.child.exitCode !== null, 30)
  expect(approver.child.exitCode).toBe(0)
  expect(approver.log).toContain('the API server refuses the token: the approver ends, to start with a new one')
})

test.concurrent.for<[ApiMood, RegExp]>([
  ['500', /the API server answered 500: etcdserver: request timed out/],
  ['garbage', /the API server answered 200/],
  ['silent', /the API server does not answer/],
  ['endless', /the API server (does not answer|stopped|sent an answer that is too long)/],
  ['redirect', /the API server answered 307/],
])(
  'attack 6: an API server that is %s: the approver says so, and works when it is well again',
  async ([mood, told], context) => {
    const { api, start, decided } = await cluster(context)
    const other = new ApproverApi(ca)
    api.elsewhere = await other.listen()
    context.onTestFinished(() => other.close())
    const approver = start('ocean')
    await until('it is active', approver.isActive)
    api.mood = mood
    api.cutWatches()
    await until('it is told', () => told.test(approver.log), 20)
    // its unit ends it at 256 MB
    expect(approver.resident()).toBeLessThan(190 * 1024 * 1024)
    api.mood = 'well'
    api.create('one', good)
    await decided('one')
    expect(approver.child.exitCode).toBe(null)
    expect(other.asked).toEqual([])
  },
)

test.concurrent.for<[ApiMood]>([['gone'], ['conflict']])('%s: it looks again, at once', async ([mood], context) => {
  const { api, start, decided } = await cluster(context)
  const approver = start('ocean')
  await until('it is active', approver.isActive)
  api.mood = mood
  api.create('one', good)
  await decided('one')
  api.cutWatches()
  api.create('two', good)
  await decided('two')
})

test.concurrent('attack 6: an API server of another CA gets no token', async (context) => {
  const other = new TestCa()
  const { api, start } = await cluster(context, other)
  const approver = start('ocean')
  await until('it is told', () => /the API server does not answer \(\w+\)/.test(approver.log))
  expect(api.asked).toEqual([])
  other.remove()
})

test.concurrent('it asks for nothing that its account may not do', async (context) => {
  const { api, start, decided } = await cluster(context)
  start('ocean')
  api.create('one', good)
  await decided('one')
  await until('an Event', () => api.events.length === 1)
  const lease = 'leases/keel-approver'
  expect(
    [...new Set(api.asked)]
      .map((question) => question.replace('/apis/coordination.k8s.io/v1/namespaces/keel-system/', ''))
      // where it takes longer than two seconds, the Lease is renewed meanwhile
      .filter((question) => question !== `PUT ${lease}`)
      .toSorted(),
  ).toEqual(
    [
      `GET ${lease}`,
      'POST leases',
      'GET /apis/certificates.k8s.io/v1/certificatesigningrequests',
      'GET /apis/certificates.k8s.io/v1/certificatesigningrequests/one',
      'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/one/approval',
      'POST /apis/events.k8s.io/v1/namespaces/default/events',
    ].toSorted(),
  )
})
