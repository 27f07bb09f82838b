import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

/** The first deploy: each host gets its certificate before k3s starts there. */
export function firstDeploy(get: () => LabCluster, hosts: readonly string[]): void {
  test('each host gets its certificate before k3s starts there', async () => {
    const { stdout } = await get().keel.expect(0, 'deploy', '--json')
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
    await get().keel.expect(0, 'plan', '--exit-code')
  })
}

/** The agents of real hosts, and the commands that ask them. */
export function nodeVerbs(get: () => LabCluster, hosts: readonly string[]): void {
  const host = (name: string) => get().host(name)
  const certs = async (): Promise<
    readonly { readonly host: string; readonly certificates?: { readonly serving?: string } }[]
  > => JSON.parse((await get().keel.run('node', 'certs', '--json')).stdout).hosts

  test('the agents answer keel, as the nodes that they are', async () => {
    await until('both serve', async () =>
      (await certs()).every(({ certificates }) => certificates?.serving !== undefined),
    )
    const { stdout } = await get().keel.expect(0, 'node', 'status')
    console.log(stdout)
    for (const name of hosts) expect(stdout).toMatch(new RegExp(`^${name} +Debian`, 'm'))
    console.log((await get().keel.expect(0, 'node', 'certs')).stdout)
  })

  test('also by curl, with a certificate of keel node login', async () => {
    const file = join(get().home, 'node.pem')
    await get().keel.expect(0, 'node', 'login', '--for', '10m', '--out', file)
    const { address } = host('agent-1').described
    const url = `https://${address}:50051/v1/health`
    const { stdout } = execaSync('curl', ['--silent', '--show-error', '--cert', file, '--cacert', file, url])
    expect(JSON.parse(stdout)).toEqual({ status: 'up' })
    expect(() => execaSync('curl', ['--silent', '--cacert', file, url])).toThrow()
  })

  test('and while k3s is stopped on all hosts', async () => {
    for (const name of hosts) await host(name).sh(`systemctl stop ${host(name).k3sUnit}`)
    expect((await certs()).map(({ certificates }) => certificates?.serving !== undefined)).toEqual(
      hosts.map(() => true),
    )
    const { stdout } = await get().keel.expect(0, 'node', 'status')
    console.log(stdout)
  })

  test('the other reports, the journal, events, and an operator’s restart', async () => {
    const run = async (exit: number, ...args: readonly string[]) => {
      const { stdout, stderr } = await get().keel.expect(exit, 'node', ...args)
      console.log(`keel node ${args.join(' ')}\n${stdout}${stderr}`)
      return stdout
    }
    // two servers wait for each other
    await Promise.all(hosts.map((name) => host(name).sh(`systemctl start ${host(name).k3sUnit}`)))
    await until(
      'the agents see k3s',
      async () => (await run(0, 'status')).match(/\bactive\b/g)?.length === hosts.length,
    )
    expect(await run(0, 'services')).toMatch(/^server-1 +k3s\.service +active/m)
    expect(await run(0, 'logs', '-u', 'keel-agent', '-n', '5')).toMatch(/^agent-1: \S+ keel-agent\.service: /m)
    expect(await run(0, 'events', '--since', '1h', '--json')).toContain('"kind":"agent-started"')
    const unit = 'InvocationID'
    const before = (await host('agent-1').unit())[unit]
    expect(await run(0, 'restart', 'agent-1', '--yes')).toContain('agent-1: restart of k3s-agent.service is under way')
    await until('k3s has restarted', async () => (await host('agent-1').unit())[unit] !== before)
  })
}
