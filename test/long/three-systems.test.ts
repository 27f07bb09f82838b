import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../src/deploy/event.ts'
import { withHostKey } from '../../src/inventory/write/host-file.ts'
import { updateChannels } from '../../src/lab/nixos/stand-in.ts'
import { DEFAULT_VERSION, KNOWN_MINORS, minorOf } from '../../src/model/k3s/k3s-version.ts'
import { parseSshPublicKey } from '../../src/model/keys/ssh-key.ts'
import type { Operation } from '../../src/plan/operation.ts'
import { edit } from '../support/edit.ts'
import type { Keel } from '../support/keel/keel.ts'
import { deployUntil, inPhase } from '../support/lab/deploy-until.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import { type K3sProgram, nextPatch, underVersion } from '../support/lab/next-patch.ts'
import { podOnEach } from '../support/lab/pods.ts'
import { touchedDuring } from '../support/lab/touched.ts'
import { wantKeelAgent } from '../support/lab/want-keel-agent.ts'
import { until } from '../support/until.ts'
import { agentsOfThree } from './agents-of-three.ts'

/**
 * One cluster of a Debian server, a Flatcar look-alike and a stand-in for NixOS (what that is no proof of:
 * src/lab/nixos/stand-in.ts).
 */
const [debian, flatcar, nixos] = ['server-1', 'agent-1', 'agent-2'] as const
const hosts = [debian, flatcar, nixos] as const
let cluster: LabCluster
let copies = 0

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-three', agents: 2, flatcar: [flatcar], nixos: [nixos] })
  await wantKeelAgent(cluster)
  await cluster.keel.expect(0, 'render')
  const key = await cluster.provision(flatcar, join(cluster.inventory, 'hosts', flatcar, 'config.ign'))
  const file = join(cluster.inventory, 'hosts', flatcar, 'host.ts')
  await writeFile(file, withHostKey(await readFile(file, 'utf8'), parseSshPublicKey(key)))
  await cluster.keel.expect(0, 'rekey')
})
afterAll(() => cluster?.down())

const host = (name: string) => cluster.host(name)
const clusterFile = (directory = cluster.inventory) => join(directory, 'hosts/cluster.ts')
const allReady = hosts.map((name) => `${name} Ready`).toSorted()
const ofNodes = (jsonpath: string) =>
  cluster.kubectl('get', 'nodes', '-o', `jsonpath={range .items[*]}{.metadata.name}=${jsonpath} {end}`)
const onEach = (value: string) =>
  hosts
    .map((name) => `${name}=${value} `)
    .toSorted()
    .join('')

/** Also how often systemd started k3s on each host meanwhile. */
async function startsDuring<Result>(
  change: () => Promise<Result>,
): Promise<{ result: Result; starts: Readonly<Record<string, number>> }> {
  const count = (name: string) =>
    host(name).sh(
      `journalctl --sync; journalctl --boot --quiet --output=cat --unit=${host(name).k3sUnit} --grep='^Started ' | wc -l`,
    )
  const before = await Promise.all(hosts.map(count))
  const result = await change()
  const after = await Promise.all(hosts.map(count))
  return {
    result,
    starts: Object.fromEntries(hosts.map((name, index) => [name, Number(after[index]) - Number(before[index])])),
  }
}

interface Deployed {
  /** Kinds of operations by host, in their order. */
  readonly operations: Readonly<Record<string, readonly Operation['op'][]>>
  /** What was found, by host. */
  readonly notes: Readonly<Record<string, string>>
}

async function deploy(what: string): Promise<Deployed> {
  const { stdout, seconds } = await cluster.keel.expect(0, 'deploy', '--json')
  console.log(`${what}: ${seconds.toFixed(1)} s`)
  const events = stdout
    .trim()
    .split('\n')
    .map((line): Event => JSON.parse(line))
  const of = (name: string) =>
    events.flatMap((event) => (event.event === 'operation' && event.host === name ? [event.operation.op] : []))
  return {
    operations: Object.fromEntries(hosts.map((name) => [name, of(name)])),
    notes: Object.fromEntries(
      events.flatMap((event) => (event.event === 'note' ? [[event.host, event.note.found]] : [])),
    ),
  }
}

