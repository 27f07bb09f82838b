import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edit } from '../support/edit.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import { until } from '../support/until.ts'

/** The agents of real hosts, from their first certificate on, and the commands that ask them. */
let cluster: LabCluster
const hosts = ['server-1', 'agent-1'] as const

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-node', agents: 1 })
  await edit(
    join(cluster.inventory, 'hosts/cluster.ts'),
    "  firstServer: 'server-1',",
    "  firstServer: 'server-1',\n  keelAgent: true,",
  )
  await cluster.keel.expect(0, 'rekey')
})
afterAll(() => cluster?.down())

const certs = async (): Promise<
  readonly { readonly host: string; readonly certificates?: { readonly serving?: string } }[]
> => JSON.parse((await cluster.keel.run('node', 'certs', '--json')).stdout).hosts

test('each host gets its certificate before k3s starts there', async () => {
  const { stdout } = await cluster.keel.expect(0, 'deploy', '--json')
  const events: readonly {
    readonly event: string
    readonly host?: string
    readonly operation?: { readonly op: string }
  }[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const name of hosts) {
    const done = events.flatMap(({ event, host, operation }) =>
      event === 'operation' && host === name && operation !== undefined ? [operation.op] : [],
    )
    expect(done).toContain('certify')
    expect(done.indexOf('certify')).toBeLessThan(done.indexOf('start-unit'))
  }
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('the agents answer keel, as the nodes that they are', async () => {
  await until('both serve', async () =>
    (await certs()).every(({ certificates }) => certificates?.serving !== undefined),
  )
  const { stdout } = await cluster.keel.expect(0, 'node', 'status')
  console.log(stdout)
  for (const name of hosts) expect(stdout).toMatch(new RegExp(`^${name} +Debian`, 'm'))
  console.log((await cluster.keel.expect(0, 'node', 'certs')).stdout)
})

test('also by curl, with a certificate of keel node login', async () => {
  const file = join(cluster.home, 'node.pem')
  await cluster.keel.expect(0, 'node', 'login', '--for', '10m', '--out', file)
  const { address } = cluster.host('agent-1').described
  const url = `https://${address}:50051/v1/health`
  const { stdout } = execaSync('curl', ['--silent', '--show-error', '--cert', file, '--cacert', file, url])
  expect(JSON.parse(stdout)).toEqual({ status: 'up' })
  expect(() => execaSync('curl', ['--silent', '--cacert', file, url])).toThrow()
})

test('and while k3s is stopped on all hosts', async () => {
  for (const name of hosts) await cluster.host(name).sh(`systemctl stop ${cluster.host(name).k3sUnit}`)
  expect((await certs()).map(({ certificates }) => certificates?.serving !== undefined)).toEqual([true, true])
  const { stdout } = await cluster.keel.expect(0, 'node', 'status')
  console.log(stdout)
})

test('the other reports, the journal, events, and an operator’s restart', async () => {
  const run = async (exit: number, ...args: readonly string[]) => {
    const { stdout, stderr } = await cluster.keel.expect(exit, 'node', ...args)
    console.log(`keel node ${args.join(' ')}\n${stdout}${stderr}`)
    return stdout
  }
  for (const name of hosts) await cluster.host(name).sh(`systemctl start ${cluster.host(name).k3sUnit}`)
  await until('the agents see k3s', async () => (await run(0, 'status')).split('active').length > 2)
  expect(await run(0, 'services')).toMatch(/^server-1 +k3s\.service +active/m)
  expect(await run(0, 'logs', '-u', 'keel-agent', '-n', '5')).toMatch(/^agent-1: \S+ keel-agent\.service: /m)
  expect(await run(0, 'events', '--since', '1h', '--json')).toContain('"kind":"agent-started"')
  const unit = 'InvocationID'
  const before = (await cluster.host('agent-1').unit())[unit]
  expect(await run(0, 'restart', 'agent-1', '--yes')).toContain('agent-1: restart of k3s-agent.service is under way')
  await until('k3s has restarted', async () => (await cluster.host('agent-1').unit())[unit] !== before)
})
