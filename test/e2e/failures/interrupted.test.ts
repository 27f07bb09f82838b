import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { edit } from '../../support/edit.ts'
import type { Run } from '../../support/keel/keel.ts'
import { deployUntil as deployKeelUntil, inPhase } from '../../support/lab/deploy-until.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import type { LabHost } from '../../support/lab/lab-host.ts'
import { touchedDuring } from '../../support/lab/touched.ts'
import { until } from '../../support/until.ts'

let cluster: LabCluster
let server: LabHost
let agent: LabHost
let spare: LabHost
const clusterFile = () => join(cluster.inventory, 'hosts/cluster.ts')

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-cut', spare: 1 })
  ;[server, agent, spare] = [cluster.host('server-1'), cluster.host('agent-1'), cluster.host('spare-1')]
})
afterAll(() => cluster?.down())

const deployUntil = (moment: (events: readonly Event[]) => boolean, signal: 'SIGKILL' | 'SIGINT'): Promise<Run> =>
  deployKeelUntil(cluster.keel, moment, signal)
const onDisk = (host: LabHost, path: string) => existsSync(join(host.paths.upper, path))
/** What was left running on the host has come to its end. */
const quiet = (host: LabHost) => host.sh('flock --wait 60 /var/lib/keel/lock true')

async function carriesOn(): Promise<void> {
  await cluster.keel.expect(3, 'plan', '--exit-code')
  const { seconds } = await cluster.keel.expect(0, 'deploy')
  console.log(`the next deploy: ${seconds.toFixed(1)} s`)
  await cluster.keel.expect(0, 'plan', '--exit-code')
}

/** Nothing half written on any host's disk. */
async function nothingHalf(): Promise<void> {
  for (const { paths } of [server, agent, spare])
    expect((await execa('find', [paths.upper, '-name', '.keel-*'])).stdout).toBe('')
}

describe('a first deploy that is cut off again and again', () => {
  test('killed during the upload: the program has no name yet on the host', async () => {
    const programs = join(server.paths.upper, 'usr/local/lib/keel')
    const uploading = () => existsSync(programs)
    await deployUntil(uploading, 'SIGKILL')
    expect((await readdir(programs)).filter((name) => !name.startsWith('.keel-'))).toEqual([])
    expect(onDisk(server, 'etc/systemd/system/k3s.service')).toBe(false)
    await quiet(server)
    await cluster.keel.expect(3, 'plan', '--exit-code')
  })

  test('killed when all is staged', async () => {
    await deployUntil(inPhase('activate', 'server-1'), 'SIGKILL')
    await quiet(server)
    await cluster.keel.expect(3, 'plan', '--exit-code')
    expect(onDisk(agent, 'etc/rancher')).toBe(false)
  })

  test('the plug is pulled while files are put in place', async () => {
    // as if nothing had been: a host that is new to all this
    await server.sh(
      'systemctl disable --now --quiet k3s 2>&1 || true; rm -rf /etc/rancher /var/lib/keel /etc/systemd/system/k3s.service',
    )
    const activating = () => onDisk(server, 'var/lib/keel/unconfirmed')
    await deployUntil(activating, 'SIGKILL')
    await cluster.power('power-off', 'server-1')
    await cluster.power('start', 'server-1')
    expect(onDisk(server, 'var/lib/keel/unconfirmed')).toBe(true)
    await cluster.keel.expect(3, 'plan', '--exit-code')
  })

  test('killed while k3s starts: the next deploy sees whether it did', async () => {
    const verifying = inPhase('verify', 'server-1')
    // before it has data the CA would be placed once more
    const data = join(server.paths.disks, 'rancher/k3s/server/db')
    await deployUntil((events) => verifying(events) && existsSync(data), 'SIGKILL')
    const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code', 'server-1')
    expect(stdout).toContain('check that k3s.service is healthy (the last deploy stopped before it could)')
    const { stderr } = await cluster.keel.expect(0, 'deploy', 'server-1')
    expect(stderr).toContain('waiting for node server-1 to be Ready')
    await cluster.keel.expect(0, 'plan', '--exit-code', 'server-1')
  })

  test('interrupted from the keyboard: exit 130, and how to go on', async () => {
    const { exitCode, stderr, stdout } = await deployUntil(inPhase('verify', 'agent-1'), 'SIGINT')
    expect({ exitCode, stderr: stderr.trim() }).toEqual({ exitCode: 130, stderr: 'keel: interrupted' })
    const last = stdout.trim().split('\n').slice(-2)
    expect(last.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'failed', host: 'agent-1', fault: { code: 'interrupted' } },
      { event: 'end', exit: 130 },
    ])
    expect(stdout).toContain('keel deploy agent-1')
    await carriesOn()
    await nothingHalf()
    expect((await cluster.kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(2)
  })
})

/** Seconds in which a server beside another lab, and whatever else runs, comes as far as its kubelet, which refuses a flag. */
const REFUSED = '45'

