import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ClusterStatus } from '../../../src/status/cluster/cluster-status.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { logSessions, wireCounts } from '../../support/lab/wire-log.ts'
import { until } from '../../support/until.ts'

let cluster: LabCluster

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-status', servers: 3, agents: 7 })
  await cluster.keel.expect(0, 'deploy')
})
afterAll(() => cluster?.down())

const asJson = async (...options: readonly string[]): Promise<ClusterStatus> =>
  JSON.parse((await cluster.keel.run('status', '--json', ...options)).stdout)
const allIsWell = () =>
  until('all is well', async () => (await cluster.keel.run('status', '--exit-code')).exitCode === 0)

test('ten hosts, all well: one screen, over one login and one command each', async () => {
  await allIsWell()
  const all = cluster.lab.hosts.map(({ name }) => cluster.host(name))
  for (const host of all) await logSessions(host)
  const wire = await wireCounts(all, async () => {
    const { stdout } = await cluster.keel.expect(0, 'status', '--exit-code')
    console.log(stdout)
  })
  // another server is asked about the cluster if the first takes long
  for (const [name, { logins, execs }] of Object.entries(wire)) {
    expect(logins, name).toBe(1)
    expect(name.startsWith('server-') ? [1, 2] : [1], name).toContain(execs)
  }
  expect(Object.keys(wire)).toHaveLength(10)
  const times = async (...args: readonly string[]) => {
    const found: string[] = []
    for (let run = 0; run < 5; run++) found.push((await cluster.keel.expect(0, ...args)).seconds.toFixed(2))
    return found.join(', ')
  }
  const [load] = (await readFile('/proc/loadavg', 'utf8')).split(' ')
  console.log(`keel status of 10 hosts: ${await times('status', '--exit-code')} s (load of the machine: ${load})`)
  console.log(`the connections alone (keel exec -- true): ${await times('exec', '--', 'true')} s`)
})

describe('what is wrong', () => {
  test('an edited file, a stopped service, a host that is off: each is found, the worst first', async () => {
    const [drifted, stopped, off] = ['agent-2', 'agent-3', 'agent-4'].map(cluster.host)
    if (drifted === undefined || stopped === undefined || off === undefined) throw new Error('no hosts')
    await drifted.sh("printf '# by hand\\n' >>/etc/rancher/k3s/config.yaml")
    await stopped.sh('systemctl stop k3s-agent')
    await cluster.power('power-off', 'agent-4')
    onTestFinished(async () => {
      await cluster.power('start', 'agent-4')
      await until(
        'agent-4 answers',
        async () => (await cluster.keel.run('exec', 'agent-4', '--', 'true')).exitCode === 0,
      )
      await cluster.keel.expect(0, 'deploy')
      await allIsWell()
    })
    const { stdout, seconds } = await cluster.keel.expect(6, 'status')
    console.log(`${stdout}\none host is off: ${seconds.toFixed(2)} s`)
    const { hosts, through } = await asJson()
    expect(hosts.slice(0, 3)).toMatchObject([
      { host: 'agent-4', level: 'unreachable' },
      {
        host: 'agent-3',
        level: 'failing',
        findings: expect.arrayContaining([expect.objectContaining({ code: 'unit' })]),
      },
      {
        host: 'agent-2',
        level: 'pending',
        drift: {
          kind: 'differs',
          changes: [{ op: 'write-file', to: '/etc/rancher/k3s/config.yaml' }, { op: 'restart-unit' }],
        },
      },
    ])
    expect(hosts.slice(3).every(({ level }) => level === 'well')).toBe(true)
    expect(through).toBe('server-1')
  })

  test('--watch draws while a host is cut off, hears of the cluster from another server, and sees it come back', async () => {
    const { child, ended } = cluster.keel.start(['status', '--watch', '--json', '--interval', '1'])
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
    await cluster.power('cut', 'server-1')
    // a slow machine takes its time: that connections are kept is in test/fast/status
    await until('server-1 is missed', async () => level('server-1') === 'unreachable', 180)
    await until(
      'another server tells',
      async () => last()?.through !== 'server-1' && last()?.through !== undefined,
      180,
    )
    await until('an agent is shown meanwhile', async () => level('agent-1') === 'well', 180)
    await cluster.power('heal', 'server-1')
    await until('server-1 is back', async () => level('server-1') === 'well', 180)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ exitCode: 130 })
  })
})
