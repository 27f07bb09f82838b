import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { ask } from './answer.ts'
import { type Cluster, fact, measured, password } from './cluster.ts'
import { within } from './host.ts'
import { snapshotKept, three, withoutQuorum } from './states.ts'

const dir = '/var/lib/rancher/k3s'

/**
 * A snapshot, then two of three servers gone: what is left, for a minute, and `meanwhile` the chapters that do without
 * that cluster.
 */
export function quorum(get: () => Cluster, meanwhile: () => void): void {
  let exited: Promise<string>
  const begin = () => three(get())
  const kept = async () => {
    await begin()
    await snapshotKept(get())
  }
  const loseQuorum = async () => {
    const c = get()
    await withoutQuorum(c)
    const lost = performance.now()
    const exit = c.one.ok(
      'for i in $(seq 900); do [ $(systemctl show -p NRestarts --value k3s) != 0 ] && break; sleep 0.1; done; journalctl -u k3s -o cat --no-pager --since -20s | grep -E "leaderelection lost|Main process exited"',
    )
    exited = exit.finally(() => {
      measured['exit without quorum'] = (performance.now() - lost) / 1000
    })
    exited.catch(() => {}) // a fact below says so
  }
  const lost = async () => {
    await kept()
    await loseQuorum()
  }

  fact('`etcd-snapshot` saves 0600 under the name, the node and the time; ls, prune, delete', begin, async () => {
    const { one } = get()
    await one.ok('k3s kubectl create configmap before-snapshot')
    const { code, out } = await one.run('k3s etcd-snapshot save --name kept')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Snapshot kept-server-1-\d+ saved\./) })
    expect(await one.ok(`stat -c %a ${dir}/server/db/snapshots ${dir}/server/db/snapshots/kept-*`)).toBe('700\n600')
    await one.ok('k3s kubectl create configmap after-snapshot')
    await one.ok('k3s etcd-snapshot save --name pruned')
    await sleep(1000) // the name has seconds
    await one.ok('k3s etcd-snapshot save --name pruned')
    await one.ok('k3s etcd-snapshot prune --name pruned --snapshot-retention 1')
    const names = (await one.ok('k3s etcd-snapshot ls')).match(/^pruned-server-1-\d+/gm)
    expect(names?.length).toBe(1)
    await one.ok(`k3s etcd-snapshot delete ${names?.[0]}`)
    expect(await one.ok('k3s etcd-snapshot ls')).not.toContain('pruned-')
  })

  fact('without quorum /readyz stops answering and /ping goes on with 200', kept, async () => {
    const c = get()
    await loseQuorum()
    await within(
      20,
      async () =>
        (await ask(c.one.ip, '/readyz')).code !== 200 &&
        (await c.one.run('k3s kubectl get --raw /readyz --request-timeout=4s')).code !== 0,
    )
    expect((await ask(c.one.ip, '/ping')).code).toBe(200)
  })

  fact('a rotation without quorum fails, and that server’s files hold the new value all the same', lost, async () => {
    const c = get()
    const lost = password()
    const { code, out } = await c.one.run(`k3s token rotate --token ${c.serverPassword} --new-token ${lost}`)
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('token error ID') })
    expect(await c.one.ok(`cat ${dir}/server/token ${dir}/server/cred/passwd`)).toContain(lost)
  })

  meanwhile()

  fact('after about 60 s without quorum the process exits 1: `leaderelection lost for k3s-etcd`', lost, async () => {
    expect(await exited).toMatch(/leaderelection lost for k3s-etcd[\s\S]*status=1\/FAILURE/)
  })
}
