import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { AGENT_CA_CERTIFICATE_FILE } from '../../../src/model/keel-agent/agent-ca.ts'
import type { NodeReports } from '../../../src/node-client/host-reports.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

/** As docs/keel-agent-certificates.md has it, of agents that run. */
export function replaceCa(get: () => LabCluster, hosts: readonly string[]): void {
  const host = (name: string) => get().host(name)
  const k3sRuns = () => Promise.all(hosts.map(async (name) => (await host(name).unit()).InvocationID))
  const asked = (file: string, name: string) =>
    execa(
      'curl',
      [
        ...['--silent', '--max-time', '10', '--cert', file, '--cacert', file],
        ...['--resolve', `${name}:50051:${host(name).described.nodeIP}`, `https://${name}:50051/v1/health`],
      ],
      { reject: false },
    )

  test('another CA of the agents: rekey and deploy, k3s goes on, and nobody is let in with a certificate of the old one', async () => {
    const keel = get().keel
    const [old, fresh] = [join(get().home, 'old.pem'), join(get().home, 'fresh.pem')]
    await keel.expect(0, 'node', 'login', '--for', '1h', '--out', old)
    for (const name of hosts) expect((await asked(old, name)).stdout).toBe('{"status":"up"}')
    const before = await k3sRuns()

    for (const file of ['secrets/keel-agent-ca-key.age', AGENT_CA_CERTIFICATE_FILE])
      await rm(join(get().inventory, file))
    expect((await keel.expect(0, 'rekey')).stdout).toContain('secrets/keel-agent-ca-key.age: created')
    await keel.expect(0, 'rekey', '--check')
    await keel.expect(0, 'render')
    const plan = (await keel.expect(3, 'plan', '--exit-code')).stdout
    expect(plan.match(/certify keel-agent/g)).toHaveLength(hosts.length)
    const { seconds } = await keel.expect(0, 'deploy')
    console.log(`another CA of the agents: deploy ${seconds.toFixed(1)} s`)
    await keel.expect(0, 'plan', '--exit-code')

    await until('all answer keel', async () => {
      const { stdout, exitCode } = await keel.run('node', 'certs', '--json')
      const reports: NodeReports = JSON.parse(stdout)
      return exitCode === 0 && reports.hosts.every(({ certificates }) => certificates?.serving === 'operational')
    })
    await keel.expect(0, 'node', 'login', '--for', '1h', '--out', fresh)
    for (const name of hosts) {
      expect((await asked(old, name)).exitCode).not.toBe(0)
      expect((await asked(fresh, name)).stdout).toBe('{"status":"up"}')
    }
    expect(await k3sRuns()).toEqual(before)
  })
}
