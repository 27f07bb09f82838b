import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { rootSpec } from '../../../src/lab/root/root-spec.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'

/**
 * What a script prints on a machine where Debian 12's own containerd runs with this configuration. The machine has no
 * systemd: a `systemctl` of three lines tells the process, and nothing else.
 */
export async function onContainerd(config: string, script: string): Promise<string> {
  const cache = cacheDirectory(process.env)
  const { signal } = new AbortController()
  const lower = await ensureRoot(rootSpec(machineArch()), { env: process.env, cache, note: console.log, signal })
  const base = mkdtempSync('/dev/shm/keel-containerd-')
  try {
    writeFileSync(join(base, 'config.toml'), config)
    writeFileSync(join(base, 'script'), script)
    const [top, ask] = [join(base, 'root'), shellQuote(inside)]
    const machine = `set -e
mkdir ${base}/{upper,work,root}
mount -t overlay overlay -o lowerdir=${lower},upperdir=${base}/upper,workdir=${base}/work ${top}
mount -t tmpfs tmpfs ${top}/run
mount -t tmpfs tmpfs ${top}/var/lib
mount -t proc proc ${top}/proc
mount --bind /dev ${top}/dev
mkdir ${top}/run/test
cp ${base}/config.toml ${top}/etc/containerd/config.toml
cp ${base}/script ${top}/run/test/
exec chroot ${top} /usr/bin/env -i PATH=/run/test:/usr/sbin:/usr/bin:/sbin:/bin bash -c ${ask}`
    const options = { encoding: 'utf8', timeout: 60_000 } as const
    return execFileSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'bash', '-c', machine], options)
  } finally {
    rmSync(base, { recursive: true })
  }
}

const inside = `set -e
containerd >/run/test/log 2>&1 &
printf '#!/bin/sh\\n[ "$*" = "show --property=MainPID --value containerd.service" ] || exit 1\\necho %s\\n' $! >/run/test/systemctl
chmod 755 /run/test/systemctl
until ctr version >/dev/null 2>&1; do kill -0 $! || { cat /run/test/log >&2; exit 1; }; sleep 0.1; done
bash /run/test/script`
