import { once } from 'node:events'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunningAgent } from '../../support/agent/running-agent.ts'
import { TestCa } from '../../support/agent/test-ca.ts'
import { freePort } from '../../support/hosts/ssh-host.ts'
import { until } from '../../support/until.ts'

const MEGABYTE = 1024 * 1024
/** What docs/keel-agent.md promises for the memory of the agent. */
const MOST_RESIDENT = 100 * MEGABYTE

const ca = new TestCa()
const viewer = ca.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })
const operator = ca.sign({ subject: '/O=keel:operators/CN=bob', usage: 'clientAuth' })
const first = ca.sign({ subject: '/CN=maia', usage: 'serverAuth' })
let agent: RunningAgent

beforeAll(async () => {
  agent = new RunningAgent(await freePort())
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start({ log: { level: 'info' } })
})
afterAll(async () => {
  await agent.remove()
  ca.remove()
})

const answers = async () => expect((await agent.get('/v1/health', operator, ca.pem.cert)).status).toBe(200)

/** Whether it ended by itself or by an error does not matter here. */
async function isClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

async function silent(): Promise<Socket> {
  const socket = connectTcp(agent.port, '127.0.0.1')
  // the agent closes some of them at once
  socket.on('error', () => undefined)
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), isClosed(socket)])
  return socket
}

test('attack 6: 500 connections that send nothing keep no client out, and are closed', async () => {
  const sockets = await Promise.all(Array.from({ length: 500 }, silent))
  const closed = Promise.all(sockets.map(isClosed))
  for (let request = 0; request < 20; request++) await answers()
  await closed
  expect(agent.resident()).toBeLessThan(MOST_RESIDENT)
})

/** A port that leads to the agent over a way of some milliseconds, as from another place: bytes take as long as a packet. */
async function farAway(oneWay: number): Promise<{ readonly port: number; readonly close: () => void }> {
  const relay = createServer((near) => {
    let far: Socket | undefined
    near.on('error', () => undefined).on('close', () => far?.destroy())
    near.on('data', (bytes: Buffer) => {
      setTimeout(() => {
        // a server accepts a connection when the first bytes of a client are about to come
        far ??= connectTcp(agent.port, '127.0.0.1')
          .on('error', () => undefined)
          .on('close', () => setTimeout(() => near.end(), oneWay))
          .on('data', (answer: Buffer) => setTimeout(() => near.writable && near.write(answer), oneWay))
        far.write(bytes)
      }, oneWay)
    })
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close: () => relay.close() }
}

test('attack 6: a thousand silent connections a second, from many addresses, keep out no client with 30 ms of way', async () => {
  const far = await farAway(15)
  let opened = 0
  const flood = setInterval(() => {
    for (let more = 0; more < 20; more++) {
      opened += 1
      const from = `127.${1 + (opened % 200)}.${Math.floor(opened / 200) % 200}.1`
      connectTcp({ port: agent.port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined)
    }
  }, 20)
  try {
    await until('the flood is on', () => opened > 1000)
    const began = opened
    for (let request = 0; request < 20; request++)
      expect((await agent.get('/v1/health', operator, ca.pem.cert, { port: far.port })).status).toBe(200)
    expect(opened - began).toBeGreaterThan(500)
  } finally {
    clearInterval(flood)
    far.close()
  }
  // what the connections took is garbage for a moment
  await until('their memory is free again', () => agent.resident() < MOST_RESIDENT)
})

test('attack 6: a client that begins a request and does not end it is let go, and others are answered meanwhile', async () => {
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer }, () => {
      socket.write('GET /v1/health HTTP/1.1\r\nHost: ')
    })
    socket.on('error', () => undefined).resume()
    return socket
  })
  const closed = Promise.all(sockets.map(isClosed))
  await until('all have begun', () => sockets.every(({ authorized, closed: isGone }) => authorized || isGone))
  await answers()
  await closed
})

test('attack 6: a body of a gigabyte is refused before it is read', async () => {
  const socket = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
  socket.on('error', () => undefined).resume()
  const closed = isClosed(socket)
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  socket.write('POST /v1/health HTTP/1.1\r\nHost: maia\r\nContent-Length: 1073741824\r\n\r\n')
  const chunk = Buffer.alloc(MEGABYTE)
  let sent = 0
  while (!socket.destroyed && sent < 64) {
    socket.write(chunk)
    sent++
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  await closed
  // the answer may be lost with the connection, which the agent ends while bytes arrive
  await until('it is refused', () => agent.log.includes('viewer ada: POST /v1/health 413'))
  expect(agent.resident()).toBeLessThan(MOST_RESIDENT)
})

test('attack 6: requests that wait for no answer end their connection, and others are answered meanwhile', async () => {
  const socket = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
  socket.on('error', () => undefined).resume()
  const closed = isClosed(socket)
  socket.write('GET /metrics HTTP/1.1\r\nHost: maia\r\n\r\n'.repeat(50_000))
  await answers()
  await closed
  expect(agent.resident()).toBeLessThan(MOST_RESIDENT)
})

test('attack 6: one client cannot take all connections', async () => {
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
    socket.on('error', () => undefined).resume()
    return socket
  })
  await until('most are closed', () => sockets.filter(({ closed }) => closed).length >= 60)
  await answers()
  for (const socket of sockets) socket.destroy()
  await Promise.all(sockets.map(isClosed))
})

test('attack 6: requests that are nearly right or are noise end with an answer or a closed connection', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'GET',
      'HEAD',
      'POST',
      'PRI',
      '/v1/node',
      '/v1/health',
      '/metrics',
      'HTTP/1.1',
      'HTTP/2.0',
      'Host: maia',
    ),
    fc.constantFrom(
      '\r\n',
      '\n',
      ' ',
      '\r\n\r\n',
      'Content-Length: -1',
      'Transfer-Encoding: chunked',
      'Upgrade: h2c',
      'Expect: 100-continue',
    ),
    fc.string({ maxLength: 40, unit: 'binary' }),
  )
  const noise = fc.array(word, { maxLength: 12 }).map((words) => `${words.join('')}\r\n\r\n`)
  const before = agent.resident()
  const requests = fc.sample(noise, { numRuns: 1000, seed: Date.now() })
  const right = 'GET /v1/health HTTP/1.1\r\nHost: maia\r\nConnection: close\r\n\r\n'
  const send = async (text: string) => {
    const socket = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
    socket.on('error', () => undefined).resume()
    const closed = isClosed(socket)
    socket.end(text + right)
    await closed
  }
  for (let at = 0; at < requests.length; at += 50) await Promise.all(requests.slice(at, at + 50).map(send))
  await answers()
  expect(agent.log).not.toMatch(/^<3>|\bat .*\.ts/m)
  expect(agent.resident() - before).toBeLessThan(40 * MEGABYTE)
})

test('its log has no key and no certificate of all this, and the hunt would find them', () => {
  const body = (pem: string) => pem.replace(/-----.*-----|\s/g, '')
  for (const secret of [first.key, viewer.key]) {
    expect(agent.log).not.toContain(body(secret).slice(40, 80))
    expect(`${agent.log}${body(secret)}`).toContain(body(secret).slice(40, 80))
  }
  expect(agent.log).not.toContain('BEGIN')
  expect(agent.log).toContain('operator bob: GET /v1/health 200')
})
