import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { execa } from 'execa'
import type { TarEntry } from '../images/image-archive.ts'

/** kube-proxy and flannel call iptables and nft. flannel's manifest calls cp. */
const programs = ['/usr/sbin/xtables-nft-multi', '/usr/sbin/nft', '/usr/bin/cp']
/** The names by which one program of Debian is all of iptables. */
const iptables = ['iptables', 'ip6tables'].flatMap((name) => ['', '-save', '-restore'].map((form) => `${name}${form}`))

/**
 * Debian's own iptables, nft and cp, out of the root of the lab, with the libraries that they need: a layer for images
 * whose program calls them.
 */
export async function rootTools(root: string): Promise<readonly TarEntry[]> {
  const extensions = await iptablesExtensions(root)
  const libraries = await librariesOf(root, [...programs, ...extensions])
  const paths = [...programs, ...extensions, ...libraries]
  // inside of the root, because an absolute link would lead to a file of this machine
  const { stdout } = await execa('chroot', [root, '/usr/bin/realpath', '--', ...paths], { stdin: 'ignore' })
  const real = stdout.split('\n')
  const files = paths.map(async (path, index) => ({
    path: path.slice(1),
    content: await readFile(join(root, real[index] ?? path)),
    mode: 0o755,
  }))
  return [
    ...(await Promise.all(files)),
    ...iptables.map((name) => ({ path: `usr/sbin/${name}`, target: 'xtables-nft-multi' })),
    ...['lib', 'lib64'].map((path) => ({ path, target: `usr/${path}` })),
  ]
}

/** iptables loads a match or a target only when a rule names it, so ldd does not know them. */
async function iptablesExtensions(root: string): Promise<readonly string[]> {
  const parents = (await readdir(join(root, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'))
  const folders = parents.map((name) => posix.join('/usr/lib', name, 'xtables'))
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => posix.join(folder, name))),
  )
  return found.flat().toSorted()
}

async function librariesOf(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa('chroot', [root, '/usr/bin/ldd', ...paths], { stdin: 'ignore', reject: false })
  return librariesIn(stdout)
}

/**
 * The files in what ldd prints: `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2
 * (0x…)`.
 * @returns paths below /usr, because /lib is a link to /usr/lib in Debian 12
 */
export function librariesIn(ldd: string): readonly string[] {
  const found = [...ldd.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = '']) => path)
  return [...new Set(found.map((path) => (path.startsWith('/usr/') ? path : `/usr${path}`)))].toSorted()
}
