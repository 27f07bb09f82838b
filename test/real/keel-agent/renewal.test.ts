import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, type TestContext, test } from 'vitest'
import { CsrApi, type Mood } from '../../support/agent/csr-api.ts'
import { RunningAgent } from '../../support/agent/running-agent.ts'
import { TestCa } from '../../support/agent/test-ca.ts'
import { freePort } from '../../support/hosts/ssh-host.ts'
import { until } from '../../support/until.ts'

const ca = new TestCa()
afterAll(() => ca.remove())
const first = ca.sign({ subject: '/CN=maia', usage: 'serverAuth' })
const node = ca.sign({ subject: '/O=system:nodes/CN=system:node:maia', usage: 'clientAuth' })
const viewer = ca.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })

const INITIALIZED = '✓ K8s operational certificates initialized'

const byNode = { 'client-certificate': 'node.crt', 'client-key': 'node.key' }

/** A machine with an agent that is not started yet, and an API server. Tests run at the same time: they mostly wait. */
async function machine({ onTestFinished }: TestContext, apiCa = ca) {
  const agent = new RunningAgent(await freePort())
  const api = new CsrApi(apiCa)
  const server = await api.listen()
  onTestFinished(async () => {
    await agent.remove()
    await api.close()
  })
  agent.put({ first, clientCa: ca.pem.cert })
  writeFileSync(agent.path('node.crt'), node.cert)
  writeFileSync(agent.path('node.key'), node.key)
  return {
    agent,
    api,
    /** As keel writes it, with paths in its own folder. */
    putKubeconfig(user: object = byNode, name = 'kubeconfig'): void {
      const clusters = [{ name: 'node', cluster: { server, 'certificate-authority': 'ca.crt' } }]
      const contexts = [{ name: 'keel-agent', context: { cluster: 'node', user: 'keel-agent' } }]
      const users = [{ name: 'keel-agent', user }]
      writeFileSync(agent.path(name), JSON.stringify({ clusters, contexts, users, 'current-context': 'keel-agent' }))
    },
    async serving(): Promise<string> {
      const anyName = { checkServerIdentity: () => undefined }
      return JSON.parse((await agent.get('/v1/certificates', viewer, ca.pem.cert, anyName)).body).serving
    },
    initialized: () => until('it is initialized', () => agent.log.includes(INITIALIZED)),
  }
}

test.concurrent('an agent before there is a cluster gets its certificate when the cluster comes', async (context) => {
  const { agent, api, putKubeconfig, serving, initialized } = await machine(context)
  await agent.start({ names: ['192.0.2.7', 'fd00::7', 'maia.example'] })
  expect(await serving()).toBe('first')
  putKubeconfig()
  await initialized()
  await until('it is served', async () => (await serving()) === 'operational')
  const [asked] = api.asked
  expect(asked?.name).toMatch(/^keel-agent-maia-/)
  expect(asked?.spec).toMatchObject({
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    expirationSeconds: 604_800,
  })
  const text = ca.describeRequest(asked?.request ?? '')
  expect(text).toContain('Subject: CN=system:node:maia,O=system:nodes')
  expect(text).toContain('DNS:maia, IP Address:192.0.2.7, IP Address:FD00:0:0:0:0:0:0:7, DNS:maia.example')
  expect(statSync(agent.path('operational.key')).mode & 0o777).toBe(0o600)
  expect(statSync(agent.path('operational.pem')).mode & 0o777).toBe(0o600)
})

test.concurrent('a certificate is renewed before it ends, under another name, with another key', async (context) => {
  const { agent, api, putKubeconfig, serving, initialized } = await machine(context)
  api.lifetime = 20
  putKubeconfig()
  await agent.start()
  await initialized()
  const before = readFileSync(agent.path('operational.key'), 'utf8')
  await until('a second request', () => api.asked.length === 2)
  await until('another key', () => readFileSync(agent.path('operational.key'), 'utf8') !== before)
  expect(await serving()).toBe('operational')
  expect(new Set(api.asked.map(({ name }) => name)).size).toBe(2)
})

test.concurrent.for([
  ['KUBECONFIG before all others', 'elsewhere', byNode, 'nowhere'],
  ['a token, read anew each time', 'kubeconfig', { tokenFile: 'token' }, 'sesame'],
] as const)('credentials: %s', async ([_what, file, user, token], context) => {
  const { agent, api, putKubeconfig, initialized } = await machine(context)
  api.token = token
  writeFileSync(agent.path('token'), `${token}\n`)
  putKubeconfig(user, file)
  await agent.start({}, file === 'elsewhere' ? { KUBECONFIG: agent.path(file) } : {})
  await initialized()
  expect(agent.log).not.toContain(token)
})

