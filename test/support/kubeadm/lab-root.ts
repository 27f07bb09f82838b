import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { rootSpec } from '../../../src/lab/root/root-spec.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'

/**
 * Runs bash in the Debian 12 that the hosts of a lab boot from, under a layer of its own and in its own network, which is
 * gone afterwards. The machine has no systemd that runs.
 * @param programs files of this machine, by their path there
 */
export async function inLabRoot(script: string, programs: Readonly<Record<string, string>> = {}): Promise<string> {
  const cache = cacheDirectory(process.env)
  const { signal } = new AbortController()
  const lower = await ensureRoot(rootSpec(machineArch()), { env: process.env, cache, note: console.log, signal })
  const base = mkdtempSync('/dev/shm/keel-lab-root-')
  try {
    const top = join(base, 'root')
    const machine = `set -e
mkdir ${base}/{upper,work,root}
mount -t overlay overlay -o lowerdir=${lower},upperdir=${base}/upper,workdir=${base}/work ${top}
for path in /run /var/lib; do mount -t tmpfs tmpfs ${top}$path; done
mount -t proc proc ${top}/proc
mount --bind /dev ${top}/dev
${Object.entries(programs)
  .map(([to, from]) => `install -D ${shellQuote(from)} ${shellQuote(join(top, to))}`)
  .join('\n')}
exec chroot ${top} /usr/bin/env -i PATH=/run/test:/usr/sbin:/usr/bin:/sbin:/bin bash -s`
    const own = ['--mount', '--pid', '--net', '--fork', '--kill-child']
    const options = { input: script, encoding: 'utf8', timeout: 60_000 } as const
    const { stdout, stderr, status } = spawnSync('unshare', [...own, 'bash', '-c', machine], options)
    if (status !== 0) throw new Error(`in the root of the lab: ${status} ${stderr}`)
    return stdout
  } finally {
    rmSync(base, { recursive: true })
  }
}
