import { expect } from 'vitest'
import { ask } from './answer.ts'
import { type Cluster, factBeside as fact, join6443, measured, nothing } from './cluster.ts'
import { within } from './host.ts'
import { ownCluster } from './states.ts'

const dir = '/var/lib/rancher/k3s/server'

/** The third host's cluster. */
export interface Own {
  readonly cluster: () => Cluster
  /** It, out of nothing. */
  readonly anew: () => Promise<void>
}

/** Servers that found clusters of their own, not always on purpose. @returns the last of them */
export function alone(get: () => Cluster): Own {
  let own: Cluster | undefined
  const anew = async () => {
    own = await ownCluster(get())
  }
  const registered = async () => {
    await anew()
    await within(20, async () => (await tier()) === 'first')
    await get().three.ok('systemctl stop k3s')
  }
  const tier = async () => {
    const { out } = await get().three.run(
      `k3s kubectl get node server-3 -o 'jsonpath={.metadata.labels.example\\.com/tier}'`,
    )
    return out
  }

  fact(
    '`server` without a token: no join and no error, but a cluster of its own on sqlite; without an agent token agents hold the server’s',
    nothing,
    async () => {
      const { one, two } = get()
      await two.wipe()
      await two.write('/etc/rancher/k3s/server-token', '')
      await two.config('server', { server: join6443(one), 'token-file': '/etc/rancher/k3s/server-token' })
      await two.start()
      expect(await two.ok(`ls ${dir}/db`)).toMatch(/state\.db/)
      expect((await two.run(`test -e ${dir}/db/etcd/member`)).code).toBe(1)
      expect(
        await within(20, async () =>
          /^server-2\b[^\n]*$/.test((await two.run('k3s kubectl get nodes --no-headers')).out),
        ),
      ).toBe(true)
      // the empty token file gave a random one
      const random = /::server:([0-9a-f]{32})$/.exec(await two.ok(`cat ${dir}/token`))?.[1]
      expect(await two.ok(`readlink ${dir}/agent-token`)).toMatch(/token$/)
      expect((await ask(two.ip, '/v1-k3s/config', { as: `node:${random}` })).code).toBe(200)
      await two.wipe()
    },
  )

  fact(
    'server-ca.crt without its key is overwritten by a new CA; a token of bootstrap shape ends the first server late, with exit status 0',
    nothing,
    async () => {
      const { three, ca } = get()
      await three.wipe()
      await three.write(`${dir}/tls/server-ca.crt`, ca)
      await three.config('server', { 'cluster-init': true, token: 'abcdef.0123456789abcdef' })
      const { code, out } = await three.run('timeout 60 k3s server')
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringContaining('failed to save bootstrap data: failed to normalize server token'),
      })
      expect(`${await three.ok(`cat ${dir}/tls/server-ca.crt`)}\n`).not.toBe(ca)
      await three.wipe()
    },
  )

  fact('other forms of a token are passwords as a whole', nothing, async () => {
    const { three } = get()
    await three.wipe()
    const forms = { token: `K10${'0'.repeat(64)}::node:pw`, 'agent-token': `K10${'0'.repeat(64)}::server:apw` }
    await three.config('server', { 'cluster-init': true, ...forms })
    await three.start()
    expect((await ask(three.ip, '/v1-k3s/server-bootstrap', { as: `server:${forms.token}` })).code).toBe(200)
    expect((await ask(three.ip, '/v1-k3s/config', { as: `node:${forms['agent-token']}` })).code).toBe(200)
    own = await ownCluster(get())
    expect((await ask(three.ip, '/v1-k3s/server-bootstrap', { as: `server:${own.serverPassword}` })).code).toBe(200)
    expect((await ask(three.ip, '/cacerts')).body).toBe(own.ca)
    await within(20, async () => (await tier()) === 'first') // its Node comes after READY
  })

  fact(
    'a server with data takes no other token: exit 1, and then not even the right one until cred/passwd is deleted',
    anew,
    async () => {
      const { three } = get()
      await three.ok(
        'systemctl stop k3s; cp /etc/rancher/k3s/server-token /root/right; echo another > /etc/rancher/k3s/server-token',
      )
      const another = await three.run('timeout 30 k3s server')
      expect(another).toMatchObject({
        code: 1,
        out: expect.stringContaining('bootstrap data already found and encrypted with different token'),
      })
      await three.ok('cp /root/right /etc/rancher/k3s/server-token')
      const right = await three.run('timeout 30 k3s server')
      expect(right).toMatchObject({
        code: 1,
        out: expect.stringContaining('cred/passwd newer than datastore and could cause a cluster outage'),
      })
      await three.ok(`rm ${dir}/cred/passwd`)
    },
  )

  fact('labels count at registration only', registered, async () => {
    const { three } = get()
    await three.ok('sed -i s/tier=first/tier=second/ /etc/rancher/k3s/config.yaml')
    measured['the same server restarted'] = await three.start()
    await within(20, async () => (await three.run('k3s kubectl get node server-3 -o yaml')).out.includes('tier=second')) // in node-args
    expect(await tier()).toBe('first')
  })

  return { cluster: () => own ?? get(), anew }
}