describe('a change that goes wrong', () => {
  // a good one, which stays: the first test's deploy of it is cut off, the second test's flag is in its place
  beforeAll(() =>
    edit(clusterFile(), "    'secrets-encryption'", "    'kubelet-arg': ['max-pods=99'],\n    'secrets-encryption'"),
  )

  /**
   * Edits the inventory for one test. However that ends, the inventory is put back and the cluster follows it with one
   * deploy.
   */
  async function editForNow(file: string, from: string, to: string): Promise<void> {
    const before = await readFile(file)
    onTestFinished(async () => {
      await writeFile(file, before)
      await cluster.keel.expect(0, 'deploy')
      await cluster.keel.expect(0, 'plan', '--exit-code')
    })
    await edit(file, from, to)
  }

  test('the connection breaks while k3s restarts: exit 6, what was done, how to go on', async () => {
    const { child, ended } = cluster.keel.start(['deploy'])
    onTestFailed(async () => {
      child.kill('SIGKILL')
      await ended
      await quiet(server)
      await cluster.keel.expect(0, 'deploy')
    })
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    await until('k3s restarts', () => said.includes('server-1: waiting for'))
    await server.sh('ss --kill state established sport = :22')
    const { exitCode, stderr } = await ended
    console.log(stderr)
    expect(exitCode).toBe(6)
    expect(stderr).toContain('its files match the inventory, and its services were told to start')
    expect(stderr).toContain('keel deploy server-1')
    expect(stderr).toContain('agent-1: not switched (server-1 failed)')
    await carriesOn()
  })

  test('k3s refuses what it is given: exit 1, its journal, and no other host is touched', async () => {
    await editForNow(clusterFile(), "'max-pods=99'", "'no-such-flag=1'")
    const touched = await touchedDuring(
      [agent, spare],
      async () => {
        const { stderr } = await cluster.keel.expect(1, 'deploy', '--patience', REFUSED)
        console.log(stderr)
        expect(stderr).toContain('the last lines of its journal:')
        expect(stderr).toContain('no-such-flag')
        expect(stderr).toContain('agent-1: not switched (server-1 failed)')
      },
      { data: false, staging: false },
    )
    expect(touched).toEqual([])
  })

  test('an agent whose kubelet does not come back, while its Node still counts as Ready', async () => {
    await editForNow(
      join(cluster.inventory, 'hosts/agent-1/host.ts'),
      "role: 'agent',",
      "role: 'agent',\n  k3s: { 'kubelet-arg': ['no-such-flag=1'] },",
    )
    const { stderr } = await cluster.keel.expect(1, 'deploy', '--patience', REFUSED)
    console.log(stderr)
    expect(stderr).toContain('agent-1: failed')
    expect(stderr).toContain('no-such-flag')
  })
})

describe('add-node', () => {
  /** Every file of the inventory with its hash. */
  async function inventoryDigests(): Promise<Readonly<Record<string, string>>> {
    const entries = await readdir(cluster.inventory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const digest = async (file: string) => sha256(await readFile(file))
    return Object.fromEntries(await Promise.all(files.toSorted().map(async (file) => [file, await digest(file)])))
  }
  const keyOfAnotherMachine = () => generateKeyPair().public
  const add = (...flags: readonly string[]) => [
    'add-node',
    'spare-1',
    '--address',
    spare.described.address,
    '--node-ip',
    spare.described.nodeIP,
    ...flags,
  ]

  test.each([
    ['the host shows another key', 6, () => ['--host-key', keyOfAnotherMachine()]],
    ['nobody says that its key is its own', 2, () => ['--yes']],
    ['no k3s is pinned for such a machine', 2, () => ['--host-key', spare.hostKey, '--arch', 'arm64']],
    ['its label is none', 2, () => ['--host-key', spare.hostKey, '--label', 'no label=x']],
  ] as const)('%s: the inventory is as it was, byte by byte', async (_case, exitCode, flags) => {
    const before = await inventoryDigests()
    const { stderr } = await cluster.keel.expect(exitCode, ...add(...flags()))
    console.log(stderr)
    expect(await inventoryDigests()).toEqual(before)
    expect(await spare.sh('ls -A /var/lib/keel 2>/dev/null || true')).toBe('')
  })

  test('fails after its first byte: the host stays in the inventory, and `keel deploy` carries on', async () => {
    const dropIn = '/etc/systemd/system/k3s-agent.service.d'
    await spare.sh(`mkdir -p ${dropIn}; printf '[Service]\\nExecStartPre=/bin/false\\n' > ${dropIn}/broken.conf`)
    const { stderr } = await cluster.keel.expect(1, ...add('--host-key', spare.hostKey, '--patience', '8'))
    console.log(stderr)
    expect(stderr).toContain(`note: spare-1: ${dropIn}/broken.conf: not from keel`)
    expect(stderr).toContain('spare-1 stays in the inventory; to continue: `keel deploy spare-1`')
    expect(existsSync(join(cluster.inventory, 'hosts/spare-1/host.ts'))).toBe(true)
    await spare.sh(`rm -r ${dropIn}`)
    await cluster.keel.expect(0, 'deploy', 'spare-1')
    expect((await cluster.kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(3)
    await nothingHalf()
  })
})
