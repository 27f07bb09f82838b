/**
 * How long one `keel deploy` takes for three servers and two agents beside what k3s itself takes to start and join them one after the other, by systemd's
 * clock on the hosts, and how much memory keel takes meanwhile. Run as root: `npm run bench:bring-up [runs]`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const root = fileURLToPath(new URL('..', import.meta.url))
const lab = 'bring-up'
const hosts = ['server-1', 'server-2', 'server-3', 'agent-1', 'agent-2'] as const
const runs = Number(process.argv[2] ?? 3)

for (let run = 1; run <= runs; run += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'keel-bench-'))
  try {
    await keel(['lab', 'up', '--name', lab, '--servers', '3', '--agents', '2'])
    await keel(['init', join(folder, 'inventory'), '--lab', lab, '--yes'])
    const identity = JSON.parse(await keel(['lab', 'status', '--name', lab, '--json'])).labs[0].identity
    const peak = join(folder, 'peak')
    const started = performance.now()
    await keel(['deploy', '-C', join(folder, 'inventory'), '--identity', identity], peakMemoryInto(peak))
    const seconds = (performance.now() - started) / 1000
    const own = (await Promise.all(hosts.map(startSeconds))).reduce((sum, one) => sum + one)
    const megabytes = Number(await readFile(peak, 'utf8')) / 1024
    process.stdout.write(
      `run ${run}: deploy ${seconds.toFixed(1)} s = ${(seconds / own).toFixed(2)} × k3s's own ${own.toFixed(1)} s; keel's memory ${megabytes.toFixed(0)} MB at most\n`,
    )
  } finally {
    await keel(['lab', 'down', '--name', lab])
    await rm(folder, { recursive: true, force: true })
  }
}

async function keel(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  // by its first line, as a shell starts it: node's options stand there
  return (await execa(`${root}bin/keel.js`, args, { env })).stdout
}

/** Has a node process write its largest resident set, in kilobytes, into a file when it ends. */
function peakMemoryInto(file: string): Readonly<Record<string, string>> {
  const source = `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(file)},String(process.resourceUsage().maxRSS)))`
  return { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(source).toString('base64')}` }
}

/** Seconds from a unit's start to its READY=1. */
async function startSeconds(host: (typeof hosts)[number]): Promise<number> {
  const unit = host.startsWith('server') ? 'k3s.service' : 'k3s-agent.service'
  const show = `systemctl show --value --property=InactiveExitTimestampMonotonic --property=ActiveEnterTimestampMonotonic ${unit}`
  const [from = 0, to = 0] = (await keel(['lab', 'ssh', '--name', lab, host, show])).split('\n').map(Number)
  return Math.abs(to - from) / 1e6
}
