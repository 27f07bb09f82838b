import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AGENT_PROGRAM_IN_NIXOS } from '../../../src/model/keel-agent/agent-program.ts'
import { edit as editFile } from '../../support/edit.ts'
import { costs, listens } from '../../support/lab/keel-agent.ts'
import { probeAgent } from '../../support/lab/keel-agent-probe.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { newerKeel } from '../../support/lab/newer-keel.ts'
import { wantKeelAgent } from '../../support/lab/want-keel-agent.ts'
import { adminsNix, becomeBuilder, writeFlake } from '../../support/nixos/stand-in.ts'
import { until } from '../../support/until.ts'

/**
 * A Debian server, and an agent on a stand-in for NixOS: what it replaces, and for what not, is said in
 * src/lab/nixos/stand-in.ts.
 */
let cluster: LabCluster

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-nixos', agents: 1, nixos: ['agent-1'] })
  await wantKeelAgent(cluster)
})
afterAll(() => cluster?.down())

const agent = () => cluster.host('agent-1')
const edit = (file: string, from: string, to: string) => editFile(join(cluster.inventory, file), from, to)
const ready = () =>
  cluster.kubectl(
    'get',
    'nodes',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
  )

test('a module that was not rendered, and one that is not imported, are said, and nothing is switched', async () => {
  expect((await cluster.keel.expect(2, 'deploy')).stderr).toContain('hosts/agent-1/k3s.nix: it is not there')
  await cluster.keel.expect(0, 'render')
  await edit('hosts/agent-1/configuration.nix', ' ./k3s.nix', '')
  const { stderr } = await cluster.keel.expect(1, 'deploy')
  expect(stderr).toContain('add ./hosts/agent-1/k3s.nix to the imports')
  await edit('hosts/agent-1/configuration.nix', 'age.nix>', 'age.nix> ./k3s.nix')
  expect(await agent().sh('ls /run/agenix')).toBe('')
})

test('both nodes become Ready, and the plan is empty', async () => {
  // not what the inventory names: nixos-rebuild builds it all the same, where it is not told otherwise
  await agent().sh('mkdir -p /etc/nixos; echo "{ outputs = _: throw \\"another system\\"; }" > /etc/nixos/flake.nix')
  const { seconds } = await cluster.keel.expect(0, 'deploy')
  console.log(`server and NixOS stand-in deployed: ${seconds.toFixed(1)} s`)
  expect(await ready()).toBe('agent-1=True server-1=True ')
  await cluster.keel.expect(0, 'plan', '--exit-code')
  expect(await agent().sh('stat -c "%a %U" /run/agenix/k3s-agent-token /run/keel-k3s')).toBe('400 root\n700 root')
  // no secret in the store, nor in an argument
  const password = (await agent().sh('cat /run/agenix/k3s-agent-token')).split('::node:')[1] ?? expect.unreachable()
  expect(await agent().sh('grep -rlFf - /nix/store /proc/[0-9]*/cmdline 2> /dev/null || true', password)).toBe('')
})

test('the keel-agent runs there, with the Node of nixpkgs', async () => {
  const modes = 'stat -L -c "%a %U %n" /etc/keel/kubeconfig /etc/keel/agent.json /var/lib/keel/crypto'
  expect(await agent().sh(modes)).toBe(
    '600 root /etc/keel/kubeconfig\n600 root /etc/keel/agent.json\n700 root /var/lib/keel/crypto',
  )
  await until('the keel-agent listens', () => listens(agent()))
  console.log(`keel-agent on agent-1: ${await costs(agent())}`)
  const shown = 'systemctl show -p Result,Environment,WantedBy keel-agent | sed "s|PATH=[^ ]* ||" | sort'
  expect(await agent().sh(shown)).toBe('Environment=NODE_NAME=agent-1\nResult=success\nWantedBy=multi-user.target')
  expect(await probeAgent(agent(), ['api'], AGENT_PROGRAM_IN_NIXOS)).toBe('200')
  const hidden = ['/etc/ssh', '/etc/shadow', '/etc/rancher', '/run/agenix', '/run/systemd/private', '/proc/1/root']
  await agent().sh(`ls -d ${hidden.join(' ')}`)
  expect(await probeAgent(agent(), ['reach', ...hidden, '/etc/keel/agent.json'], AGENT_PROGRAM_IN_NIXOS)).toEqual([
    '/etc/keel/agent.json',
  ])
})