test.concurrent('with one role for all, an agent approves its own request', async (context) => {
  const { agent, api, putKubeconfig, initialized } = await machine(context)
  api.mood = 'waits for approval'
  putKubeconfig()
  await agent.start({ kubernetes: { kubeconfig: agent.path('kubeconfig'), approvesOwn: true } })
  await initialized()
  expect(api.asked.map(({ isApproved }) => isApproved)).toEqual([true])
})

describe('attack 6: an API server that', () => {
  test.concurrent.for<[Mood, RegExp]>([
    ['500', /the API server answered 500: etcdserver: request timed out/],
    ['garbage', /the API server answered 200/],
    ['denies', /keel-agent-maia-\w+ was refused: not a node of ours/],
    ['another key', /the certificate from Kubernetes is of another key/],
    ['silent', /the API server does not answer \(\w+\)/],
    ['upgrade', /the API server ended the connection without an answer/],
    ['endless', /the API server sent an answer that is too long/],
  ])(
    '%s: the agent says so, serves on, and gets its certificate when it is well again',
    async ([mood, told], context) => {
      const { agent, api, putKubeconfig, serving, initialized } = await machine(context)
      api.mood = mood
      putKubeconfig()
      await agent.start()
      await until('it is told', () => told.test(agent.log))
      expect(agent.log).toMatch(/the next try is in [456] s$/m)
      expect(await serving()).toBe('first')
      // its unit ends it at 256 MB
      expect(agent.resident()).toBeLessThan(190 * 1024 * 1024)
      api.mood = 'signs'
      await initialized()
    },
  )
})

test.concurrent('a look that fails abandons no request that waits for its approval', async (context) => {
  const { agent, api, putKubeconfig, initialized } = await machine(context)
  api.failingLooks = 2
  putKubeconfig()
  await agent.start()
  await initialized()
  expect(api.failingLooks).toBe(0)
  expect(api.asked.length).toBe(1)
  expect(agent.log).not.toContain('no new operational certificate')
})

test.concurrent('a kubeconfig that can’t be used is told, in the log and as the reason why it is not ready', async (context) => {
  const { agent, putKubeconfig, initialized } = await machine(context)
  writeFileSync(agent.path('kubeconfig'), '{}')
  await agent.start()
  const told = `${agent.path('kubeconfig')} is no kubeconfig that the agent can use`
  const reason = async () => JSON.parse((await agent.get('/v1/ready', viewer, ca.pem.cert)).body).checks[0].detail
  await until('it is told', () => agent.log.includes(`<4>${told}\n`))
  expect(await reason()).toBe(told)
  putKubeconfig({ 'client-certificate': 'gone.crt', 'client-key': 'gone.key' })
  const missing = `${agent.path('kubeconfig')} refers to credentials that are not there`
  await until('the other reason is told', async () => (await reason()) === missing)
  putKubeconfig()
  await initialized()
  // once, and not at each look
  expect(agent.log.split(told).length).toBe(2)
})

test.concurrent('attack 6: a certificate that lasts longer than requested is not taken', async (context) => {
  const { agent, api, putKubeconfig, serving, initialized } = await machine(context)
  api.lifetime = 10 * 365 * 24 * 60 * 60
  putKubeconfig()
  await agent.start()
  await until('it is told', () => agent.log.includes('is valid for longer than requested; the next try is in'))
  expect(await serving()).toBe('first')
  api.lifetime = 3600
  await initialized()
})

test.concurrent('attack 6: an API server of another CA gets no request and no token', async (context) => {
  const other = new TestCa()
  const { agent, api: stranger, putKubeconfig } = await machine(context, other)
  putKubeconfig({ tokenFile: 'token' })
  writeFileSync(agent.path('token'), 'sesame')
  await agent.start()
  await until('it is refused', () => /the API server does not answer \(\w+\)/.test(agent.log))
  expect(stranger.asked).toEqual([])
  other.remove()
})

test.concurrent('its log has no key, token or certificate, and the hunt would find them', async (context) => {
  const { agent, putKubeconfig, initialized } = await machine(context)
  putKubeconfig()
  await agent.start()
  await initialized()
  const key = readFileSync(agent.path('operational.key'), 'utf8')
  for (const secret of [key, node.key, first.key]) {
    const [, line = ''] = secret.split('\n')
    expect(line.length).toBeGreaterThan(40)
    expect(agent.log).not.toContain(line.slice(0, 20))
  }
  expect(agent.log).not.toContain('BEGIN')
})
