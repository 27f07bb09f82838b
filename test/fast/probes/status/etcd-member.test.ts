import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { etcdMember } from '../../../../src/probes/status/etcd-member.ts'

const data = mkdtempSync(join(tmpdir(), 'keel-member-'))

async function asked(answer: string | undefined, over: { data?: string } = {}) {
  const server = createServer((socket) => {
    socket.once('data', () =>
      answer === undefined ? socket.destroy() : socket.end(`HTTP/1.0 200 OK\r\n\r\n${answer}`),
    )
  }).listen(0, '127.0.0.1')
  await vi.waitUntil(() => server.listening)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const health = { host: '127.0.0.1', port: `${address.port}` }
  const rest = { ca: '', certificate: '', key: '', gateways: [], memberSuffix: '' }
  const child = spawn('bash', ['-euc', etcdMember.script({ data, health, ...rest, ...over })])
  const said = await text(child.stdout)
  server.close()
  return etcdMember.parse(said)
}

test.each([
  ['healthy', '{"health":"true","reason":""}', { hasData: true, healthy: true }],
  ['not healthy', '{"health":"false","reason":"RAFT NO LEADER"}', { hasData: true, healthy: false }],
  ['no JSON', 'x', { hasData: true }],
  ['no answer', undefined, { hasData: true }],
])('etcd is asked over plain HTTP: %s', async (_what, answer, expected) => {
  expect(await asked(answer)).toEqual(expected)
})

test('without data nobody is asked', async () => {
  expect(await asked('{"health":"true"}', { data: join(data, 'nowhere') })).toEqual({ hasData: false })
  rmSync(data, { recursive: true })
})
