import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import type { NodeReports } from '../../src/node-client/host-reports.ts'
import type { LabCluster } from '../support/lab/lab-cluster.ts'
import { foundInMemory } from '../support/lab/memory.ts'
import { until } from '../support/until.ts'

/** The keel-agents of a cluster, asked by `keel node` and by curl. Leaves every host as it was. */
export function agentsOfThree(get: () => LabCluster, server: string, hosts: readonly string[]): void {
  const host = (name: string) => get().host(name)
  const agentOf = (name: string) => host(name).sh('systemctl show -p MainPID --value keel-agent.service')
  const reports = async (...args: readonly string[]): Promise<NodeReports> =>
    JSON.parse((await get().keel.run('node', ...args, '--json')).stdout)
  const servedWith = async () =>
    Object.fromEntries((await reports('certs')).hosts.map((one) => [one.host, one.certificates?.serving]))

  const allReady = () =>
    get()
      .nodes()
      .then(
        (nodes) => nodes.every((node) => node.endsWith(' Ready')),
        // the API server is not back yet
        () => false,
      )

  test('each shows a certificate of Kubernetes soon after its host has joined', async () => {
    await until('all are approved', async () =>
      Object.values(await servedWith()).every((serving) => serving === 'operational'),
    )
    const [request] =
      (await get().kubectl('get', 'csr', '--no-headers')).match(/keel-agent-\S+/) ?? expect.unreachable()
    expect(await get().kubectl('describe', 'csr', request)).toMatch(/Approved,Issued/)
    for (const name of hosts)
      expect(await host(name).sh('journalctl --quiet --output=cat --unit=keel-agent')).toContain(
        '✓ K8s operational certificates initialized',
      )
  })

  test('one that loses it requests another, and serves with the first one meanwhile', async () => {
    const [name = ''] = hosts.slice(1)
    await host(server).sh('systemctl stop keel-approver')
    await host(name).sh('rm -rf /var/lib/keel/crypto/operational.* /var/lib/keel/crypto/.operational.*')
    await until('it shows its first one', async () => (await servedWith())[name] === 'first')
    await host(server).sh('systemctl start keel-approver')
    await until('it has another', async () => (await servedWith())[name] === 'operational')
  })

  test('all answer while the API server is away', async () => {
    await host(server).sh('systemctl stop k3s.service')
    try {
      const { hosts: said } = await reports('status')
      expect(Object.fromEntries(said.map((one) => [one.host, one.node?.system.id]))).toEqual({
        'server-1': 'debian',
        'agent-1': 'flatcar',
        'agent-2': 'nixos',
      })
      expect(said.find((one) => one.host === server)?.kubernetes).toMatchObject({
        service: { unit: 'k3s.service', active: 'inactive' },
        api: { live: { ok: false } },
      })
      const { stdout } = await get().keel.expect(1, 'node', 'health')
      expect(stdout).toContain(server)
      const lines = await get().keel.expect(0, 'node', 'logs', ...hosts, '--unit', 'keel-agent', '--lines', '3')
      for (const name of hosts) expect(lines.stdout).toContain(name)
      expect((await reports('services')).hosts.map((one) => one.services?.services.length ?? 0)).not.toContain(0)
    } finally {
      await host(server).sh('systemctl start --no-block k3s.service')
    }
    await until('every Node is Ready', allReady)
  })

  test('attack 1: a viewer may look and not restart; an operator restarts k3s, and nothing else restarts', async () => {
    const [name = ''] = hosts.slice(1)
    const { described, k3sUnit } = host(name)
    const unit = async () => (await host(name).unit(k3sUnit)).InvocationID
    const before = [await unit(), await agentOf(name)]
    const file = join(get().home, 'viewer.pem')
    await get().keel.expect(0, 'node', 'login', '--for', '10m', '--out', file)
    const curl = (method: string, path: string) =>
      execa('curl', [
        ...['--silent', '--show-error', '--max-time', '10', '--write-out', '\n%{http_code}', '--request', method],
        ...['--cert', file, '--cacert', file, '--resolve', `${name}:50051:${described.nodeIP}`],
        `https://${name}:50051${path}`,
      ]).then(({ stdout }) => stdout.split('\n').at(-1))
    expect(await curl('GET', '/v1/node')).toBe('200')
    expect(await curl('GET', '/metrics')).toBe('200')
    expect(await curl('POST', `/v1/services/${k3sUnit}/restart`)).toBe('403')
    expect(await curl('POST', '/v1/reboot')).toBe('403')
    expect([await unit(), await agentOf(name)]).toEqual(before)
    await get().keel.expect(0, 'node', 'restart', name, '--yes')
    await until('k3s is another', async () => (await unit()) !== before[0])
    expect(await agentOf(name)).toBe(before[1])
    await until('every Node is Ready', allReady)
  })

  describe('secrets', () => {
    test('no token and no key of the CA or a client is in the memory of an agent, its logs or an argument', async () => {
      const client = await readFile(join(get().home, 'viewer.pem'), 'utf8')
      const { stdout: caKey } = await execa('age', [
        ...['--decrypt', '--identity', join(get().home, '.ssh/id_ed25519')],
        join(get().inventory, 'secrets/keel-agent-ca-key.age'),
      ])
      const { stdout: token } = await execa('age', [
        ...['--decrypt', '--identity', join(get().home, '.ssh/id_ed25519')],
        join(get().inventory, 'secrets/k3s-agent-token.age'),
      ])
      // of the second line: every key on P-256 begins alike
      const keyOf = (pem: string) => /PRIVATE KEY-----\n.+\n([A-Za-z0-9+/]{40})/.exec(pem)?.[1] ?? expect.unreachable()
      const secrets = [keyOf(client), keyOf(caKey), token.split('::node:')[1]?.trim() ?? expect.unreachable()]
      for (const name of hosts) {
        const ids = await host(name).processes()
        const arguments_ = await Promise.all(
          ids.map(async (id) => [id, await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')] as const),
        )
        const agents = arguments_.filter(([, text]) => text.includes('/etc/keel/agent.json')).map(([id]) => id)
        expect(agents).toHaveLength(1)
        const [agent] = agents
        const hunted = await foundInMemory(agent ?? expect.unreachable(), [...secrets, '/etc/keel/agent.json'])
        // the hunt finds what is there
        expect([name, ...hunted]).toEqual([name, '/etc/keel/agent.json'])
        const logs = await host(name).sh('journalctl --quiet --output=cat --unit=keel-agent --unit="keel-approver*"')
        for (const secret of secrets) {
          expect(logs).not.toContain(secret)
          expect(arguments_.filter(([, text]) => text.includes(secret))).toEqual([])
        }
      }
    })
  })
}
