/**
 * How long one `keel deploy` takes for three servers and two agents beside what k3s itself takes on the same hosts,
 * everything in place, when somebody starts one after the other by hand and waits until its Node is Ready; and how much
 * memory keel takes. Run as root: `npm run bench:bring-up [runs]`.
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

/** The CA stays where keel placed it; everything else that k3s has made goes. */
const backToBeforeItsFirstStart = `
systemctl stop 'k3s*'
cd /var/lib/rancher/k3s
mkdir -p /root/ca
[ ! -d server ] || cp -a server/tls/server-ca.crt server/tls/server-ca.key /root/ca
rm -rf /etc/rancher/node data server agent
[ "$(hostname)" != server-1 ] || { mkdir -p -m 0700 server server/tls; cp -a /root/ca/* server/tls; }`

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
    await Promise.all(hosts.map((host) => onHost(host, backToBeforeItsFirstStart)))
    const own: number[] = []
    for (const host of hosts) own.push(Number(await onHost(host, startAndJoin(host))) / 1e9)
    const sum = own.reduce((before, one) => before + one)
    const megabytes = Number(await readFile(peak, 'utf8')) / 1024
    process.stdout.write(
      `run ${run}: deploy ${seconds.toFixed(1)} s = ${(seconds / sum).toFixed(2)} × k3s's own ${sum.toFixed(1)} s (${own.map((one) => one.toFixed(1)).join(' + ')}); keel's memory ${megabytes.toFixed(0)} MB at most\n`,
    )
  } finally {
    await keel(['lab', 'down', '--name', lab])
    await rm(folder, { recursive: true, force: true })
  }
}

async function keel(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  // by its first line, as a shell starts it: node's options are in that line
  return (await execa(`${root}bin/keel.js`, args, { env })).stdout
}

/** Has a node process write its largest resident set, in kilobytes, into a file when it ends. */
function peakMemoryInto(file: string): Readonly<Record<string, string>> {
  const source = `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(file)},String(process.resourceUsage().maxRSS)))`
  return { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(source).toString('base64')}` }
}

function onHost(host: string, command: string): Promise<string> {
  return keel(['lab', 'ssh', '--name', lab, host, command])
}

/** Prints the nanoseconds from the order to start until the Node is Ready. */
function startAndJoin(host: (typeof hosts)[number]): string {
  const [unit, kubeconfig] = host.startsWith('server')
    ? ['k3s', '/etc/rancher/k3s/k3s.yaml']
    : ['k3s-agent', '/var/lib/rancher/k3s/agent/kubelet.kubeconfig']
  return `
start=$(date +%s%N)
systemctl start ${unit}
until k3s kubectl --kubeconfig ${kubeconfig} wait --for=condition=Ready --timeout=60s node/${host} >/dev/null 2>&1; do sleep 0.05; done
echo $(($(date +%s%N) - start))`
}
