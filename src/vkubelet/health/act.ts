import { request as httpRequest } from 'node:http'
import { connect as connectHttp2, constants } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from '../../errors.ts'
import { enterContainer, NOT_ENTERED } from '../host/enter-container.ts'
import type { Container } from '../pod/pod.ts'
import type { Action } from '../pod/probe.ts'
import { checkRequest, HEALTH_CHECK, isServing, LONGEST_ANSWER } from '../probes/grpc-health.ts'
import type { Outcome } from '../probes/run-health.ts'
import { lookup } from './lookup.ts'

/** A container that runs. */
export interface Running {
  readonly container: Container
  readonly unit: string
  readonly pid: number
  /** The Pod's, which is the host's. */
  readonly address: string
}

/** Milliseconds of a timer of node: a longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1
const milliseconds = (seconds: number) => Math.min(seconds * 1000, LONGEST_TIMER)

const GOOD: Outcome = { isGood: true, why: '' }
const bad = (why: string): Outcome => ({ isGood: false, why })

/**
 * Does what a probe or a hook says.
 * @param timeout in seconds
 * @returns never an error: what does not answer is not good
 */
export async function act(action: Action, running: Running, timeout: number, ending: AbortSignal): Promise<Outcome> {
  const late = AbortSignal.timeout(milliseconds(timeout))
  try {
    return await done(action, running, AbortSignal.any([late, ending]))
  } catch (error) {
    return bad(late.aborted ? `no answer within ${timeout} s` : systemCode(error))
  }
}

function done(action: Action, running: Running, signal: AbortSignal): Promise<Outcome> {
  switch (action.kind) {
    case 'exec':
      return byCommand(action.command, running, signal)
    case 'http':
      return byHttp(action, running, signal)
    case 'tcp':
      return byTcp(action.host ?? running.address, action.port, signal)
    case 'grpc':
      return byGrpc(action, running, signal)
    case 'sleep':
      return sleep(milliseconds(action.seconds), GOOD, { signal })
  }
}

async function byCommand(command: readonly string[], running: Running, signal: AbortSignal): Promise<Outcome> {
  const { unit, pid, container } = running
  const { security, workingDir } = container
  const code = await enterContainer({ unit, pid, security, workingDir, command, signal })
  if (code === 0) return GOOD
  return bad(code === NOT_ENTERED ? 'the container could not be entered' : `the command ended with ${code}`)
}

/** Good is what begins with 2 or 3; a redirection is not followed. The words for others are kubelet's (pkg/probe/http). The certificate is not checked (kubelet does neither). */
function byHttp(action: Action & { kind: 'http' }, { address }: Running, signal: AbortSignal): Promise<Outcome> {
  const { port, path, isTls, headers } = action
  return new Promise((resolve, reject) => {
    const ask = isTls ? httpsRequest : httpRequest
    const own = { 'User-Agent': 'keel-vkubelet', Accept: '*/*', Connection: 'close' }
    const asked = ask({
      host: action.host ?? address,
      port,
      path,
      headers: { ...own, ...Object.fromEntries(headers) },
      agent: false,
      lookup,
      signal,
      rejectUnauthorized: false,
    })
    asked.on('error', reject)
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(bad('the answer was another protocol'))
    })
    asked.on('response', (response) => {
      const { statusCode = 0 } = response
      response.destroy()
      resolve(statusCode >= 200 && statusCode < 400 ? GOOD : bad(`HTTP probe failed with statuscode: ${statusCode}`))
    })
    asked.end()
  })
}

function byTcp(host: string, port: number, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup })
    const end = () => socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', end, { once: true })
    socket.on('close', () => signal.removeEventListener('abort', end))
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.destroy()
      resolve(GOOD)
    })
  })
}

function byGrpc(
  { port, service }: Action & { kind: 'grpc' },
  { address }: Running,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const host = address.includes(':') ? `[${address}]` : address
    const session = connectHttp2(`http://${host}:${port}`)
    const end = (outcome: Outcome) => {
      session.destroy()
      resolve(outcome)
    }
    signal.addEventListener('abort', () => session.destroy(new Error('aborted')), { once: true })
    session.on('error', reject)
    // a stream that the server pushes has nobody who takes its error, which would end the program
    session.on('stream', (pushed) => pushed.on('error', () => undefined).close())
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: HEALTH_CHECK,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const parts: Buffer[] = []
    let status: unknown
    const told = (headers: object) => {
      status = 'grpc-status' in headers ? headers['grpc-status'] : status
    }
    stream.on('response', told)
    stream.on('trailers', told)
    stream.on('data', (part: Buffer) => {
      parts.push(part)
      if (Buffer.concat(parts).length > LONGEST_ANSWER) end(bad('the answer was too long'))
    })
    stream.on('error', reject)
    stream.on('end', () => {
      if (`${status}` !== '0') end(bad('the answer was an error of gRPC'))
      else end(isServing(Buffer.concat(parts)) ? GOOD : bad('it does not serve'))
    })
    stream.end(checkRequest(service))
  })
}
