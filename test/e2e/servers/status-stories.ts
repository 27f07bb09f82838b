import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClusterStatus } from '../../../src/status/cluster/cluster-status.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { logSessions, wireCounts } from '../../support/lab/wire-log.ts'
import { until } from '../../support/until.ts'

/** `keel status` of three servers and two agents that have been deployed. In the end all are as they were. */
export function statusStories(get: () => LabCluster): void {
  const asJson = async (...options: readonly string[]): Promise<ClusterStatus> =>
    JSON.parse((await get().keel.run('status', '--json', ...options)).stdout)
  const allIsWell = () =>
    until('all is well', async () => (await get().keel.run('status', '--exit-code')).exitCode === 0)

  test('five hosts, all well: one screen, over one login and one command each', async () => {
    await allIsWell()
    const all = get().lab.hosts.map(({ name }) => get().host(name))
    await Promise.all(all.map(logSessions))
    const wire = await wireCounts(all, async () => {
      const { stdout } = await get().keel.expect(0, 'status', '--exit-code')
      console.log(stdout)
    })
    // another server is asked about the cluster if the first takes long
    for (const [name, { logins, execs }] of Object.entries(wire)) {
      expect(logins, name).toBe(1)
      expect(name.startsWith('server-') ? [1, 2] : [1], name).toContain(execs)
    }
    expect(Object.keys(wire)).toHaveLength(5)
  })

  describe('what is wrong', () => {
    test('an edited file, a stopped service, a host that is off: each is found, the worst first', async () => {
      const [drifted, stopped] = [get().host('server-3'), get().host('agent-2')]
      const file = '/etc/rancher/k3s/config.yaml'
      await Promise.all([
        drifted.sh(`cp -a ${file} /root/config.yaml; printf '# by hand\\n' >>${file}`),
        stopped.sh('systemctl stop k3s-agent'),
        get().power('power-off', 'agent-1'),
      ])
      onTestFinished(async () => {
        await Promise.all([
          drifted.sh(`mv /root/config.yaml ${file}`),
          stopped.sh('systemctl start k3s-agent'),
          get().power('start', 'agent-1'),
        ])
        await allIsWell()
      })
      const { stdout, seconds } = await get().keel.expect(6, 'status')
      console.log(`${stdout}\none host is off: ${seconds.toFixed(2)} s`)
      const { hosts, through } = await asJson()
      expect(hosts.slice(0, 3)).toMatchObject([
        { host: 'agent-1', level: 'unreachable' },
        {
          host: 'agent-2',
          level: 'failing',
          findings: expect.arrayContaining([expect.objectContaining({ code: 'unit' })]),
        },
        {
          host: 'server-3',
          level: 'pending',
          drift: {
            kind: 'differs',
            changes: [{ op: 'write-file', to: file }, { op: 'restart-unit' }],
          },
        },
      ])
      expect(hosts.slice(3).every(({ level }) => level === 'well')).toBe(true)
      expect(through).toBe('server-1')
    })

    test('--watch draws while a host is cut off, hears of the cluster from another server, and sees it come back', async () => {
      const { child, ended } = get().keel.start(['status', '--watch', '--json', '--interval', '1'])
      let said = ''
      child.stdout.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
      const last = (): ClusterStatus | undefined => {
        const line = said.trimEnd().split('\n').at(-1) ?? ''
        return line === '' ? undefined : JSON.parse(line)
      }
      const level = (name: string) => last()?.hosts.find(({ host }) => host === name)?.level
      await until('the first look', async () => last()?.level === 'well')
      await get().power('cut', 'server-1')
      // a slow machine takes its time: that connections are kept is in test/fast/status
      await until('server-1 is missed', async () => level('server-1') === 'unreachable', 180)
      await until(
        'another server tells',
        async () => last()?.through !== 'server-1' && last()?.through !== undefined,
        180,
      )
      await until('an agent is shown meanwhile', async () => level('agent-1') === 'well', 180)
      await get().power('heal', 'server-1')
      await until('server-1 is back', async () => level('server-1') === 'well', 180)
      child.kill('SIGINT')
      expect(await ended).toMatchObject({ exitCode: 130 })
    })
  })
}