/** keel in a copy of the inventory, in which something else is said. */
async function inACopy(change: (directory: string, keel: Keel) => Promise<unknown>): Promise<Keel> {
  const directory = join(cluster.home, `copy-${copies++}`)
  await cp(cluster.inventory, directory, { recursive: true })
  const keel = cluster.keel.with({ cwd: directory })
  await change(directory, keel)
  return keel
}

/**
 * Runs deploy and expects this end, and that no byte of a host's disk is another; k3s goes on with its own meanwhile.
 */
async function untouched(keel: Keel, exitCode: number, ...args: readonly string[]): Promise<string> {
  let said = ''
  const work = async () => {
    said = (await keel.expect(exitCode, 'deploy', ...args)).stderr
  }
  expect(await touchedDuring(hosts.map(host), work, { data: false })).toEqual([])
  return said
}

const aLabel = ['defineCluster({', "defineCluster({\n  defaults: { labels: { tier: 'edge' } },"] as const

test('the keel-agent answers on a server whose API server has never started', async () => {
  const broken = await inACopy(async (directory, keel) => {
    await edit(
      clusterFile(directory),
      "'secrets-encryption'",
      "'kube-apiserver-arg': ['no-such-flag=1'],\n    'secrets-encryption'",
    )
    await keel.expect(0, 'render')
  })
  await broken.expect(1, 'deploy', debian, '--patience', '3')
  const { stdout } = await cluster.keel.expect(0, 'node', 'certs', debian, '--json')
  expect(JSON.parse(stdout).hosts).toMatchObject([{ host: debian, certificates: { serving: 'first' } }])
  await cluster.keel.expect(0, 'node', 'logs', debian, '--lines', '5')
})

describe('one inventory of three systems becomes one cluster', () => {
  test('by one deploy: three Nodes are Ready, and the plan is empty for all', async () => {
    await deploy('a Debian server, a Flatcar agent, a NixOS agent')
    expect(await cluster.nodes()).toEqual(allReady)
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const ids = await Promise.all(hosts.map((name) => host(name).sh('. /etc/os-release; echo "$ID"')))
    expect(ids).toEqual(['debian', 'flatcar', 'nixos'])
    // it comes while k3s runs on, and would be a write of somebody else below
    for (const name of hosts)
      await until(`${name} has its certificate of Kubernetes`, () =>
        host(name)
          .sh('test -e /var/lib/keel/crypto/operational.pem')
          .then(
            () => true,
            () => false,
          ),
      )
  })

  test('Pods run on all three and reach one another', async () => {
    await podOnEach(cluster, hosts)
    const ring = hosts.map((name, index) => [name, hosts[(index + 1) % hosts.length] ?? name] as const)
    for (const [from, to] of ring) {
      const address = await cluster.kubectl('get', 'pod', `on-${to}`, '-o', 'jsonpath={.status.podIP}')
      expect(await cluster.kubectl('exec', `on-${from}`, '--', '/tiny', 'get', `http://${address}:8080/`)).toContain(
        `on-${to}`,
      )
    }
  })

  test('with one of them off nothing is written to the others; after a reboot of all the plan is empty, and all are Ready', async () => {
    const labelled = await inACopy(async (directory, keel) => {
      await edit(clusterFile(directory), ...aLabel)
      await keel.expect(0, 'render')
    })
    await cluster.power('power-off', nixos)
    // this machine remembers where the host was, and would ask there for a while
    await execa('ip', ['neighbour', 'flush', 'to', host(nixos).described.nodeIP])
    const said = await untouched(labelled, 6)
    expect(said).toContain(nixos)
    await Promise.all([
      cluster.power('start', nixos),
      cluster.power('reboot', flatcar),
      cluster.power('reboot', debian),
    ])
    await until('k3s runs everywhere', async () =>
      (await Promise.all(hosts.map((name) => host(name).unit()))).every((unit) => unit.ActiveState === 'active'),
    )
    await until('every Node is Ready', async () => (await cluster.nodes()).join() === allReady.join())
    await cluster.keel.expect(0, 'plan', '--exit-code')
    await cluster.kubectl('wait', '--for=condition=Ready', 'pods', '--all', '--timeout=90s')
  })
})

