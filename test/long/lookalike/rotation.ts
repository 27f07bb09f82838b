import { expect } from 'vitest'
import { forgetScript } from '../../../src/deploy/through/forget-script.ts'
import { k3sAccess } from '../../../src/desired/distribution/k3s/access.ts'
import { type Asked, ask } from './answer.ts'
import { agentToken, type Cluster, fact, giveTokens, join6443, password, serverToken } from './cluster.ts'
import { members } from './joining.ts'
import { agentJoined, three } from './states.ts'

const otherToken = 'bootstrap data already found and encrypted with different token'
const newer = 'cred/passwd newer than datastore'

/** Both tokens changed on a running cluster, with every trap on the way. */
export function rotation(get: () => Cluster): void {
  let old = ''
  const rotate = (to: string, as: string): Asked => ({
    method: 'PUT',
    body: JSON.stringify({ newToken: to }),
    as: `server:${as}`,
  })
  const bootstrapAs = async (ip: string, password: string) =>
    (await ask(ip, '/v1-k3s/server-bootstrap', { as: `server:${password}` })).code

  const begin = () => three(get())
  const rotateNow = async () => {
    const c = get()
    old = c.serverPassword
    c.serverPassword = password()
    return ask(c.one.ip, '/v1-k3s/token', rotate(c.serverPassword, old))
  }
  const rotated = async () => {
    await begin()
    await rotateNow()
  }
  const secondStarts = (seconds: number) => get().two.run(`timeout ${seconds} k3s server`)
  const trapped = async () => {
    await rotated()
    await get().two.ok('systemctl stop k3s')
    await secondStarts(60)
  }
  const targetRestarts = async () => {
    const c = get()
    await giveTokens(c.one, serverToken(c), agentToken(c))
    await c.one.ok('systemctl stop k3s')
    await c.one.start()
  }
  const trappedAfterwards = async () => {
    await trapped()
    await targetRestarts()
  }
  const secondTakesAnotherAgentToken = async () => {
    const c = get()
    c.agentPassword = password()
    await giveTokens(c.two, undefined, agentToken(c))
    await c.two.ok('systemctl stop k3s')
    await c.two.start()
  }

  fact('a rotation to a token of a bootstrap token’s shape is refused', begin, async () => {
    const { one, serverPassword } = get()
    const { code, body } = await ask(one.ip, '/v1-k3s/token', rotate('abcdef.0123456789abcdef', serverPassword))
    expect({ code, body }).toEqual({ code: 500, body: expect.stringContaining('token error ID') })
  })

  fact(
    'PUT /v1-k3s/token changes the datastore and that server’s files; all servers go on with the old password',
    begin,
    async () => {
      const c = get()
      expect((await rotateNow()).code).toBe(200)
      expect(await c.one.ok('cat /var/lib/rancher/k3s/server/token')).toBe(serverToken(c))
      expect(await c.two.ok('cat /var/lib/rancher/k3s/server/token')).toContain(old)
      for (const { ip } of [c.one, c.two, c.three]) {
        expect(await bootstrapAs(ip, old)).toBe(200)
        expect(await bootstrapAs(ip, c.serverPassword)).toBe(401)
      }
    },
  )

  fact('until the restart `etcd-snapshot save` there needs `--etcd-token OLD`', rotated, async () => {
    const { one } = get()
    expect((await one.run('k3s etcd-snapshot save --name between')).code).toBe(1)
    expect(await one.run(`k3s etcd-snapshot save --name between --etcd-token ${old}`)).toMatchObject({ code: 0 })
  })

  fact('a join with the old token fails late, and leaves a dead member of etcd', rotated, async () => {
    const c = get()
    // on the agent's host, as a fourth server that has no Node
    await c.agent.ok('systemctl stop k3s-agent')
    const options = {
      ...{ server: join6443(c.one), token: serverToken({ ...c, serverPassword: old }), 'agent-token': agentToken(c) },
      ...{ 'data-dir': '/root/late', 'node-name': 'server-4', 'disable-agent': true },
    }
    await c.agent.config('server', options, '/root/late.yaml')
    const { code, out } = await c.agent.run(
      'timeout 60 k3s server --config /root/late.yaml; code=$?; rm -r /root/late; exit $code',
    )
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(otherToken) })
    const known = () => members({ ...c, serverPassword: old })
    expect(await known()).toEqual(['server-1', 'server-2', 'server-3', 'server-4'])
    await c.one.ok(forgetScript(k3sAccess, 'server-4'))
    expect(await known()).toEqual(['server-1', 'server-2', 'server-3'])
  })

  fact(
    'a start with the old token through the target that still takes it: exit status 0 after a while, and the trap is set',
    rotated,
    async () => {
      await get().two.ok('systemctl stop k3s')
      const { code, out } = await secondStarts(60)
      expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(otherToken) })
    },
  )

  fact('once the target has restarted with the new token, a start with the old one: exit 1', trapped, async () => {
    await targetRestarts()
    const { code, out } = await secondStarts(30)
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(otherToken) })
  })

  fact(
    'with the new one it is in the trap until cred/passwd is deleted; then all take the new token',
    trappedAfterwards,
    async () => {
      const c = get()
      for (const host of [c.two, c.three]) await giveTokens(host, serverToken(c), agentToken(c))
      expect(await secondStarts(30)).toMatchObject({ code: 1, out: expect.stringContaining(newer) })
      await c.two.ok('rm /var/lib/rancher/k3s/server/cred/passwd')
      await c.two.start()
      await c.three.ok('systemctl stop k3s')
      await c.three.start()
      for (const { ip } of [c.one, c.two, c.three])
        expect([await bootstrapAs(ip, c.serverPassword), await bootstrapAs(ip, old)]).toEqual([200, 401])
    },
  )

  fact(
    'a new agent token and a restart work once; the next restart dies with `newer than datastore`',
    begin,
    async () => {
      const c = get()
      await secondTakesAnotherAgentToken()
      expect((await ask(c.two.ip, '/v1-k3s/config', { as: `node:${c.agentPassword}` })).code).toBe(200)
      await c.two.ok('systemctl stop k3s')
      expect(await secondStarts(30)).toMatchObject({ code: 1, out: expect.stringContaining(newer) })
    },
  )

  fact(
    'the server token rotated to itself (`k3s token rotate`) by a server in its first start with it stores it: the next start works',
    async () => {
      await begin()
      await agentJoined(get())
      await get().agent.ok('systemctl stop k3s-agent')
      await secondTakesAnotherAgentToken()
      await get().two.ok('systemctl stop k3s')
    },
    async () => {
      const c = get()
      await giveTokens(c.one, undefined, agentToken(c))
      await c.one.ok('systemctl stop k3s')
      await c.one.start()
      const { code, out } = await c.one.run(
        `k3s token rotate --token ${c.serverPassword} --new-token ${c.serverPassword}`,
      )
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringContaining('Token rotated, restart k3s nodes with new token'),
      })
      await c.two.start()
      await giveTokens(c.three, undefined, agentToken(c))
      for (const host of [c.three, c.one]) {
        await host.ok('systemctl stop k3s')
        await host.start()
      }
      for (const { ip } of [c.one, c.two, c.three])
        expect((await ask(ip, '/v1-k3s/config', { as: `node:${c.agentPassword}` })).code).toBe(200)
      await giveTokens(c.agent, undefined, agentToken(c))
      await c.agent.start('agent')
    },
  )
}
