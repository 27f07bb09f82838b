import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeFlatcarLayer } from '../../../src/lab/flatcar/layer.ts'

/** Packages of a Debian root with their programs, and what is a link there. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'perl-base': ['/usr/bin/perl'],
  dash: ['/bin/dash', '/bin/sh'],
  bash: ['/bin/bash'],
  mawk: ['/usr/bin/mawk'],
  'netcat-openbsd:amd64': ['/bin/nc.openbsd'],
  nftables: ['/usr/sbin/nft'],
  'systemd-sysv': ['/sbin/init'],
}
const links: Readonly<Record<string, string>> = {
  'usr/bin/sh': 'dash',
  'usr/bin/awk': '/etc/alternatives/awk',
  'etc/alternatives/awk': '/usr/bin/mawk',
  'usr/bin/nc': '/etc/alternatives/nc',
  'etc/alternatives/nc': '/bin/nc.openbsd',
  'usr/sbin/init': '/lib/systemd/systemd',
}

let folder = ''
beforeAll(async () => {
  // a tmpfs: a layer can't be made on an overlay, and /tmp may be one
  folder = await mkdtemp('/dev/shm/keel-layer-')
  const base = join(folder, 'base')
  for (const path of ['usr/bin', 'usr/sbin', 'etc/alternatives', 'var/lib/dpkg/info'])
    await mkdir(join(base, path), { recursive: true })
  for (const [name, programs] of Object.entries(packages)) {
    await writeFile(join(base, 'var/lib/dpkg/info', `${name}.list`), `/.\n${programs.join('\n')}\n`)
    for (const path of programs) {
      const file = join(base, path.replace(/^\/(s?bin)/, '/usr/$1'))
      if (!Object.hasOwn(links, file.slice(base.length + 1))) await writeFile(file, '')
    }
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(base, path))
  await writeFile(join(base, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n')
  await writeFile(join(base, 'etc/group'), 'root:x:0:\nsudo:x:27:\nsystemd-journal:x:999:ada\n')
  await writeFile(join(base, 'etc/shadow'), 'root:*:1:0:99999:7:::\n')
  await makeFlatcarLayer(base, join(folder, 'layer'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const layer = (path: string) => join(folder, 'layer', path)

/** overlayfs's way to say that there is nothing. */
const isGone = async (path: string) => {
  const found = await lstat(layer(path)).catch(() => undefined)
  return found?.isCharacterDevice() === true && found.rdev === 0
}

describe('the layer of a Flatcar look-alike', () => {
  test.each(['/usr/bin/perl', '/usr/bin/dash', '/usr/bin/nc.openbsd', '/usr/bin/nc', '/var/lib/dpkg'])(
    'takes %s away, which Flatcar lacks',
    async (path) => {
      expect(await isGone(path)).toBe(true)
    },
  )

  test.each(['/usr/bin/bash', '/usr/bin/mawk', '/usr/bin/awk', '/usr/sbin/nft', '/usr/sbin/init'])(
    'leaves %s, which Flatcar has',
    (path) => {
      expect(existsSync(layer(path))).toBe(false)
    },
  )

  test('has bash as sh, and the user core with sudo', async () => {
    expect((await lstat(layer('/usr/bin/sh'))).isSymbolicLink()).toBe(true)
    expect(await readFile(layer('/etc/group'), 'utf8')).toBe(
      'root:x:0:\nsudo:x:27:core\nsystemd-journal:x:999:ada,core\ncore:x:500:\n',
    )
    expect(await readFile(layer('/etc/passwd'), 'utf8')).toContain('core:x:500:500:')
    expect((await lstat(layer('/home/core'))).uid).toBe(500)
  })

  test('is a first boot, at which nothing is enabled that nobody enables', async () => {
    expect(await readFile(layer('/etc/machine-id'), 'utf8')).toBe('uninitialized\n')
    expect(await readFile(layer('/usr/lib/systemd/system-preset/99-default.preset'), 'utf8')).toBe('disable *\n')
    expect(await isGone('/usr/lib/systemd/system-preset/90-systemd.preset')).toBe(true)
  })
})
