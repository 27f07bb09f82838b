import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Own } from './alone.ts'
import { agentToken, factBeside as fact, join6443, measured, serverToken } from './cluster.ts'
import { within } from './host.ts'
import { agentJoined } from './states.ts'

const tokenFile = { 'token-file': '/etc/rancher/k3s/agent-token' }

/** Agents: who joins, who never does and says so every 2 s, and whose name is whose. */
export function agents({ cluster: get, anew }: Own): void {
  const joined = async () => {
    await anew()
    await agentJoined(get())
  }
  const rebuild = () => get().agent.ok('systemctl stop k3s-agent; rm -rf /var/lib/rancher/k3s /etc/rancher/node')
  const secretOf = (node: string) => `k3s kubectl -n kube-system get secret ${node}.node-password.k3s`
  const log = 'journalctl -u k3s-agent -o cat --no-pager --since "-4s"'
  const isReady = async () => (await get().one.run('k3s kubectl get node agent-1')).out.includes(' Ready')

  fact('an agent joins and its node is Ready', anew, async () => {
    const { one, agent } = get()
    await agent.wipe()
    await agent.write('/etc/rancher/k3s/agent-token', `${agentToken(get())}\n`)
    await agent.config('agent', {
      server: join6443(one),
      ...tokenFile,
      t: undefined,
      'node-taint': ['example.com/new=yes:NoSchedule'],
    })
    measured['agent READY'] = await agent.start('agent')
    await within(20, isReady)
    expect(await one.ok(`${secretOf('agent-1')} -o name`)).toContain('agent-1')
    expect(await one.ok('k3s kubectl get node agent-1 -o yaml')).toContain('example.com/new')
  })

  fact('agents never exit on a wrong token or hash: they log, and never send READY', anew, async () => {
    const c = get()
    const wrong: Readonly<Record<string, readonly [token: string, said: RegExp]>> = {
      hash: [
        `K10${'1'.repeat(64)}::node:${c.agentPassword}`,
        /token CA hash does not match the Cluster CA certificate hash/,
      ],
      length: [`K10abc::node:${c.agentPassword}`, /invalid token CA hash length/],
      password: [agentToken({ ...c, agentPassword: 'wrong' }), /not authorized/],
      server: [serverToken(c), /not authorized/],
    }
    // each with a directory and a port of its own, all at once
    const tries = Object.entries(wrong).map(async ([name, [token, said]], index) => {
      const options = {
        server: join6443(c.one),
        token,
        'data-dir': `/root/${name}`,
        'lb-server-port': `${7000 + index * 10}`,
      }
      await c.agent.config('agent', options, `/root/${name}.yaml`)
      const { code, out } = await c.agent.run(
        `timeout 6 k3s agent --config /root/${name}.yaml; code=$?; rm -rf /root/${name}*; exit $code`,
      )
      expect([name, code]).toEqual([name, 124]) // timeout(1) ended it
      expect(out.match(new RegExp(said, 'g'))?.length, name).toBeGreaterThanOrEqual(2)
    })
    await Promise.all(tries)
  })

  fact(
    'a joined agent goes on with an old token; a wrong hash or an empty file stops it at its next start',
    joined,
    async () => {
      const c = get()
      const restartWith = async (token: string) => {
        await c.agent.write('/etc/rancher/k3s/agent-token', token)
        await c.agent.ok('systemctl stop k3s-agent; systemctl start --no-block k3s-agent')
      }
      await restartWith(agentToken({ ...c, agentPassword: 'old' }))
      await within(10, async () => (await c.agent.ok('systemctl is-active k3s-agent || true')) === 'active')
      for (const token of [`K10${'1'.repeat(64)}::node:${c.agentPassword}`, '']) {
        await restartWith(token)
        await sleep(2500)
        expect(await c.agent.ok('systemctl is-active k3s-agent || true')).toBe('activating')
        expect(await c.agent.ok('systemctl show -p NRestarts --value k3s-agent')).toBe('0')
      }
    },
  )

  fact('a rebuilt host with a known name is refused, and loops', joined, async () => {
    const { agent } = get()
    await rebuild()
    await agent.write('/etc/rancher/k3s/agent-token', agentToken(get()))
    await agent.ok('systemctl start --no-block k3s-agent')
    await within(10, async () =>
      (await agent.ok(log)).includes('Node password rejected, duplicate hostname or contents of'),
    )
    expect(await agent.ok('systemctl is-active k3s-agent || true')).toBe('activating')
  })

  fact(
    '`kubectl delete node` takes the password away within 2 s, and the waiting agent joins within 10 s',
    async () => {
      await joined()
      await rebuild()
      await get().agent.ok('systemctl start --no-block k3s-agent')
    },
    async () => {
      const { one, agent } = get()
      await one.ok('k3s kubectl delete node agent-1')
      const deleted = performance.now()
      await within(2, async () => (await one.run(secretOf('agent-1'))).code !== 0)
      await within(10, async () => (await agent.ok('systemctl is-active k3s-agent || true')) === 'active')
      measured['a rebuilt agent joins after `kubectl delete node`'] = (performance.now() - deleted) / 1000
      await within(20, isReady)
    },
  )

  fact('without a Node object, deleting the secret itself is what frees the name', joined, async () => {
    const { one, agent } = get()
    await rebuild()
    await agent.ok('systemctl start --no-block k3s-agent')
    await within(10, async () => (await agent.ok(log)).includes('Node password rejected'))
    await one.ok('k3s kubectl -n kube-system delete secret agent-1.node-password.k3s')
    await within(10, async () => (await agent.ok('systemctl is-active k3s-agent || true')) === 'active')
  })

  fact(
    'the short key `t` puts the token into the node’s annotations in clear; the long one is masked',
    joined,
    async () => {
      const { one, agent } = get()
      const token = agentToken(get())
      await agent.config('agent', { server: join6443(one), t: token })
      await agent.ok('systemctl restart k3s-agent')
      const args = `k3s kubectl get node agent-1 -o 'jsonpath={.metadata.annotations.k3s\\.io/node-args}'`
      await within(15, async () => (await one.ok(args)).includes(token))
      await agent.config('agent', { server: join6443(one), token })
      await agent.ok('systemctl restart k3s-agent')
      await within(15, async () => (await one.ok(args)).includes('"--token","********"'))
      expect(await one.ok(args)).not.toContain(get().agentPassword)
    },
  )
}
