import { chmod, chown, link, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { execa } from 'execa'
import { layerFiles, layerHome, layerLinks, layerRemoved } from './layer-files.ts'
import { flatcarPrograms } from './programs.ts'

/** The folders of programs. /bin and /sbin are links to these. */
const programFolders = ['/usr/bin', '/usr/sbin']

/**
 * Makes a layer for overlayfs that turns the Debian root of the lab into a Flatcar look-alike: it hides what Flatcar
 * does not have, and adds what Flatcar has. The folder `into` must not be on an overlay, because an overlay accepts no
 * whiteouts.
 */
export async function makeFlatcarLayer(base: string, into: string): Promise<void> {
  const read = (path: string) => readFile(join(base, path), 'utf8')
  const [passwd, group, shadow] = await Promise.all([read('/etc/passwd'), read('/etc/group'), read('/etc/shadow')])
  await whiteOut(into, [...layerRemoved, ...(await programsToRemove(base))])
  for (const { path, content, mode } of layerFiles({ passwd, group, shadow })) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await writeFile(join(into, path), content)
    await chmod(join(into, path), mode)
  }
  for (const [path, target] of Object.entries(layerLinks)) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await symlink(target, join(into, path))
  }
  await mkdir(join(into, layerHome.path), { recursive: true })
  await chown(join(into, layerHome.path), layerHome.uid, layerHome.uid)
}

/**
 * A character device 0:0 hides the file of the layers below (Documentation/filesystems/overlayfs.rst, "whiteouts"). One
 * device has all these names.
 */
async function whiteOut(into: string, paths: readonly string[]): Promise<void> {
  const whiteout = join(into, 'whiteout')
  await mkdir(into)
  await execa('mknod', [whiteout, 'c', '0', '0'])
  for (const path of paths) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await link(whiteout, join(into, path))
  }
  await rm(whiteout)
}

/** Every program of the root whose package is not in Flatcar too. The package of a link is the one of its target. */
async function programsToRemove(base: string): Promise<readonly string[]> {
  const owners = await ownersOf(base)
  const found = await Promise.all(
    programFolders.map(async (folder) => (await readdir(join(base, folder))).map((name) => `${folder}/${name}`)),
  )
  const kept = await Promise.all(
    found.flat().map(async (path) => {
      const owner = owners.get(await targetOf(base, path)) ?? owners.get(path)
      return { path, isFlatcars: owner !== undefined && Object.hasOwn(flatcarPrograms, owner) }
    }),
  )
  return kept.filter(({ path, isFlatcars }) => !isFlatcars && !Object.hasOwn(layerLinks, path)).map(({ path }) => path)
}

/** Path of a program → the Debian package that contains it. Source: dpkg(1), /var/lib/dpkg/info/PACKAGE.list */
async function ownersOf(base: string): Promise<ReadonlyMap<string, string>> {
  const info = join(base, 'var/lib/dpkg/info')
  const lists = (await readdir(info)).filter((name) => name.endsWith('.list'))
  const owned = await Promise.all(
    lists.map(async (name) => {
      const paths = (await readFile(join(info, name), 'utf8')).split('\n').map(merged)
      const owner = name.replace(/(:[a-z0-9]+)?\.list$/, '')
      return paths.filter(isProgram).map((path) => [path, owner] as const)
    }),
  )
  return new Map(owned.flat())
}

const isProgram = (path: string) => programFolders.some((folder) => path.startsWith(`${folder}/`))
/** Packages still use the name /bin for /usr/bin. */
const merged = (path: string) => path.replace(/^\/(s?bin)\//, '/usr/$1/')

/**
 * The file that a path of the root leads to, through any number of links. Many of them lead through /etc/alternatives.
 */
async function targetOf(base: string, path: string): Promise<string> {
  const target = await readlink(join(base, path)).catch(() => undefined)
  return target === undefined ? path : targetOf(base, merged(posix.resolve(posix.dirname(path), target)))
}
