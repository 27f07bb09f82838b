import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { ask } from './answer.ts'
import { type Cluster, fact, join6443, measured, password } from './cluster.ts'
import { until } from './host.ts'

const dir = '/var/lib/rancher/k3s'

/** A snapshot, then two of three servers gone: what is left, and in the meantime what a host does that is set up wrongly. */
export function quorum(get: () => Cluster): void {
  let exited: Promise<string>
  let lost = 0

  fact('`etcd-snapshot` saves 0600 under the name, the node and the time; ls, prune, delete', async () => {
    const { one } = get()
    await one.ok('k3s kubectl create configmap before-snapshot')
    const { code, out } = await one.run('k3s etcd-snapshot save --name kept')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Snapshot kept-server-1-\d+ saved\./) })
    expect(await one.ok(`stat -c %a ${dir}/server/db/snapshots ${dir}/server/db/snapshots/kept-*`)).toBe('700\n600')
    await one.ok('k3s kubectl create configmap after-snapshot')
    for (const _ of [1, 2]) {
      await one.ok('k3s etcd-snapshot save --name pruned')
      await sleep(1000) // the name has seconds
    }
    await one.ok('k3s etcd-snapshot prune --name pruned --snapshot-retention 1')
    const names = (await one.ok('k3s etcd-snapshot ls')).match(/^pruned-server-1-\d+/gm)
    expect(names?.length).toBe(1)
    await one.ok(`k3s etcd-snapshot delete ${names?.[0]}`)
    expect(await one.ok('k3s etcd-snapshot ls')).not.toContain('pruned-')
  })

  fact('without quorum /readyz stops answering and /ping goes on with 200', async () => {
    const c = get()
    await Promise.all([c.two, c.three].map((host) => host.ok('systemctl stop k3s')))
    lost = performance.now()
    exited = c.one.ok(
      'for i in $(seq 900); do [ $(systemctl show -p NRestarts --value k3s) != 0 ] && break; sleep 0.1; done; journalctl -u k3s -o cat --no-pager --since -20s | grep -E "leaderelection lost|Main process exited"',
    )
    exited.catch(() => {})
    await until(
      20,
      async () =>
        (await ask(c.one.ip, '/readyz')).code !== 200 &&
        (await c.one.run('k3s kubectl get --raw /readyz --request-timeout=4s')).code !== 0,
    )
    expect((await ask(c.one.ip, '/ping')).code).toBe(200)
  })

  fact('a rotation without quorum fails, and that server’s files hold the new value all the same', async () => {
    const c = get()
    const lost = password()
    const { code, out } = await c.one.run(`k3s token rotate --token ${c.serverPassword} --new-token ${lost}`)
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('token error ID') })
    expect(await c.one.ok(`cat ${dir}/server/token ${dir}/server/cred/passwd`)).toContain(lost)
  })

  fact('`server` without a token: no join and no error, but a cluster of its own on sqlite', async () => {
    const { one, two } = get()
    await two.wipe()
    await two.write('/etc/rancher/k3s/server-token', '')
    await two.config('server', { server: join6443(one), 'token-file': '/etc/rancher/k3s/server-token' })
    await two.start()
    expect(await two.ok(`ls ${dir}/server/db`)).toMatch(/state\.db/)
    expect((await two.run(`test -e ${dir}/server/db/etcd/member`)).code).toBe(1)
    expect(
      await until(20, async () => /^server-2\b[^\n]*$/.test((await two.run('k3s kubectl get nodes --no-headers')).out)),
    ).toBe(true)
    // the empty token file gave a random one
    expect(await two.ok(`cat ${dir}/server/token`)).toMatch(/::server:[0-9a-f]{32}$/)
    await two.wipe()
  })

  fact(
    'server-ca.crt without its key is overwritten by a new CA; a token of bootstrap shape ends the first server late, with exit status 0',
    async () => {
      const { three, ca } = get()
      await three.wipe()
      await three.write(`${dir}/server/tls/server-ca.crt`, ca)
      await three.config('server', { 'cluster-init': true, token: 'abcdef.0123456789abcdef' })
      const { code, out } = await three.run('timeout 60 k3s server')
      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringContaining('failed to save bootstrap data: failed to normalize server token'),
      })
      expect(`${await three.ok(`cat ${dir}/server/tls/server-ca.crt`)}\n`).not.toBe(ca)
      await three.wipe()
    },
  )

  fact('without an agent token agents hold the server’s; other forms of a token are passwords as a whole', async () => {
    const { three } = get()
    await three.config('server', { 'cluster-init': true, token: 'K3S10::server:pw' })
    await three.start()
    expect(await three.ok(`readlink ${dir}/server/agent-token`)).toMatch(/token$/)
    expect((await ask(three.ip, '/v1-k3s/config', { as: 'node:K3S10::server:pw' })).code).toBe(200)
    await three.wipe()
    await three.config('server', {
      'cluster-init': true,
      token: `K10${'0'.repeat(64)}::node:pw`,
      'agent-token': `K10${'0'.repeat(64)}::server:apw`,
    })
    await three.start()
    expect((await ask(three.ip, '/v1-k3s/server-bootstrap', { as: `server:K10${'0'.repeat(64)}::node:pw` })).code).toBe(200)
    expect((await ask(three.ip, '/v1-k3s/config', { as: `node:K10${'0'.repeat(64)}::server:apw` })).code).toBe(200)
    await three.wipe()
  })

  fact('after about 60 s without quorum the process exits 1: `leaderelection lost for k3s-etcd`', async () => {
    const said = await exited
    measured['exit without quorum'] = (performance.now() - lost) / 1000
    expect(said).toMatch(/leaderelection lost for k3s-etcd[\s\S]*status=1\/FAILURE/)
  })
}