describe('the keel-agent on each of them', () => agentsOfThree(() => cluster, debian, hosts))

/** Each deploy's operations are those of its own change: the one before has left nothing to do. */
describe('a change reaches each of them in its own way', () => {
  test('a label: through the API, and k3s goes on; on NixOS it is an argument of the service', async () => {
    await edit(clusterFile(), ...aLabel)
    await cluster.keel.expect(0, 'render')
    const { result, starts } = await startsDuring(() => deploy('a label'))
    expect(result.operations).toEqual({
      [debian]: ['label-node', 'write-file'],
      [flatcar]: ['label-node', 'write-file'],
      [nixos]: ['label-node', 'switch-system'],
    })
    expect(starts).toEqual({ [debian]: 0, [flatcar]: 0, [nixos]: 1 })
    expect(await ofNodes('{.metadata.labels.tier}')).toBe(onEach('edge'))
  })

  test('a flag: by the configuration or by the module, and one start of k3s', async () => {
    await edit(
      clusterFile(),
      "    'secrets-encryption'",
      "    'kubelet-arg': ['max-pods=42'],\n    'secrets-encryption'",
    )
    await cluster.keel.expect(0, 'render')
    const { result, starts } = await startsDuring(() => deploy('a flag'))
    expect(result.operations).toEqual({
      [debian]: ['write-file', 'restart-unit'],
      [flatcar]: ['write-file', 'restart-unit'],
      [nixos]: ['switch-system'],
    })
    expect(starts).toEqual({ [debian]: 1, [flatcar]: 1, [nixos]: 1 })
    expect(await ofNodes('{.status.capacity.pods}')).toBe(onEach('42'))
  })
})

describe('a patch version reaches each of them in its own way', () => {
  const versions = async () =>
    (await Promise.all(hosts.map((name) => host(name).sh('k3s --version')))).map((said) => /v\d\S+/.exec(said)?.[0])
  let next: K3sProgram
  let lacks = ''

  beforeAll(async () => {
    next = await nextPatch(cluster.lab.k3s, join(cluster.home, 'k3s-next'))
    lacks = `the host has k3s ${cluster.lab.k3s.version}, but hosts/cluster has ${next.version}`
    await edit(clusterFile(), cluster.lab.k3s.version, next.version)
    await cluster.keel.expect(0, 'pin', '--file', `amd64=${next.path}`)
  })

  test('a program, and an image; on NixOS it comes with nixpkgs, and keel says so of what it has built', async () => {
    // something of its owner's, so that there is a system to build
    await edit(
      join(cluster.inventory, `hosts/${nixos}/configuration.nix`),
      'services.openssh',
      'environment.etc."motd".text = "mine";\n  services.openssh',
    )
    const { result, starts } = await startsDuring(() => deploy('a patch version'))
    expect(result.operations).toEqual({
      [debian]: ['push-artifact', 'set-link', 'restart-unit'],
      [flatcar]: ['push-artifact', 'set-link', 'merge-extensions', 'restart-unit'],
      [nixos]: ['switch-system'],
    })
    expect(result.notes).toEqual({ [nixos]: lacks })
    expect(starts).toEqual({ [debian]: 1, [flatcar]: 1, [nixos]: 0 })
    expect(await versions()).toEqual([next.version, next.version, cluster.lab.k3s.version])
  })

  test('then nothing is left to do, and plan and deploy say what would bring it', async () => {
    const { stdout } = await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(stdout).toContain(`note: ${nixos}: ${lacks}`)
    expect(stdout).toContain(
      `\`nix-channel --update\` on it, or set services.k3s.package; then \`keel deploy ${nixos}\``,
    )
    expect(await untouched(cluster.keel, 0, nixos)).toContain(`note: ${nixos}: ${lacks}`)
  })

  test('with the channels updated the next deploy brings it; killed before it is done, the one after that finishes', async () => {
    await updateChannels(`/proc/${await host(nixos).firstProcess()}/root`, next)
    await deployUntil(cluster.keel, inPhase('verify', nixos), 'SIGKILL')
    await host(nixos).sh('flock --wait 60 /var/lib/keel/lock true')
    const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code')
    expect(stdout).toContain('build its system and switch to it (its channels have changed since it was built)')
    expect(stdout).toContain('Plan: 0 to add, 1 to change, 0 to remove on 1 host (2 unchanged).')
    expect(await deploy('what was cut off')).toEqual({
      operations: { [debian]: [], [flatcar]: [], [nixos]: ['switch-system'] },
      notes: {},
    })
    expect(await versions()).toEqual([next.version, next.version, next.version])
    expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toBe(
      'No changes: all 3 hosts match the inventory.',
    )
    await until('every Node is Ready', async () => (await cluster.nodes()).join() === allReady.join())
  })
})

