import { expect } from 'vitest'
import { agentToken, type Cluster, fact, giveTokens, join6443, measured, serverToken, tokenFiles } from './cluster.ts'
import { type Host, within } from './host.ts'
import { members } from './joining.ts'
import { beforeRestore, readyToJoin, restored, stopped } from './states.ts'

const db = '/var/lib/rancher/k3s/server/db'
const resetMessage = 'Managed etcd cluster membership has been reset, restart without --cluster-reset flag now'

/** From one server without quorum back to three, by its own data and by a snapshot. */
export function restore(get: () => Cluster): void {
  const begin = () => stopped(get())
  const back = () => restored(get())
  const reset = (token: string, more = '') =>
    get().one.run(`timeout 60 k3s server --cluster-reset --token ${token} --token-file= ${more}`)
  const snapshot = () => get().one.ok(`ls ${db}/snapshots/kept-*`)

  fact('`--cluster-reset` is refused while `server` is configured', begin, async () => {
    const c = get()
    await Promise.all([c.one, c.three, c.agent].map((host) => host.ok('systemctl stop k3s k3s-agent')))
    await c.one.config('server', { server: join6443(c.two), ...tokenFiles })
    const { code, out } = await c.one.run('timeout 60 k3s server --cluster-reset')
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringMatching(/cannot perform cluster-reset while server URL is set/),
    })
    await c.one.config('server', { 'cluster-init': true, ...tokenFiles })
  })

  fact(
    '`--cluster-reset` makes a server the only member with its own data: exit 0; twice in a row is refused',
    begin,
    async () => {
      const c = get()
      const once = await reset(serverToken(c))
      measured['cluster-reset'] = once.seconds
      expect(once).toMatchObject({ code: 0, out: expect.stringContaining(resetMessage) })
      expect(await c.one.ok(`ls ${db}/reset-flag`)).toContain('reset-flag')
      expect(await reset(serverToken(c))).toMatchObject({
        code: 1,
        out: expect.stringContaining('Managed etcd cluster membership was previously reset'),
      })
      await c.one.start()
      expect(await members(c)).toEqual(['server-1'])
      expect((await c.one.run('k3s kubectl get configmap before-snapshot after-snapshot')).code).toBe(0)
      await c.one.ok('systemctl stop k3s')
    },
  )

  fact(
    'a snapshot with another token: exit 1, the live database is moved and server/token overwritten',
    begin,
    async () => {
      const { one } = get()
      const { code, out } = await reset('another', `--cluster-reset-restore-path=${await snapshot()}`)
      expect({ code, out }).toEqual({
        code: 1,
        out: expect.stringContaining('bootstrap data already found and encrypted with different token'),
      })
      expect(await one.ok(`ls ${db}`)).toMatch(/etcd-old-\d+/)
      expect(await one.ok(`cat ${db}/../token`)).toContain('::server:another')
    },
  )

  fact('repeated with the right token it works: what came after the snapshot is gone', begin, async () => {
    const c = get()
    const done = await reset(serverToken(c), `--cluster-reset-restore-path=${await snapshot()}`)
    measured.restore = done.seconds
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining(resetMessage) })
    measured['the first start after a restore'] = await c.one.start()
    expect((await c.one.run('k3s kubectl get configmap before-snapshot')).code).toBe(0)
    expect((await c.one.run('k3s kubectl get configmap after-snapshot')).code).toBe(1)
  })

  fact('another started with its old db hangs: it is not READY and does not end', back, async () => {
    const c = get()
    const { two } = c
    await two.ok(`mkdir -p /var/lib/rancher/k3s && mv ${beforeRestore} /var/lib/rancher/k3s/server`)
    await giveTokens(two, serverToken(c), agentToken(c))
    await two.config('server', { server: join6443(c.one), ...tokenFiles })
    await two.ok('systemctl start --no-block k3s')
    // etcd's own word for it, after the time in which any start tells the cluster its name: those it knew do not know
    // it any more
    const said = 'failed to publish local member to cluster through raft'
    await within(30, async () => (await two.ok('journalctl -u k3s -o cat --no-pager --since -30s')).includes(said))
    expect((await two.ok('systemctl show -p ActiveState -p NRestarts k3s')).split('\n').toSorted()).toEqual([
      'ActiveState=activating',
      'NRestarts=0',
    ])
    expect(await c.one.ok('systemctl is-active k3s')).toBe('active')
    expect(await members(c)).toEqual(['server-1'])
  })

  fact(
    'with an empty one it joins again',
    async () => {
      await back()
      await readyToJoin(get(), get().two)
    },
    async () => {
      const c = get()
      await c.two.ok(`systemctl stop k3s; rm -rf ${db}`)
      measured['a server joins after a restore'] = await c.two.start()
      expect(await members(c)).toEqual(['server-1', 'server-2'])
    },
  )

  fact(
    'a wiped first server with `cluster-init` founds a second cluster',
    async () => {
      await back()
      await readyToJoin(get(), get().two)
      await get().two.start()
    },
    async () => {
      const c = get()
      const cluster = (host: Host) => host.ok(`k3s kubectl get namespace kube-system -o 'jsonpath={.metadata.uid}'`)
      const before = await cluster(c.two)
      await c.one.wipe()
      await c.one.config('server', { 'cluster-init': true, ...tokenFiles })
      await c.one.start()
      expect(await members(c)).toEqual(['server-1'])
      expect(await cluster(c.one)).not.toBe(before)
    },
  )
}