test('a reboot leads to the same', async () => {
  await cluster.power('reboot', 'agent-1')
  await until('agent-1 runs k3s', async () => (await agent().unit('k3s.service')).ActiveState === 'active')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('a rekey restarts nothing; a flag reaches k3s by a new system, whose diff the plan shows', async () => {
  const before = await agent().unit('k3s.service')
  const keelAgent = await agent().unit('keel-agent.service')
  await edit(
    'secrets.ts',
    "readers: ['admins', 'servers', 'agents']",
    "readers: ['admins', 'servers', 'agents'], armor: true",
  )
  await cluster.keel.expect(0, 'rekey')
  await cluster.keel.expect(0, 'render')
  await cluster.keel.expect(0, 'deploy')
  expect(await agent().unit('k3s.service')).toEqual(before)

  await edit('hosts/agent-1/host.ts', "os: 'nixos'", "k3s: { 'kubelet-arg': ['max-pods=42'] },\n  os: 'nixos'")
  expect((await cluster.keel.expect(2, 'deploy')).stderr).toContain(
    'the inventory has changed since this file was written',
  )
  await cluster.keel.expect(0, 'render')
  const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code')
  expect(stdout).toContain('+ "--kubelet-arg=max-pods=42"')
  await cluster.keel.expect(0, 'deploy')
  // its program is the same
  expect(await agent().unit('keel-agent.service')).toEqual(keelAgent)
  expect(await cluster.kubectl('get', 'node', 'agent-1', '-o', 'jsonpath={.status.capacity.pods}')).toBe('42')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('a system that is not healthy is left for the one before, which the next boot would take anyway', async () => {
  const boot = await agent().sh('readlink -f /nix/var/nix/profiles/system')
  await edit(
    'hosts/agent-1/configuration.nix',
    'services.openssh',
    'services.k3s.extraFlags = [ "--no-such-flag" ];\n  services.openssh',
  )
  const { stderr } = await cluster.keel.expect(4, 'deploy', '--patience', '2')
  expect(stderr).toContain('the host runs its previous system again')
  expect(await agent().sh('readlink -f /nix/var/nix/profiles/system /run/current-system')).toBe(`${boot}\n${boot}`)
  await until('agent-1 runs k3s again', async () => (await agent().unit('k3s.service')).ActiveState === 'active')
  await edit('hosts/agent-1/configuration.nix', 'services.k3s.extraFlags = [ "--no-such-flag" ];\n  ', '')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('a host that can’t decrypt is found out before it is switched', async () => {
  const system = await agent().sh('readlink -f /run/current-system')
  const file = join(cluster.inventory, 'secrets/k3s-agent-token.age')
  const right = await readFile(file)
  // the same value, encrypted to the admin alone: as somebody with older rules would leave it
  const token = await agent().sh('cat /run/agenix/k3s-agent-token')
  await execa('age', ['-R', join(cluster.home, '.ssh/id_ed25519.pub'), '-o', file], { input: `${token}\n` })
  const { stderr } = await cluster.keel.expect(1, 'deploy', 'agent-1')
  expect(stderr).toContain('cannot decrypt k3s-agent-token')
  expect(await agent().sh('readlink -f /run/current-system')).toBe(system)
  await writeFile(file, right)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('a newer keel brings its bundle with `keel render`, and restarts the keel-agent alone', async () => {
  const newer = await newerKeel(cluster)
  const [k3s, before] = [await agent().unit('k3s.service'), await agent().unit('keel-agent.service')]
  await newer('render')
  await newer('deploy', 'agent-1')
  await until('the keel-agent listens', () => listens(agent()))
  expect(await agent().unit('k3s.service')).toEqual(k3s)
  expect((await agent().unit('keel-agent.service')).InvocationID).not.toBe(before.InvocationID)
  // and back: this keel has another bundle than the one in git
  expect((await cluster.keel.expect(2, 'deploy', 'agent-1')).stderr).toContain('hosts/agent-1/keel-agent.mjs')
  await cluster.keel.expect(0, 'render')
  await cluster.keel.expect(0, 'deploy', 'agent-1')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

/** The machine as a flake in git has it, with stand-ins for nixpkgs and agenix; `git add` is the user's. */
test('a flake is built from what git tracks; what it does not see is named for `git add`', async () => {
  const git = (...args: readonly string[]) => execa('git', ['-C', cluster.inventory, ...args])
  writeFlake(cluster.inventory, ['agent-1'], cluster.lab.k3s.version.slice(1))
  await edit('hosts/agent-1/configuration.nix', '<agenix/modules/age.nix> ./k3s.nix', './tuning.nix')
  await edit('hosts/agent-1/host.ts', "configuration: 'hosts/agent-1/configuration.nix'", "flake: '.#agent-1'")
  await writeFile(join(cluster.inventory, 'hosts/agent-1/tuning.nix'), '{ environment.etc."tuning-1".text = "one"; }\n')
  await git('init', '--quiet')
  await git('add', '.', ':!hosts/agent-1/k3s.nix', ':!hosts/agent-1/tuning.nix')
  expect((await cluster.keel.expect(2, 'deploy')).stderr).toContain('do:  `git add hosts/agent-1/k3s.nix`')
  await git('add', 'hosts/agent-1/k3s.nix')
  expect((await cluster.keel.expect(1, 'deploy')).stderr).toContain('do:  `git add hosts/agent-1/tuning.nix`')
  await git('add', '.')
  const before = await agent().unit('k3s.service')
  await cluster.keel.expect(0, 'deploy')
  expect(await agent().sh('cat /etc/tuning-1')).toBe('one')
  expect(await agent().unit('k3s.service')).toEqual(before)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('built on the admin’s machine or on another one, it is copied, proven, tested, and the boot entry comes last', async () => {
  const nix = adminsNix(join(cluster.home, 'admins-nix'), cluster.lab.k3s.version.slice(1))
  const keel = cluster.keel.with({ env: { ...nix, HOME: cluster.home } })
  const mine = ['-i', join(cluster.home, '.ssh/id_ed25519')]
  const system = () => agent().sh('readlink -f /run/current-system')
  await edit('hosts/agent-1/host.ts', "'.#agent-1'", "'.#agent-1', build: 'local'")
  await edit('hosts/agent-1/tuning.nix', 'tuning-1".text = "one"', 'tuning-2".text = "two"')
  await agent().sh('rm /var/lib/keel/nixos/*.log')
  const { stdout, seconds } = await keel.expect(3, 'plan', '--exit-code', ...mine)
  expect(stdout).toMatch(/its sources changed\)\n +closure: .*\n +etc-tuning: 1 → 2\n/)
  console.log(`plan with its closure: ${seconds.toFixed(1)} s`)
  await keel.expect(0, 'deploy', ...mine)
  expect(await agent().sh('cat /etc/tuning-2; readlink -f /nix/var/nix/profiles/system')).toBe(`two${await system()}`)
  expect(await agent().sh('ls /var/lib/keel/nixos')).not.toContain('.log')
  await keel.expect(0, 'plan', '--exit-code')

  // not healthy: the system before runs again, and a boot would take it
  const healthy = await system()
  await edit('hosts/agent-1/tuning.nix', '{ ', '{ services.k3s.extraFlags = [ "--no-such-flag" ]; ')
  expect((await keel.expect(4, 'deploy', '--patience', '2', ...mine)).stderr).toContain(
    'the host runs its previous system again',
  )
  expect(await agent().sh('readlink -f /nix/var/nix/profiles/system /run/current-system')).toBe(
    `${healthy}\n${healthy}`,
  )
  await edit('hosts/agent-1/tuning.nix', 'services.k3s.extraFlags = [ "--no-such-flag" ]; ', '')
  await until('agent-1 runs k3s again', async () => (await agent().unit('k3s.service')).ActiveState === 'active')

  // a secret that the host can't decrypt stops it before the switch
  const file = join(cluster.inventory, 'secrets/k3s-agent-token.age')
  const right = await readFile(file)
  await execa('age', ['-R', join(cluster.home, '.ssh/id_ed25519.pub'), '-o', file], {
    input: `${await agent().sh('cat /run/agenix/k3s-agent-token')}\n`,
  })
  expect((await keel.expect(1, 'deploy', 'agent-1', ...mine)).stderr).toContain('cannot decrypt k3s-agent-token')
  expect(await system()).toBe(healthy)
  await writeFile(file, right)

  // the server builds; its key is the inventory's
  await becomeBuilder(cluster.host('server-1'))
  await edit('hosts/agent-1/host.ts', "'local'", `'${cluster.host('server-1').described.address}'`)
  await edit('hosts/agent-1/tuning.nix', 'tuning-2', 'tuning-3')
  await keel.expect(0, 'deploy', ...mine)
  expect(await cluster.host('server-1').sh(`nix-store --query --deriver ${await system()}`)).toMatch(/\.drv$/)
  expect(await agent().sh('ls /var/lib/keel/nixos; cat /etc/tuning-3')).not.toContain('build.log')
  expect(await ready()).toBe('agent-1=True server-1=True ')
  await keel.expect(0, 'plan', '--exit-code')
})
