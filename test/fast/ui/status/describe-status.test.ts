import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../../src/errors.ts'
import { plainText } from '../../../../src/model/text/styled-text.ts'
import type { HostLook } from '../../../../src/probes/status/host-look.ts'
import { statusOf } from '../../../../src/status/cluster/status-of.ts'
import { describeStatus } from '../../../../src/ui/status/describe-status.ts'
import { painted } from '../../../../src/ui/style.ts'
import { withServices } from '../../../support/samples/sample-facts.ts'
import { type Changes, certificate, seenCluster } from '../../../support/samples/seen-cluster.ts'

const off = (found: string) =>
  ({ kind: 'silent', fault: new KeelError({ code: 'ssh-timeout', at: 'luna', found }) }) as const
const stopped = (look: HostLook): HostLook => ({ ...look, facts: withServices(look.facts, { active: 'failed' }) })
const owning =
  (...owned: readonly string[]) =>
  (look: HostLook): HostLook => ({
    ...look,
    facts: { ...look.facts, generation: { ...look.facts.generation, owned } },
  })
const troubled: Changes = {
  answers: {
    luna: off('no answer within 5 s'),
    maia: stopped,
    cove: (look) => ({ ...owning('/etc/old', '/etc/systemd/system/old.service')(look), holdsAddress: true }),
    reef: (look) => ({
      ...look,
      etcd: { hasData: true, healthy: false },
      certificates: [certificate('/var/lib/rancher/k3s/server/tls/client-admin.crt', 12)],
    }),
  },
  nodes: { luna: { ready: false }, maia: { ready: false }, cove: { cordoned: true, version: 'v1.33.10+k3s1' } },
  pods: { luna: [0, 12], maia: [3, 104] },
  etcd: {
    members: [
      { name: 'ocean', learner: false },
      { name: 'reef', learner: false },
    ],
    leader: 'ocean',
  },
}

const screens: Readonly<Record<string, Changes>> = {
  well: {},
  troubled,
  'one-host': { selected: ['maia'] },
  'nobody-tells': {
    isDeaf: true,
    answers: Object.fromEntries(['ocean', 'reef', 'cove'].map((name) => [name, off('connection refused')])),
  },
  beginning: {
    isDeaf: true,
    answers: Object.fromEntries(['ocean', 'reef', 'cove', 'maia'].map((name) => [name, { kind: 'asking' } as const])),
  },
}

describe.each([60, 120])('with %i columns', (columns) => {
  test.each(Object.keys(screens))('%s', async (name) => {
    const text = plainText(describeStatus(statusOf(seenCluster(screens[name])), columns))
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
    await expect(`${text}\n`).toMatchFileSnapshot(`../../../golden/status/${name}.${columns}.txt`)
  })
})

test('colours only repeat what marks and words say', () => {
  const text = describeStatus(statusOf(seenCluster(troubled)), 120)
  expect(painted(text, true)).toContain('\u001b[')
  expect(painted(text, true).replace(/\u001b\[\d+m/g, '')).toBe(plainText(text))
})

test('attack 7: what a host prints controls no terminal, and begins no line', () => {
  const evil = '\u001b[2J\nocean: forged'
  const text = painted(
    describeStatus(statusOf(seenCluster({ answers: { maia: off(evil), luna: owning(`/etc/${evil}`) } })), 120),
    false,
  )
  expect(text).not.toContain('\u001b')
  expect(text).toContain('\\u001b[2J\\nocean: forged')
  expect(text.split('\n').filter((line) => line.startsWith('ocean'))).toEqual([])
})

test('attack 7: a host’s wide characters wrap nothing, and begin no line', () => {
  const wide = `${'あ'.repeat(70)}x ocean  server  NotReady\u0301`
  const status = statusOf(
    seenCluster({
      answers: { maia: off(wide), luna: owning(`/etc/${wide}`) },
      etcd: { members: [{ name: 'ocean', learner: false }], leader: 'ocean' },
    }),
  )
  const text = plainText(describeStatus(status, 60))
  expect(text).toContain('\\u3042')
  expect(text).toMatch(/^[\x20-\x7e…\n]*$/)
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(60)
})

test('attack 7: a server that tells of a thousand members hides no host, and nothing that fails', () => {
  const strangers = Array.from({ length: 1000 }, (_, index) => ({ name: `stranger-${index}`, learner: false }))
  const status = statusOf(
    seenCluster({ ...troubled, etcd: { members: [...strangers, { name: 'ocean', learner: false }], leader: 'ocean' } }),
  )
  const lines = plainText(describeStatus(status, 120)).split('\n')
  const below = lines.slice(lines.lastIndexOf('') + 1)
  expect(below.length).toBeLessThan(35)
  expect(below.slice(0, 2)).toEqual(['x reef and cove have 10.0.0.100 at the same time', expect.stringMatching(/^x /)])
  expect(below.find((line) => line.includes('more') && !line.includes('stranger'))).toMatch(/^ {2}… and \d+ more$/)
})

test('who told about the cluster', () => {
  const text = plainText(describeStatus(statusOf(seenCluster()), 60))
  expect(text).toMatch(/^told by {7}ocean$/m)
  expect(plainText(describeStatus(statusOf(seenCluster({ isDeaf: true })), 60))).not.toContain('told by')
})

test('a name longer than the screen is cut', () => {
  const status = statusOf(seenCluster())
  const hosts = status.hosts.map((host) => ({ ...host, host: `${'a'.repeat(63)}` as typeof host.host }))
  const lines = plainText(describeStatus({ ...status, hosts }, 60)).split('\n')
  expect(lines[3]).toMatch(/^ {2}a+… {2}server/)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60)
})
