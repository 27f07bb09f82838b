import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { inLab } from './in-lab.ts'
import { keel as program } from './paired.ts'

export const hosts = ['server-1', 'server-2', 'server-3', 'agent-1', 'agent-2'] as const
export type Host = (typeof hosts)[number]

/** A lab of three servers and two agents that one `keel deploy` has brought up. */
export interface Deployed {
  /** Of the deploy. */
  readonly seconds: number
  /** Of keel's memory, at most. */
  readonly megabytes: number
  /** Another deploy, for hosts that were set back meanwhile. */
  again(): Promise<Pick<Deployed, 'seconds' | 'megabytes'>>
  onHost(host: Host, command: string): Promise<string>
}

/**
 * Boots a lab, brings up its cluster by one deploy, and takes the lab down.
 * @param words of `keel lab up`
 */
export async function withDeployed(lab: string, words: readonly string[], use: (deployed: Deployed) => Promise<void>) {
  await inLab(lab, ['--servers', '3', '--agents', '2', ...words], async ({ folder, there }) => {
    const peak = join(folder, 'peak')
    const again = async () => {
      const started = performance.now()
      await keel(['deploy', '--yes', ...there], peakMemoryInto(peak))
      const seconds = (performance.now() - started) / 1000
      return { seconds, megabytes: Number(await readFile(peak, 'utf8')) / 1024 }
    }
    const onHost: Deployed['onHost'] = (host, command) => keel(['lab', 'ssh', '--name', lab, host, command])
    await use({ ...(await again()), again, onHost })
  })
}

/** One line: the deploy beside the sum of the seconds that the hosts took by hand, one after the other. */
export function compared(
  { seconds, megabytes }: Pick<Deployed, 'seconds' | 'megabytes'>,
  whose: string,
  own: readonly number[],
): string {
  const sum = own.reduce((before, one) => before + one)
  const each = own.map((one) => one.toFixed(1)).join(' + ')
  return `deploy ${seconds.toFixed(1)} s = ${(seconds / sum).toFixed(2)} × ${whose} own ${sum.toFixed(1)} s (${each}); keel's memory ${megabytes.toFixed(0)} MB at most`
}

async function keel(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  // by its first line, as a shell starts it: node's options are in that line
  return (await execa(program, args, { env })).stdout
}

/** Has a node process write its largest resident set, in kilobytes, into a file when it ends. */
function peakMemoryInto(file: string): Readonly<Record<string, string>> {
  const source = `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(file)},String(process.resourceUsage().maxRSS)))`
  return { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(source).toString('base64')}` }
}
