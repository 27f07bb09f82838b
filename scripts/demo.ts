/**
 * The README's first command: keel's main job for real, on this machine. Boots hosts, makes an inventory, deploys a
 * server and an agent over SSH, adds a third node, shows the cluster; each phase with its time. `--keep` leaves it
 * running.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { installMissing, labPackages } from './system-packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const lab = 'demo'
const keep = process.argv.includes('--keep')
const started = performance.now()

await phase('tools', () => installMissing(labPackages))
const inventory = join(await mkdtemp(join(tmpdir(), 'keel-demo-')), 'cluster')
try {
  await phase('three hosts boot', () =>
    keel('lab', 'up', '--name', lab, '--servers', '1', '--agents', '1', '--spare', '1'),
  )
  const { identity, hosts } = await description()
  const spare = hosts.find(({ role }) => role === 'spare')
  if (spare === undefined) throw new Error('the lab has no spare host')
  await phase('an inventory, its CA and tokens', () => keel('init', inventory, '--lab', lab, '--yes'))
  await phase('a server and an agent', () => keel('deploy', '-C', inventory, '--identity', identity))
  await phase('a third node', () =>
    keel(
      'add-node',
      'agent-2',
      '-C',
      inventory,
      '--identity',
      identity,
      '--address',
      spare.address,
      '--host-key',
      spare.hostKey,
      '--node-ip',
      spare.nodeIP,
      '--yes',
    ),
  )
  await phase('the cluster', () => keel('lab', 'ssh', '--name', lab, 'server-1', 'k3s', 'kubectl', 'get', 'nodes'))
  await phase('the others take the re-encrypted token; nothing restarts', () =>
    keel('deploy', '-C', inventory, '--identity', identity),
  )
  await phase('what is left to do', () => keel('plan', '-C', inventory, '--identity', identity))
  process.stdout.write(`\nfrom nothing to three Ready nodes and an empty plan: ${seconds(started)}\n`)
  if (keep) process.stdout.write(`the inventory is ${inventory}; \`npx keel lab down --name ${lab}\` ends it\n`)
} finally {
  if (!keep) {
    await keel('lab', 'down', '--name', lab)
    await rm(join(inventory, '..'), { recursive: true, force: true })
  }
}

async function phase(title: string, work: () => Promise<unknown>): Promise<void> {
  process.stdout.write(`\n== ${title}\n`)
  const start = performance.now()
  await work()
  process.stdout.write(`== ${title}: ${seconds(start)}\n`)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

async function keel(...args: readonly string[]): Promise<void> {
  process.stdout.write(`$ keel ${args.map((arg) => (/[\s]/.test(arg) ? `'${arg}'` : arg)).join(' ')}\n`)
  await execa('node', ['bin/keel.js', ...args], { cwd: root, stdio: 'inherit' })
}

interface LabDescription {
  readonly identity: string
  readonly hosts: readonly {
    readonly role: string
    readonly address: string
    readonly hostKey: string
    readonly nodeIP: string
  }[]
}

async function description(): Promise<LabDescription> {
  const { stdout } = await execa('node', ['bin/keel.js', 'lab', 'status', '--name', lab, '--json'], { cwd: root })
  const [found]: readonly LabDescription[] = JSON.parse(stdout).labs
  if (found === undefined) throw new Error('the lab is not up')
  return found
}
