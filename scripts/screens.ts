/**
 * The pictures of keel in docs/screens/: runs keel behind a pseudo-terminal of 60 and of 120 columns, against the hosts
 * of a lab, and draws what the terminal shows. Needs root, as every lab does. `node scripts/screens.ts`
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { typed } from '../test/support/terminal/typed.ts'
import { screenSvg } from './screens/screen-svg.ts'

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
  await copyFile(JSON.parse(stdout).labs[0].identity, join(env.HOME, '.ssh/id_ed25519'))
  for (const columns of WIDTHS) await shoot('init', columns, folder, `keel init mercury-${columns} --lab ${lab} --yes`)
  const inventory = join(folder, 'mercury-120')
  for (const columns of WIDTHS) await shoot('plan', columns, inventory, 'keel plan')
  await shoot('deploy', 120, inventory, 'keel deploy')
  const cluster = join(inventory, 'hosts/cluster.ts')
  const before = await readFile(cluster, 'utf8')
  await writeFile(
    cluster,
    before.replace('k3s: {', "files: { '/etc/issue.d/mercury.issue': 'mercury\\n' },\n  k3s: {\n    debug: true,"),
  )
  await shoot('deploy', 60, inventory, 'keel deploy', [['(yes/no)', 'yes\n']])
  for (const columns of WIDTHS) await shoot('status', columns, inventory, 'keel status')
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
  answers: Parameters<typeof typed>[2] = [],
): Promise<void> {
  const { screen, end } = await typed(command, { cwd, env, columns }, answers)
  if (end !== 0) throw new Error(`${command} ended with ${end}:\n${screen}`)
  // a folder of this run would differ each time
  const shown = `\u001b[1m$ ${command}\u001b[0m\r\n${screen.replaceAll(folder, '/home/ada')}`
  await writeFile(join(root, `docs/screens/${name}-${columns}.svg`), screenSvg(shown, columns, command))
}

function keel(...args: readonly string[]) {
  return execa(process.execPath, ['bin/keel.js', ...args], { cwd: root })
}
