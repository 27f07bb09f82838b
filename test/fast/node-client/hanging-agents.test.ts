import type { RequestListener } from 'node:http'
import type { Server } from 'node:https'
import { afterEach, describe, expect, test } from 'vitest'
import type { HostName } from '../../../src/model/brands.ts'
import { clientCertificate } from '../../../src/node-client/client-certificate.ts'
import { askReports } from '../../../src/node-client/host-reports.ts'
import { type AgentPlace, streamOf } from '../../../src/node-client/node-client.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { fakeAgent, shownBy } from '../../support/keel-agent/fake-agent.ts'

/** Agents that show the right certificate, and then hang or speak something else. */
const ca = makeAgentCa(Date.now())
const servers: Server[] = []
const waiting: NodeJS.Timeout[] = []

afterEach(() => {
  for (const timer of waiting.splice(0)) clearInterval(timer)
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function place(name: string, answer: RequestListener): Promise<AgentPlace> {
  const shown = shownBy({ ca, name: `system:node:${name}`, names: [name] })
  const { port, server } = await fakeAgent(shown, ca.certificate, answer)
  servers.push(server)
  return { host: { name: name as HostName, address: { user: 'root', host: '127.0.0.1', port: 22 }, nodeIPs: [] }, port }
}

const access = (patience = { start: 2_000, silence: 300, whole: 1_000 }) => ({
  cas: { agentCa: ca.certificate },
  client: clientCertificate(ca, { name: 'test', role: 'viewer', lasts: 60_000 }, Date.now()),
  signal: new AbortController().signal,
  patience,
})

const certificates = {
  serving: 'first',
  certificates: [{ name: 'first', state: 'usable', ends: '2027-01-01T00:00:00.000Z', subject: 'CN=system:node:maia' }],
}
const line = '{"time":"2026-01-01T00:00:00.000000Z","unit":"k3s.service","priority":6,"message":"a"}\n'

const silent: RequestListener = (_, response) => {
  response.writeHead(200)
  response.write('{')
}
const dripping: RequestListener = (_, response) => {
  response.writeHead(200)
  waiting.push(setInterval(() => response.write(' '), 100))
}
const never: RequestListener = () => undefined
const raw =
  (text: string): RequestListener =>
  ({ socket }) =>
    void socket.end(text)

test.each<[string, RequestListener, string]>([
  ['never answers', never, 'agent-unreachable'],
  ['is silent after its headers', silent, 'agent-unreachable'],
  ['drips its answer', dripping, 'agent-unreachable'],
  [
    'switches to another protocol',
    raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    'agent-answer',
  ],
  ['speaks no HTTP', raw('\u001b[31mgarbage\r\n\r\n'), 'agent-answer'],
])('attack 3: an agent that %s is the fault of its host alone', async (_, answer, code) => {
  const places = [
    await place('ocean', answer),
    await place('maia', (_, response) => response.end(JSON.stringify(certificates))),
  ]
  // the one that answers gets so much time because it shares a busy machine with other tests
  const patience = { start: 5_000, silence: 3_000, whole: 5_000 }
  expect(await askReports(places, access(patience), ['certificates'])).toMatchObject({
    hosts: [
      { host: 'ocean', fault: { code } },
      { host: 'maia', certificates },
    ],
  })
})

test('an agent of a busy machine is waited for, once it has shown who it is', async () => {
  const slow: RequestListener = (_, response) => {
    waiting.push(setTimeout(() => response.end(JSON.stringify(certificates)), 1_200))
  }
  const places = [await place('maia', slow)]
  const patience = { start: 1_000, silence: 30_000, whole: 60_000 }
  expect(await askReports(places, access(patience), ['certificates'])).toMatchObject({
    hosts: [{ host: 'maia', certificates }],
  })
})

describe('a stream', () => {
  const read = async (answer: RequestListener, most: number | undefined) => {
    const seen: unknown[] = []
    const asked = { path: '/v1/services/k3s.service/journal', most }
    for await (const one of streamOf(await place('maia', answer), access(), 'journal', asked)) seen.push(one)
    return seen
  }
  const pausing: RequestListener = (_, response) => {
    response.writeHead(200)
    response.write(line)
    waiting.push(setTimeout(() => response.end(`${line}{"end":"complete"}\n`), 1_300))
  }

  test.each([
    ['is silent', pausing],
    ['drips', dripping],
  ])('attack 3: that %s ends, if nobody follows it', async (_, answer) => {
    await expect(read(answer, 10)).rejects.toMatchObject({ code: 'agent-unreachable' })
  })

  test('may be silent while it is followed', async () => {
    expect(await read(pausing, undefined)).toHaveLength(3)
  })

  test('attack 3: is not waited for without its headers, also if it is followed', async () => {
    const hangs = streamOf(await place('maia', () => {}), access({ start: 300, silence: 1, whole: 1 }), 'journal', {
      path: '/v1/services/k3s.service/journal',
      most: undefined,
    })
    await expect(hangs.next()).rejects.toMatchObject({ code: 'agent-unreachable' })
  })
})
