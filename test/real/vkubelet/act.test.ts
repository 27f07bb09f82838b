import dns from 'node:dns'
import { createServer } from 'node:http'
import { createServer as createGrpcServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { act, type Running } from '../../../src/vkubelet/health/act.ts'
import type { Action } from '../../../src/vkubelet/pod/probe.ts'
import { samplePod } from '../../support/vkubelet/sample-pod.ts'

/** Probes and hooks that ask over the network, with real servers. */
const servers: Server[] = []
afterAll(() => {
  for (const one of servers) one.close()
})
const portOf = async (server: Server): Promise<number> => {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const running: Running = {
  container: samplePod().containers[0] ?? expect.unreachable(),
  unit: 'vks.default.uptimed.uptimed.service',
  pid: process.pid,
  address: '127.0.0.1',
}
const outcomeOf = (action: Action, timeout = 5) => act(action, running, timeout, new AbortController().signal)
const http = (port: number, more: object = {}): Action => ({
  kind: 'http',
  port,
  path: '/',
  isTls: false,
  headers: [],
  ...more,
})

describe('HTTP', () => {
  const server = createServer((request, response) => {
    const [, status = '200'] = /^\/(\d{3})/.exec(request.url ?? '') ?? []
    if (request.url === '/never') return
    if (request.url === '/host') response.statusCode = request.headers.host === 'a.example' ? 200 : 500
    else response.statusCode = Number(status)
    response.setHeader('Location', 'http://192.0.2.1/')
    response.end('x'.repeat(100_000))
  })

  test.each<[string, object, { isGood: boolean; why: string }]>([
    ['200', {}, { isGood: true, why: '' }],
    ['a redirection, which is not followed', { path: '/302' }, { isGood: true, why: '' }],
    ['404', { path: '/404' }, { isGood: false, why: 'HTTP probe failed with statuscode: 404' }],
    ['503', { path: '/503' }, { isGood: false, why: 'HTTP probe failed with statuscode: 503' }],
    ['a name of its own', { path: '/host', headers: [['Host', 'a.example']] }, { isGood: true, why: '' }],
  ])('%s', async (_what, more, expected) => {
    const port = server.listening ? (server.address() as AddressInfo).port : await portOf(server)
    expect(await outcomeOf(http(port, more))).toEqual(expected)
  })

  test('no answer in time', async () => {
    const { port } = server.address() as AddressInfo
    expect(await outcomeOf(http(port, { path: '/never' }), 0.2)).toEqual({
      isGood: false,
      why: 'no answer within 0.2 s',
    })
    server.closeAllConnections()
  })

  test('with a certificate of nobody', async () => {
    const { certificate: cert, key } = makeAgentCa(Date.now())
    const port = await portOf(createTlsServer({ cert, key }, (_request, response) => response.end()))
    expect(await outcomeOf(http(port, { isTls: true }))).toEqual({ isGood: true, why: '' })
    expect(await outcomeOf(http(port))).toMatchObject({ isGood: false })
  })
})

test('TCP', async () => {
  const server = createTcpServer((socket) => socket.end())
  const port = await portOf(server)
  expect(await outcomeOf({ kind: 'tcp', port })).toEqual({ isGood: true, why: '' })
  await new Promise((resolve) => server.close(resolve))
  expect(await outcomeOf({ kind: 'tcp', port })).toEqual({ isGood: false, why: 'ECONNREFUSED' })
})

test('a pause', async () => {
  expect(await outcomeOf({ kind: 'sleep', seconds: 0 })).toEqual({ isGood: true, why: '' })
  expect(await outcomeOf({ kind: 'sleep', seconds: 9 }, 0.1)).toMatchObject({ isGood: false })
})

describe('gRPC', () => {
  const SERVING = Buffer.from('00000000020801', 'hex')
  const server = createGrpcServer()
  server.on('stream', (stream, headers) => {
    let asked = Buffer.alloc(0)
    stream.on('data', (part: Buffer) => {
      asked = Buffer.concat([asked, part])
    })
    stream.on('error', () => undefined)
    stream.on('end', () => {
      const service = asked.subarray(7).toString()
      const isRight =
        headers[':path'] === '/grpc.health.v1.Health/Check' && headers['content-type'] === 'application/grpc'
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isRight && service !== 'none' ? '0' : '5' }))
      if (service === 'much') stream.end(Buffer.alloc(100_000))
      else stream.end(service === 'ill' ? Buffer.from('00000000020802', 'hex') : SERVING)
    })
  })

  test.each([
    ['', true, ''],
    ['db', true, ''],
    ['ill', false, 'it does not serve'],
    ['none', false, 'the answer was an error of gRPC'],
    ['much', false, 'the answer was too long'],
  ])('of the service %j', async (service, isGood, why) => {
    const port = server.listening ? (server.address() as AddressInfo).port : await portOf(server)
    expect(await outcomeOf({ kind: 'grpc', port, service })).toEqual({ isGood, why })
  })

  test('of what is no gRPC', async () => {
    const port = await portOf(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    expect(await outcomeOf({ kind: 'grpc', port, service: '' }, 2)).toMatchObject({ isGood: false })
  })
})

test('gRPC of a server that pushes, and never answers', async () => {
  const server = createGrpcServer()
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
      pushed.on('error', () => undefined)
      pushed.respond({ ':status': 200 })
      pushed.write('x')
    })
  })
  const port = await portOf(server)
  process.on('uncaughtException', note)
  expect(await outcomeOf({ kind: 'grpc', port, service: '' }, 0.3)).toMatchObject({ isGood: false })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('uncaughtException', note)
  expect(unhandled).toEqual([])
})

describe('a name', () => {
  test('is asked without the threads of the program, in which all others wait', async () => {
    const asked = vi.spyOn(dns, 'lookup')
    for (const host of ['keel-test.invalid', 'other.keel-test.invalid'])
      expect(await outcomeOf({ kind: 'tcp', host, port: 1 }, 0.3)).toMatchObject({ isGood: false })
    expect(await outcomeOf(http(1, { host: 'keel-test.invalid' }), 0.3)).toMatchObject({ isGood: false })
    expect(asked).not.toHaveBeenCalled()
  })

  test('can be that of the host itself', async () => {
    const port = await portOf(createServer((_request, response) => response.end()))
    expect(await outcomeOf(http(port, { host: 'localhost' }))).toEqual({ isGood: true, why: '' })
    expect(await outcomeOf({ kind: 'tcp', host: 'localhost', port })).toEqual({ isGood: true, why: '' })
  })
})
