import { expect } from 'vitest'
import * as z from 'zod'
import { sha256 } from '../../../src/model/digest.ts'
import { ask } from './answer.ts'
import { agentToken, type Cluster, fact, giveTokens, join6443, measured, serverToken, tokenFiles } from './cluster.ts'
import { type Host, within } from './host.ts'
import { founded, thirdRebuilt, three } from './states.ts'

const cas = 'cd /var/lib/rancher/k3s/server/tls && sha256sum *-ca.crt *-ca.key etcd/*-ca.key service.key'

const info = z.object({ members: z.array(z.object({ name: z.string(), isLearner: z.boolean().optional() })) })

/** Members of etcd as a server that joins is told them; a server without quorum tells nobody. */
export async function members({ one, serverPassword }: Cluster, of: Host = one): Promise<readonly string[]> {
  const { body } = await ask(of.ip, '/db/info', { as: `server:${serverPassword}` })
  return (info.safeParse(JSON.parse(body || '{}')).data?.members ?? [])
    .filter(({ isLearner }) => !isLearner)
    .map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ''))
    .sort()
}

/** Servers that join, one at a time, and all the ways in which they don't. */
export function joining(get: () => Cluster): void {
  const begin = () => founded(get())
  const ofThree = () => three(get())
  const restarted = async () => {
    await ofThree()
    await get().one.ok('systemctl restart k3s')
  }
  const joinedAnew = async () => {
    const c = get()
    await c.one.ok('k3s kubectl delete node server-3')
    await within(10, async () => (await members(c)).length === 2)
    // what the refused start left is a server's files, and this agent token is newer there than in the cluster
    await c.three.ok('rm -rf /var/lib/rancher/k3s/server')
    return c.three.start()
  }
  const otherToken = async () => {
    await ofThree()
    await thirdRebuilt(get())
    await joinedAnew()
  }
  const throughNobody = async () => {
    await ofThree()
    const { three: third, agent } = get()
    await third.config('server', { server: join6443(agent), ...tokenFiles })
    await third.ok('systemctl restart k3s')
  }
  const refused: readonly [what: string, options: (c: Cluster) => object, said: RegExp][] = [
    [
      'another CA’s hash',
      (c) => ({ token: `K10${'1'.repeat(64)}::server:${c.serverPassword}` }),
      /token CA hash does not match the Cluster CA certificate hash: .* != /,
    ],
    [
      'a hash of another length',
      (c) => ({ token: `K10abc::server:${c.serverPassword}` }),
      /invalid token CA hash length/,
    ],
    [
      'a wrong password',
      (c) => ({ token: `K10${sha256(c.ca)}::server:wrong` }),
      /failed to bootstrap cluster data: not authorized/,
    ],
    ['the agents’ token', (c) => ({ token: agentToken(c) }), /not authorized/],
    [
      'a join target that is down',
      (c) => ({ token: serverToken(c), server: `https://${c.three.ip}:6443` }),
      /failed to get CA certs: .*connection refused/,
    ],
    [
      'another option that must match',
      (c) => ({ token: serverToken(c), 'cluster-cidr': '10.99.0.0/16' }),
      /critical configuration value mismatch between servers/,
    ],
  ]
  for (const [what, options, said] of refused) {
    fact(`with ${what} a server does not join: exit 1`, begin, async () => {
      const c = get()
      await c.two.config(
        'server',
        { server: join6443(c.one), 'agent-token': agentToken(c), 'data-dir': '/root/refused', ...options(c) },
        '/root/refused.yaml',
      )
      const { code, out } = await c.two.run(
        'timeout 30 k3s server --config /root/refused.yaml; code=$?; rm -rf /root/refused; exit $code',
      )
      expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(said) })
    })
  }

  fact(
    'server-ca.crt alone pins even a short token: with another one there the server does not join',
    begin,
    async () => {
      const c = get()
      await c.two.ok(
        `mkdir -p /root/pinned/server/tls && openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=other -out /root/pinned/server/tls/server-ca.crt`,
      )
      await c.two.config(
        'server',
        {
          server: join6443(c.one),
          token: c.serverPassword,
          'agent-token': c.agentPassword,
          'data-dir': '/root/pinned',
        },
        '/root/pinned.yaml',
      )
      const { code, out } = await c.two.run(
        'timeout 30 k3s server --config /root/pinned.yaml; code=$?; rm -rf /root/pinned; exit $code',
      )
      expect({ code, out }).toEqual({
        code: 1,
        out: expect.stringMatching(/failed to get CA certs|certificate signed by unknown authority/),
      })
    },
  )

  fact('a second and a third server join as learners, get all CAs, and vote', begin, async () => {
    const c = get()
    // the second pinned by the CA on its disk, with short tokens; the third by its tokens
    await c.two.write('/var/lib/rancher/k3s/server/tls/server-ca.crt', c.ca)
    await giveTokens(c.two, c.serverPassword, c.agentPassword)
    await giveTokens(c.three, serverToken(c), agentToken(c))
    for (const host of [c.two, c.three]) await host.config('server', { server: join6443(c.one), ...tokenFiles })
    measured['second server READY'] = await c.two.start()
    measured['third server READY'] = await c.three.start()
    expect(await members(c)).toEqual(['server-1', 'server-2', 'server-3'])
    expect(await c.one.ok('journalctl -u k3s -o cat --no-pager')).toMatch(/promoted.*server-2|server-2.*promoted/i) // a learner before
    const all = await Promise.all([c.one, c.two, c.three].map((host) => host.ok(cas)))
    expect(new Set(all).size).toBe(1)
    // a server's roles are set by its own k3s a moment after its kubelet has registered it
    await within(20, async () => {
      const nodes = await c.one.ok('k3s kubectl get nodes')
      return nodes.match(/ Ready /g)?.length === 3 && nodes.match(/control-plane,etcd/g)?.length === 3
    })
    const memory = `for p in $(pgrep -x 'k3s|etcd|kube-.*|kubelet|exe'); do awk '/^Pss:/ {print $2}' /proc/$p/smaps_rollup; done | awk '{s += $1} END {print int(s / 1024)}'`
    const megabytes = await within(5, async () => Number(await c.two.ok(memory)))
    console.log(`memory of a server of three: ${megabytes} MB`)
  })

  fact('an agent goes on through the servers that are left when one is down', ofThree, async () => {
    const c = get()
    await giveTokens(c.agent, undefined, agentToken(c))
    await c.agent.config('agent', { server: join6443(c.one), 'token-file': tokenFiles['agent-token-file'] })
    await c.agent.start('agent')
    await c.one.ok('systemctl stop k3s')
    await c.agent.ok('systemctl restart k3s-agent')
    await within(20, async () => (await c.agent.ok('systemctl is-active k3s-agent || true')) === 'active')
    const restarted = c.one.start()
    await c.two.ok('k3s kubectl get --raw /readyz')
    measured['a server of three restarted'] = await restarted
  })

  fact('a restarted server is the member that it was: with data `cluster-init` is ignored', restarted, async () => {
    const c = get()
    expect(await c.one.ok('cat /etc/rancher/k3s/config.yaml')).toContain('cluster-init')
    expect(await members(c)).toEqual(['server-1', 'server-2', 'server-3'])
  })

  fact(
    '`k3s server` by hand on a server’s data, without its agent token, ends and leaves a trap: `newer than datastore` at the next start',
    restarted,
    async () => {
      const { one } = get()
      await one.config('server', {}, '/root/by-hand.yaml')
      expect(await one.run('timeout 60 k3s server --config /root/by-hand.yaml')).toMatchObject({
        code: 1,
        out: expect.stringContaining('address already in use'),
      })
      await one.ok('systemctl stop k3s')
      expect(await one.run('timeout 60 k3s server')).toMatchObject({
        code: 1,
        out: expect.stringContaining('cred/passwd newer than datastore and could cause a cluster outage'),
      })
      await one.ok('rm /var/lib/rancher/k3s/server/cred/passwd')
      await one.start()
    },
  )

  fact(
    'a rebuilt server whose old member is there fails, with exit status 0: `duplicate node name found`',
    ofThree,
    async () => {
      const c = get()
      await thirdRebuilt(c)
      const { code, out } = await c.three.run('timeout 60 k3s server')
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringContaining('etcd cluster join failed: duplicate node name found'),
      })
      expect(out).toContain('Shutdown request received')
    },
  )

  fact(
    '`kubectl delete node` takes the member out too, and the server joins anew, even with another agent token: a warning',
    async () => {
      await ofThree()
      await thirdRebuilt(get())
    },
    async () => {
      const c = get()
      measured['a rebuilt server READY'] = await joinedAnew()
      expect(await c.three.ok('journalctl -u k3s -o cat --no-pager')).toContain(
        'Skipping cluster configuration validation',
      )
      expect((await ask(c.three.ip, '/v1-k3s/config', { as: 'node:of-its-own' })).code).toBe(200)
      expect((await ask(c.three.ip, '/v1-k3s/config', { as: `node:${c.agentPassword}` })).code).toBe(401)
    },
  )

  fact(
    'which the cure puts right: its own cred/passwd away, the cluster’s agent token, a restart',
    otherToken,
    async () => {
      const c = get()
      await giveTokens(c.three, serverToken(c), agentToken(c))
      await c.three.ok('systemctl stop k3s; rm /var/lib/rancher/k3s/server/cred/passwd')
      // and nobody is at the server that it would join through
      await c.three.config('server', { server: join6443(c.agent), ...tokenFiles })
      await c.three.start()
      expect((await ask(c.three.ip, '/v1-k3s/config', { as: `node:${c.agentPassword}` })).code).toBe(200)
    },
  )

  fact('with data `server` is ignored', throughNobody, async () => {
    const c = get()
    expect((await ask(c.agent.ip, '/ping')).code).toBe(0)
    expect(await members(c, c.three)).toEqual(['server-1', 'server-2', 'server-3'])
  })
}
