import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'

/** A Debian 13 with systemd-sysupdate, under a layer of its own that is in memory. Needs root. */
export interface Debian13 {
  /** A file or folder of it, as this machine sees it. Written between commands only. */
  path(path: string): string
  /** Runs a script of its sh; stdout and stderr together. @param before what the script's mount namespace gets first */
  sh(script: string, before?: string): Promise<{ readonly exit: number | undefined; readonly text: string }>
  remove(): void
}

export async function debian13(): Promise<Debian13> {
  const cache = cacheDirectory(process.env)
  const { signal } = new AbortController()
  const spec = {
    suite: 'trixie',
    arch: machineArch(),
    packages: ['gpg', 'systemd-container'],
    files: [],
    links: {},
    directories: [],
    removed: [],
  }
  const lower = await ensureRoot(spec, { env: process.env, cache, note: console.log, signal })
  const base = mkdtempSync('/dev/shm/keel-debian13-')
  const [upper, work, top] = [join(base, 'upper'), join(base, 'work'), join(base, 'root')]
  for (const folder of [upper, work, top]) mkdirSync(folder, { mode: 0o755 })
  const enter = [
    `mount -t overlay overlay -o lowerdir=${lower},upperdir=${upper},workdir=${work} ${top}`,
    ...['/dev', '/proc', '/sys'].map((path) => `mount --rbind ${path} ${top}${path}`),
    `mount -t tmpfs tmpfs ${top}/run`,
    // what systemd-sysext mounts in a namespace of its own is to be seen outside of it
    `mount --make-rshared ${top}`,
  ].join(' && ')
  return {
    path: (path) => join(upper, path),
    sh: async (script, before = 'true') => {
      const inside = `cd ${top} && ${before} && exec chroot ${top} /usr/bin/env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 sh -c ${shellQuote(script)}`
      const { exitCode, all } = await execa('unshare', ['--mount', 'sh', '-c', `${enter} && ${inside}`], {
        all: true,
        reject: false,
      })
      return { exit: exitCode, text: all }
    },
    remove: () => rmSync(base, { recursive: true }),
  }
}
