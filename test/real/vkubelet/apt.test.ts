import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { rootSpec } from '../../../src/lab/root/root-spec.ts'
import { daemonPackage, testKey, writeRepository } from '../../support/vkubelet/repository.ts'

/**
 * Real apt and dpkg, in the Debian that the hosts of a lab boot from, under a layer of its own, with repositories that the
 * test makes. Nothing is installed on this machine.
 */
let said: Readonly<Record<string, unknown>>
let base: string

const library = { name: 'libtiny', version: '1', files: { 'usr/share/libtiny': 'x\n' } }

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'keel-apt-'))
  const [own, other] = [await testKey(), await testKey()]
  const served = join(base, 'repositories')
  mkdirSync(served)
  writeFileSync(join(served, 'own.asc'), own.armoured)
  const shared = daemonPackage('shared', '1')
  await writeRepository(
    join(served, 'own'),
    [
      daemonPackage('tinyd', '1.0'),
      daemonPackage('tinyd', '2.0'),
      shared,
      daemonPackage('late', '1'),
      { name: 'large', version: '1', files: { 'usr/share/large/file': 'x'.repeat(300_000) } },
      daemonPackage('broken', '1', { postinst: 'echo "broken on purpose" >&2; exit 3' }),
      // it kills dpkg in the middle, once
      daemonPackage('killer', '1', {
        postinst: 'if [ ! -e /var/lib/killed ]; then touch /var/lib/killed; kill -9 "$PPID"; sleep 5; fi',
      }),
    ],
    own,
  )
  await writeRepository(
    join(served, 'debian'),
    [library, shared, daemonPackage('otherd', '1'), daemonPackage('withdep', '1', { depends: 'otherd, libtiny' })],
    own,
  )
  await writeRepository(join(served, 'evil'), [daemonPackage('tinyd2', '1')], other)
  for (const key of [own, other]) key.remove()
  const outfile = join(base, 'child.mjs')
  const entry = new URL('apt-child.ts', import.meta.url).pathname
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node22.18' })
  const { signal } = new AbortController()
  const cache = cacheDirectory(process.env)
  const lower = await ensureRoot(rootSpec(machineArch()), { env: process.env, cache, note: console.log, signal })
  const top = join(base, 'top')
  const machine = `set -e
mount -t tmpfs tmpfs ${base}/memory
mkdir ${base}/memory/upper ${base}/memory/work
mount -t overlay overlay -o lowerdir=${lower},upperdir=${base}/memory/upper,workdir=${base}/memory/work ${top}
mount -t tmpfs tmpfs ${top}/run
mount -t proc proc ${top}/proc
mount --rbind /dev ${top}/dev
mkdir -p ${top}/srv/repositories ${top}/usr/local/bin
mount --bind -o ro ${served} ${top}/srv/repositories
cp ${process.execPath} ${top}/usr/local/bin/node
cp ${outfile} ${top}/srv/child.mjs
ip link set lo up
exec chroot ${top} /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin node /srv/child.mjs`
  for (const folder of ['memory', 'top']) mkdirSync(join(base, folder))
  const own2 = ['--mount', '--propagation', 'private', '--pid', '--net', '--fork', '--kill-child']
  const { stdout } = await execa('unshare', [...own2, 'bash', '-c', machine], { stdin: 'ignore' })
  said = JSON.parse(stdout)
  console.log(stdout)
}, 180_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('a package as an image', () => {
  test('is installed from a repository with a login, in the version that the image names', () => {
    expect(said.first).toMatchObject({
      version: '1.0',
      words: ['update Dir::Etc::sourcelist=/etc/keel/vkubelet/own.sources', 'install tinyd=1.0'],
    })
  })

  test('leaves a unit of the host alone that has its name', () => {
    expect(said.foreignMasked).toBe(false)
  })

  test('starts no daemon, and its unit is masked', () => {
    expect(said).toMatchObject({ policy: '101', masked: true })
  })

  test('runs what its unit runs', () => {
    expect(said.command).toEqual({ kind: 'command', words: ['/usr/sbin/tinyd', '-f', '--quiet'] })
  })

  test('that is there costs no installation', () => {
    expect(said.again).toMatchObject({ version: '1.0', words: [] })
  })

  test('becomes newer without a version, and older with one', () => {
    expect(said.newest).toMatchObject({ version: '2.0' })
    expect(said.back).toMatchObject({ version: '1.0' })
  })

  test.each([
    // with the complaint of apt about a repository that nobody trusts
    ['unknownVersion', /^no repository has version 9 of tinyd, only 2\.0, 1\.0 \(E: .*evil.* is not signed\.\)$/],
    ['unknown', /^no repository has a package nothing-here \(/],
    ['removal', /^no repository has a package tinyd- \(/],
    ['both', /^shared 1 is in own and in debian, and apt does not tell them apart$/],
    ['notThere', /^the repository debian does not have tinyd$/],
    ['broken', /dpkg: error processing package broken/],
    ['evil', /not signed|NO_PUBKEY|signatures/],
  ])('%s: is refused, with the reason', (step, reason) => {
    expect(said[step]).toMatchObject({ error: expect.stringMatching(reason) })
  })

  test('comes with what it depends on, whose units stay as they are', () => {
    expect(said.ofDebian).toMatchObject({ version: '1' })
    expect(said.dependency).toMatchObject({ version: '1' })
    expect(said.dependencyMasked).toBe(false)
  })

  test('can be installed after dpkg was killed', () => {
    expect(said.killed).toMatchObject({ error: expect.any(String) })
    expect(said.afterKill).toMatchObject({ version: '2.0', words: expect.arrayContaining(['configure']) })
    expect(said.killerNow).toBe('1')
  })

  test.each([
    ['fullCache', /You don't have enough free space in \/var\/cache\/apt\/archives\//],
    ['fullDisk', /No space left on device/],
  ])('%s: fails with the reason, and can be installed when there is room', (step, reason) => {
    expect(said[step]).toMatchObject({ error: expect.stringMatching(reason) })
    expect(said.afterFull).toMatchObject({ version: '1' })
    expect(said.largeNow).toBe('300000')
  })

  test('of a dead mirror fails with its reason, and without the password', () => {
    expect(said.dead).toMatchObject({ error: expect.stringMatching(/^E: |^no repository/) })
    expect(JSON.stringify(said)).not.toContain('ss%w')
  })

  test('leaves no password on the disk', () => {
    expect(said.files).toBe('')
  })
})
