import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { rootSpec } from '../../../src/lab/root/root-spec.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { edit } from '../edit.ts'
import { type Answer, type Typed, typed } from '../terminal/typed.ts'

/** A Debian that nobody has used: Node, npm and OpenSSH's client, and neither this repository nor anything of keel. */
export interface CleanRoot {
  /** A file of the newcomer's machine, as this machine sees it. Written from outside only. */
  put(path: string, from: string, mode?: number): void
  /** What the newcomer's editor does. */
  edit(path: string, from: string, to: string): Promise<void>
  /** What a shell of the newcomer prints, on a terminal of this width. Their home is /root. */
  shell(command: string, answers?: readonly Answer[], columns?: number): Promise<Typed>
  remove(): void
}

const programs = ['PATH=/root/.npm/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']

/**
 * The root that the hosts of a lab boot from, under a layer of its own: what the newcomer does is in memory, and gone
 * with `remove`.
 */
export async function cleanRoot(): Promise<CleanRoot> {
  const cache = cacheDirectory(process.env)
  const { signal } = new AbortController()
  const lower = await ensureRoot(rootSpec(machineArch()), { env: process.env, cache, note: console.log, signal })
  const base = mkdtempSync('/dev/shm/keel-newcomer-')
  const [upper, work, top] = [join(base, 'upper'), join(base, 'work'), join(base, 'root')]
  const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())
  // Debian's own npm finds its packages beside it
  const packages = dirname(dirname(dirname(npm)))
  for (const folder of [upper, work, top, join(upper, packages), join(upper, 'usr/local/bin'), join(upper, 'root')])
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  cpSync(process.execPath, join(upper, 'usr/local/bin/node'))
  symlinkSync(npm, join(upper, 'usr/local/bin/npm'))
  writeFileSync(join(upper, 'root/.npmrc'), 'prefix=/root/.npm\n')
  const enter = [
    `mount -t overlay overlay -o lowerdir=${lower},upperdir=${upper},workdir=${work} ${top}`,
    `mount --bind -o ro ${packages} ${top}${packages}`,
    ...['/dev', '/dev/pts', '/proc'].map((path) => `mount --bind ${path} ${top}${path}`),
    `mount -t tmpfs tmpfs ${top}/tmp`,
  ].join(' && ')
  const chrooted = (command: string) =>
    `${enter} && exec chroot ${top} /usr/bin/env -i TERM=xterm LANG=C.UTF-8 ${programs.join(' ')} bash -c ${shellQuote(`cd /root; ${command}`)}`
  return {
    put: (path, from, mode = 0o755) => {
      const to = join(upper, path)
      mkdirSync(dirname(to), { recursive: true })
      cpSync(from, to, { recursive: true, mode: 0 })
      execFileSync('chmod', [mode.toString(8), to])
    },
    edit: (path, from, to) => edit(join(upper, path), from, to),
    shell: (command, answers = [], columns = 80) =>
      typed(
        `exec unshare --mount sh -c ${shellQuote(chrooted(command))}`,
        { cwd: '/', env: { PATH: process.env.PATH }, columns },
        answers,
      ),
    remove: () => rmSync(base, { recursive: true }),
  }
}