// the program inside says its own version, so no lab can run an earlier one: this waits for the next minors of k3s
describe.skipIf(!KNOWN_MINORS.includes((minorOf(DEFAULT_VERSION) ?? 0) + 2))('another minor version', () => {
  const running = () => Number(/^v1\.(\d+)\./.exec(cluster.lab.k3s.version)?.[1])
  const withMinor = (minor: number) =>
    inACopy(async (directory, keel) => {
      const { k3s } = cluster.lab
      const program = await underVersion(k3s, join(directory, 'k3s'), k3s.version.replace(/v1\.\d+\./, `v1.${minor}.`))
      const file = clusterFile(directory)
      await writeFile(file, (await readFile(file, 'utf8')).replace(/v1\.[\d.]+\+\w+/, program.version))
      await keel.expect(0, 'pin', '--file', `amd64=${program.path}`)
      await keel.expect(0, 'render')
    })
  let newer: Keel
  beforeAll(async () => {
    newer = await withMinor(running() + 1)
  })

  test('that skips one is refused for each host, and nothing is written anywhere', async () => {
    const said = await untouched(await withMinor(running() + 2), 1)
    for (const name of hosts)
      expect(said).toContain(`${name}: it runs Kubernetes 1.${running()}, and the inventory wants 1.${running() + 2}`)
    expect(said).toContain('Kubernetes is upgraded one minor version at a time')
  })

  test('that would make a kubelet newer than the server is refused, on either agent, and nothing is written anywhere', async () => {
    const said = await untouched(newer, 1, flatcar, nixos)
    for (const name of [flatcar, nixos])
      expect(said).toContain(
        `${name}: its kubelet would be of 1.${running() + 1}; ${debian}, a server out of this deploy, runs 1.${running()}`,
      )
    expect(said).toContain('a kubelet must not be newer than an API server')
  })

  test('that nixpkgs does not have: its build ends with what to do, and no host of any system is switched', async () => {
    const { result, starts } = await startsDuring(() => newer.expect(1, 'deploy'))
    expect(result.stderr).toContain(`hosts/cluster says 1.${running() + 1}: update nixpkgs, set services.k3s.package`)
    for (const name of [debian, flatcar]) expect(result.stderr).toContain(`${name}: not switched (${nixos} failed)`)
    expect(starts).toEqual({ [debian]: 0, [flatcar]: 0, [nixos]: 0 })
  })
})
