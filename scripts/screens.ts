/**
 * The pictures of keel in docs/screens/: runs keel behind a pseudo-terminal of 60 and of 120 columns, against the hosts
 * of a lab, and draws what the terminal shows. Needs root, as every lab does. `node scripts/screens.ts`. The page of
 * `keel graph` needs chromium-headless-shell instead; `node scripts/screens.ts graph` makes this picture alone.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Lab } from '../src/lab/description.ts'
import { type Answer, typed } from '../test/support/terminal/typed.ts'
import { shootGraphPage } from './screens/graph-page.ts'
import { screenSvg } from './screens/screen-svg.ts'

await shootGraphPage(new URL('../docs/screens/graph-page.png', import.meta.url))
if (process.argv[2] === 'graph') process.exit()

const root = fileURLToPath(new URL('..', import.meta.url))
const lab = 'screens'
const folder = await mkdtemp(join(tmpdir(), 'keel-screens-'))
const WIDTHS = [60, 120] as const
const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: join(folder, 'home'), USER: 'ada' }

await mkdir(join(folder, 'bin'), { recursive: true })
await mkdir(join(env.HOME, '.ssh'), { recursive: true })
await writeFile(join(folder, 'bin/keel'), `#!/bin/sh\nexec ${process.execPath} ${root}bin/keel.js "$@"\n`, {
  mode: 0o755,
})
try {
  await keel('lab', 'up', '--name', lab, '--servers', '1', '--agents', '2')
  const { stdout } = await keel('lab', 'status', '--name', lab, '--json')
  const { identity, hosts }: Lab = JSON.parse(stdout).labs[0]
  for (const ending of ['', '.pub']) await copyFile(`${identity}${ending}`, join(env.HOME, `.ssh/id_ed25519${ending}`))
  for (const columns of WIDTHS)
    await shoot('init', columns, folder, `keel init mercury-${columns}`, { answers: wizard(hosts) })
  // what the wizard can't know is how a lab runs k3s
  const inventory = join(folder, 'mercury')
  await keel('init', inventory, '--lab', lab, '--yes')
  for (const columns of WIDTHS) await shoot('plan', columns, inventory, 'keel plan')
  await shoot('deploy', 120, inventory, 'keel deploy')
  const cluster = join(inventory, 'hosts/cluster.ts')
  const before = await readFile(cluster, 'utf8')
  await writeFile(
    cluster,
    before.replace('k3s: {', "files: { '/etc/issue.d/mercury.issue': 'mercury\\n' },\n  k3s: {\n    debug: true,"),
  )
  await shoot('deploy', 60, inventory, 'keel deploy', { answers: [['(yes/no)', 'yes\n']] })
  await keel('lab', 'ssh', '--name', lab, 'agent-1', '--', 'echo by hand >> /etc/issue.d/mercury.issue')
  await keel('lab', 'ssh', '--name', lab, 'agent-2', '--', 'systemctl stop k3s-agent')
  for (const columns of WIDTHS) await shoot('status', columns, inventory, 'keel status', { exit: 1 })
} finally {
  await keel('lab', 'down', '--name', lab)
  await rm(folder, { recursive: true, force: true })
}

/** One command and what the terminal shows of it, as docs/screens/NAME-COLUMNS.svg. */
async function shoot(
  name: string,
  columns: number,
  cwd: string,
  command: string,
  { answers = [], exit = 0 }: { readonly answers?: readonly Answer[]; readonly exit?: number } = {},
): Promise<void> {
  const { screen, end } = await typed(command, { cwd, env, columns }, answers)
  if (end !== exit) throw new Error(`${command} ended with ${end}:\n${screen}`)
  // a folder of this run would differ each time
  const shown = `\u001b[1m$ ${command}\u001b[0m\r\n${screen.replaceAll(folder, '/home/ada')}`
  await writeFile(join(root, `docs/screens/${name}-${columns}.svg`), screenSvg(shown, columns, command))
}

/** What somebody types who has the hosts of the lab: one server, and agents. */
function wizard(hosts: Lab['hosts']): readonly Answer[] {
  const machines = hosts.flatMap(({ name, role, address, hostKey = '', nodeIP }): readonly Answer[] => [
    role === 'server' ? ['first server: name: ', `${name}\r`] : ['next host: name', `${name}\r`],
    ...(role === 'server' ? [] : ([['role: server or agent', '\r']] as const)),
    ['os: nixos, flatcar or debian', '\r'],
    ['address for ssh', `${address}\r`],
    ['its SSH host key', `${hostKey}\r`],
    ['its address in the cluster', `${nodeIP}\r`],
  ])
  const begin = ["the cluster's name [", 'Kubernetes version ['].map((shown): Answer => [shown, '\r'])
  return [...begin, ...machines, ['next host: name', '\r'], ['write it? (yes/no) [yes]: ', '\r']]
}

function keel(...args: readonly string[]) {
  return execa(process.execPath, ['bin/keel.js', ...args], { cwd: root })
}
