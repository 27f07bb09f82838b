import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeEach, describe, expect, it } from 'vitest'
import { placeCniPlugins } from '../../../src/sysext/kubernetes-units.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keel-cni-'))
  image('v1.9.1', { bridge: 'bridge 1', portmap: 'portmap 1' })
})

function image(version: string, plugins: Readonly<Record<string, string>>): void {
  rmSync(join(root, 'usr'), { recursive: true, force: true })
  for (const folder of ['usr/local/bin/cni', 'usr/local/share']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'usr/local/share/kubernetes-cni-version'), `${version}\n`)
  for (const [name, text] of Object.entries(plugins))
    writeFileSync(join(root, 'usr/local/bin/cni', name), text, { mode: 0o755 })
}

const file = (name: string) => join(root, 'opt/cni/bin', name)
const placed = () =>
  Object.fromEntries(
    readdirSync(join(root, 'opt/cni/bin'))
      .filter((name) => !name.startsWith('.kubernetes'))
      .map((name) => [name, readFileSync(file(name), 'utf8')]),
  )
/** With /bin/sh, in a folder in the place of the host's root. */
const place = () => execa('sh', ['-c', inRoot(placeCniPlugins)])
const inRoot = (script: string) => script.replaceAll(/(?<==)(\/usr|\/opt)|(?<=<)\/usr/g, (path) => root + path)

describe('place-cni-plugins', () => {
  it('copies the plugins, and a later start changes nothing', async () => {
    await place()
    expect(placed()).toEqual({ bridge: 'bridge 1', portmap: 'portmap 1' })
    writeFileSync(file('portmap'), 'of a network add-on')
    writeFileSync(file('flannel'), 'flannel')
    rmSync(file('bridge'))
    await place()
    expect(placed()).toEqual({ bridge: 'bridge 1', flannel: 'flannel', portmap: 'of a network add-on' })
  })

  it('copies those of another version once, also beside what others have put there', async () => {
    await place()
    image('v1.9.2', { bridge: 'bridge 2', portmap: 'portmap 2', tap: 'tap 2' })
    writeFileSync(file('flannel'), 'flannel')
    await place()
    expect(placed()).toEqual({ bridge: 'bridge 2', flannel: 'flannel', portmap: 'portmap 2', tap: 'tap 2' })
  })

  it('lets kubelet start where the folder is a link into the image', async () => {
    mkdirSync(join(root, 'opt/cni'), { recursive: true })
    symlinkSync(join(root, 'usr/local/bin/cni'), join(root, 'opt/cni/bin'))
    expect(await place()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(placed()).toEqual({ bridge: 'bridge 1', portmap: 'portmap 1' })
  })

  it('lets kubelet start where the folder is read-only, and says so', async () => {
    mkdirSync(join(root, 'opt/cni/bin'), { recursive: true })
    const readOnly = `mount --bind ${root}/opt ${root}/opt && mount -o remount,bind,ro ${root}/opt && `
    const { stderr } = await execa('unshare', ['--mount', 'sh', '-c', `${readOnly}sh -c "$0"`, inRoot(placeCniPlugins)])
    expect(stderr).toContain('read-only, so it gets no CNI plugins')
    expect(placed()).toEqual({})
  })

  it('leaves nothing half copied on a full disk, and tries again at the next start', async () => {
    mkdirSync(join(root, 'opt/cni/bin'), { recursive: true })
    image('v1.9.1', { bridge: 'b'.repeat(100_000) })
    const full = `mount -t tmpfs -o size=8k tmpfs ${root}/opt/cni/bin && `
    const { exitCode, stdout, stderr } = await execa('unshare', [
      ...['--mount', 'sh', '-c'],
      `${full}sh -c "$0"; ls -A ${root}/opt/cni/bin`,
      inRoot(placeCniPlugins),
    ])
    expect([exitCode, stdout, stderr]).toEqual([0, '', expect.stringContaining('No space left')])
    await place()
    expect(placed()).toEqual({ bridge: 'b'.repeat(100_000) })
  })
})
