import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import { edit } from '../support/edit.ts'
import type { Keel } from '../support/keel/keel.ts'
import type { LabCluster } from '../support/lab/lab-cluster.ts'
import { until } from '../support/until.ts'

const tokens = ['secrets/k3s-server-token.age', 'secrets/k3s-agent-token.age'] as const

/**
 * The cluster as an agenix repository has it: keys and two secrets. A keel that knows nothing of the inventory asks the
 * hosts for the rest.
 */
export function takenOver(get: () => LabCluster, hosts: readonly string[]): void {
  let repository: string
  let keel: Keel

  test('`keel init --from-agenix` asks each host of a running cluster, and writes what runs', async () => {
    const { home, inventory, host, kubectl, lab, ...cluster } = get()
    await edit(
      join(inventory, 'hosts/agent-1/host.ts'),
      "role: 'agent',",
      "role: 'agent',\n  labels: { 'example.com/tier': 'edge' },\n  taints: ['example.com/pool=slow:PreferNoSchedule'],",
    )
    await cluster.keel.expect(0, 'deploy')
    // k3s notes its flags on the Node when it starts
    await host('agent-1').sh('systemctl restart k3s-agent')
    const noted = () => kubectl('get', 'node', 'agent-1', '-o', 'jsonpath={.metadata.annotations.k3s\\.io/node-args}')
    await until("k3s has noted the Node's new flags", async () => (await noted()).includes('example.com/pool=slow'))

    repository = join(home, 'agenix')
    keel = cluster.keel.with({ cwd: repository })
    await mkdir(join(repository, 'secrets'), { recursive: true })
    for (const file of tokens) await cp(join(inventory, file), join(repository, file))
    const admin = (await readFile(join(home, '.ssh/id_ed25519.pub'), 'utf8')).split(' ').slice(0, 2).join(' ')
    await writeFile(
      join(repository, 'secrets.nix'),
      `let
  ada = "${admin}";
  systems = {
${hosts.map((name) => `    ${name} = "${host(name).hostKey}";`).join('\n')}
  };
in
{
  "${tokens[0]}".publicKeys = [ ada systems.server-1 ];
  "${tokens[1]}".publicKeys = [ ada ] ++ builtins.attrValues systems;
}
`,
    )
    const places = hosts.flatMap((name) => ['--host', `name=${name},address=${host(name).described.address}`])
    const init = ['init', '.', '--yes', '--from-agenix', 'secrets.nix', '-i', join(home, '.ssh/id_ed25519')]
    const { stderr, seconds } = await keel.expect(0, ...init, ...places)
    console.log(`${hosts.length} hosts taken over: ${seconds.toFixed(1)} s\n${stderr}`)
    expect(stderr).not.toContain('open question')
    expect(stderr).toContain('host agent-1: agent, debian, ')

    const written = (file: string) => readFile(join(repository, 'hosts', file), 'utf8')
    for (const name of hosts) {
      const text = await written(`${name}/host.ts`)
      expect(text).toContain("os: 'debian'")
      expect(text).toContain(`role: '${name === 'server-1' ? 'server' : 'agent'}'`)
      expect(text).toContain(`nodeIP: '${host(name).described.nodeIP}'`)
    }
    expect(await written('agent-1/host.ts')).toMatch(
      /labels: \{ 'example\.com\/tier': 'edge' \},\n {2}taints: \['example\.com\/pool=slow:PreferNoSchedule'\]/,
    )
    const text = await written('cluster.ts')
    expect(text).toContain(`version: '${lab.k3s.version}'`)
    expect(text).toContain("'secrets-encryption': true")
    expect(text).not.toContain('sqlite')
  })

  test('and a deploy of what it wrote would refuse nothing and change nothing', async () => {
    const { inventory } = get()
    // which k3s that is, and the CA's certificate: the repository has neither
    for (const file of ['keel.lock.json', 'secrets/server-ca.crt'])
      await cp(join(inventory, file), join(repository, file))
    await keel.expect(0, 'rekey', '--check')
    const plan: Plan = JSON.parse((await keel.expect(0, 'plan', '--json')).stdout)
    expect(plan.refusals).toEqual([])
    expect(plan.hosts.map(({ host, operations }) => ({ host, operations }))).toEqual(
      plan.hosts.map(({ host }) => ({ host, operations: [] })),
    )
    expect(plan.hosts.map(({ host }) => host).toSorted()).toEqual([...hosts].toSorted())
  })
}
