import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placeFiles } from '../../../src/targets/nixos/host-files.ts'
import placeFunctions from '../../../src/templates/host/place.sh'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { HostDeployments, type Wanted } from '../../support/hosts/host-deployments.ts'
import { MALLORY, type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'

/**
 * What a user of a host can do about files of the inventory in folders that are his: everything is tried with a real
 * second uid.
 */
let host: SandboxedHost
beforeAll(async () => {
  host = await startSandboxedHost('echo root:HASH > /srv/shadow; chmod 600 /srv/shadow; mkdir -m 700 /srv/private')
})
afterAll(() => host?.stop())

const asMallory = (script: string) => host.sh(script, MALLORY)
const shadow = () => host.sh('stat -c "%a %u" /srv/shadow; cat /srv/shadow; ls -A /srv/private')
const untouched = '600 0\nroot:HASH'
const owned = { owner: 'mallory', group: 'mallory' }

async function deploy(wanted: Wanted) {
  const keel = await HostDeployments.plan(host, wanted)
  const staged = await keel.stage()
  if (staged.exitCode !== 0) return { phase: 'stage', ...keel.failure('stage', staged) }
  const activated = await keel.activate()
  return activated.exitCode === 0 ? 'done' : { phase: 'activate', ...keel.failure('activate', activated) }
}

describe('a local user of a host, whose folder gets a file of the inventory', () => {
  const path = '/home/mallory/.config/app.conf'

  it('attack 2: a link at the name under which keel once wrote the new file is not followed', async () => {
    await asMallory(`mkdir -p ~mallory/.config; ln -s /srv/shadow ${path}.keel-new; ln -s /srv/shadow ${path}`)
    expect(await deploy({ files: { [path]: { content: 'a=1\n', ...owned } } })).toBe('done')
    expect(await shadow()).toBe(untouched)
    expect(await host.sh(`stat -c '%F %a %U' ${path}; cat ${path}`)).toBe('regular file 644 mallory\na=1')
  })

  it.each([
    [
      'a link for the folder itself',
      '/home/mallory/a/private/app.conf',
      'mkdir -p ~mallory/a; ln -s /srv/private ~mallory/a/private',
    ],
    ['a link for a folder above', '/home/mallory/b/private/app.conf', 'ln -s /srv ~mallory/b'],
    ['a chain of links', '/home/mallory/c/app.conf', 'ln -s /srv/private ~mallory/d; ln -s d ~mallory/c'],
  ])('attack 2: %s is refused, with the path', async (_case, file, attack) => {
    await asMallory(attack)
    const result = await deploy({ files: { [file]: { content: 'a=2\n', ...owned } } })
    expect(result).toMatchObject({ phase: 'activate', code: 'unsafe-path', found: expect.stringContaining(file) })
    expect(await shadow()).toBe(untouched)
  })

  it('attack 2: a file that is dropped is not taken away through a link', async () => {
    await asMallory('mkdir ~mallory/sub')
    expect(await deploy({ files: { '/home/mallory/sub/shadow': { content: 'mine\n', ...owned } } })).toBe('done')
    await asMallory('rm -r ~mallory/sub; ln -s /srv ~mallory/sub')
    expect(await deploy({})).toMatchObject({ code: 'unsafe-path' })
    expect(await shadow()).toBe(untouched)
    await asMallory('rm ~mallory/sub')
    expect(await deploy({})).toBe('done')
  })

  it('attack 2: a hard link, a FIFO and a folder of somebody else in the way change nothing of what they lead to', async () => {
    await host.sh('echo his > /home/mallory/his; chown mallory: /home/mallory/his')
    await asMallory('cd /home/mallory; ln his one; mkfifo two; mkdir three')
    const files = (...names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [`/home/mallory/${name}`, { content: 'root\n', mode: '0600' }]))
    expect(await deploy({ files: files('one', 'two') })).toBe('done')
    expect(await host.sh('cat /home/mallory/his; stat -c "%F %a %u" /home/mallory/{one,two}')).toBe(
      'his\nregular file 600 0\nregular file 600 0',
    )
    expect(await deploy({ files: files('one', 'two', 'three') })).toMatchObject({
      phase: 'activate',
      code: 'activate-failed',
    })
    expect(await host.sh('stat -c "%F %u" /home/mallory/three; ls -A /home/mallory/three')).toBe(`directory ${MALLORY}`)
  })

  it('attack 2: in a folder that everybody writes, a file of another user gives way', async () => {
    await host.sh('mkdir -m 1777 /srv/tmp')
    await asMallory('echo his > /srv/tmp/app.conf; ln -s /srv/private /srv/tmp/link')
    expect(await deploy({ files: { '/srv/tmp/app.conf': { content: 'ours\n' } } })).toBe('done')
    expect(await host.sh('stat -c "%u" /srv/tmp/app.conf; cat /srv/tmp/app.conf')).toBe('0\nours')
    expect(await deploy({ files: { '/srv/tmp/link/x': { content: 'ours\n' } } })).toMatchObject({ code: 'unsafe-path' })
    expect(await deploy({ files: {} })).toBe('done')
  })

  it('attack 2: root’s own links are followed, into a folder of his no further', async () => {
    await host.sh('ln -s /srv/private /srv/link; ln -s /home/mallory/e /srv/out')
    expect(await deploy({ files: { '/srv/link/x': { content: 'x\n' } } })).toBe('done')
    expect(await host.sh('cat /srv/private/x')).toBe('x')
    await asMallory('ln -s /srv/private ~mallory/e')
    expect(await deploy({ files: { '/srv/out/y': { content: 'y\n' } } })).toMatchObject({ code: 'unsafe-path' })
    expect(await deploy({ files: {} })).toBe('done')
    expect(await shadow()).toBe(untouched)
  })

  it('attack 2: nobody sees a secret before it has its mode, however fast he looks and exchanges folders', async () => {
    await asMallory('mkdir -p ~mallory/race/app')
    const racer = `set +e
cd /home/mallory/race
end=$((SECONDS + 2))
while [ $SECONDS -lt $end ]; do
  for one in app/.keel-* app/*.keel-new app/secret.conf; do
    [ ! -r "$one/file" ] || cat "$one/file"
    [ ! -f "$one" ] || cat "$one"
    mv -T "$one" "app/.moved" && ln -s /srv "$one"
  done
  mv -T app app2 && ln -s /srv/private app && mv -T app app3; mv -T app2 app; rm -rf app/.moved app3
done 2>/dev/null`
    const racing = asMallory(racer)
    const place = `${placeFunctions}\nrounds=0; while [ $SECONDS -lt 2 ]; do
  echo db-password-in-here | place /home/mallory/race/app/secret.conf 0600 root:root 2>/dev/null && rounds=$((rounds + 1)); done; echo $rounds`
    const rounds = Number(await host.sh(`set +e; bash -c ${shellQuote(place)}`))
    expect(await racing).toBe('')
    expect(await shadow()).toBe(untouched)
    expect(await host.sh('find /srv -name "secret.conf*" -o -name file')).toBe('')
    expect(rounds).toBeGreaterThan(0)
  })

  it('attack 2: a folder that hands an access list on to new files is refused', async () => {
    // setfacl -d -m u:mallory:rw, without setfacl: <linux/posix_acl_xattr.h>
    const entries = [
      [1, 7],
      [2, 6, MALLORY],
      [4, 5],
      [16, 7],
      [32, 0],
    ].map(([tag, mode, id = 0xffffffff]) => `${tag}, ${mode}, ${id}`)
    const setxattr = process.arch === 'arm64' ? 5 : 188
    const list = `$n = "system.posix_acl_default"; $v = pack("V(vvV)5", 2, ${entries.join(', ')})`
    await asMallory(`mkdir ~mallory/acl
perl -e '${list}; syscall(${setxattr}, $ARGV[0], $n, $v, length $v, 0) == 0 or die $!' ~mallory/acl`)
    expect(
      await host.sh(
        'umask 077; touch /home/mallory/acl/seen; chmod 640 /home/mallory/acl/seen; ls -l /home/mallory/acl/seen',
      ),
    ).toContain('-rw-r-----+')
    expect(await deploy({ files: { '/home/mallory/acl/x': { content: 'x\n', mode: '0640' } } })).toMatchObject({
      code: 'unsafe-path',
    })
  })

  it('attack 2: a NixOS host’s activation follows no link of his either, and places the files after it', async () => {
    await asMallory('ln -s /srv/private ~mallory/nix')
    await host.sh('echo content > /srv/source')
    const files = ['/home/mallory/nix/x', '/home/mallory/after'].map((path) => ({
      path,
      content: '',
      mode: '0600',
      ...owned,
    }))
    const parts = placeFiles({ files })?.parts ?? []
    const script = parts.map((part) => (typeof part === 'string' ? part : '/srv/source')).join('')
    const { exitCode, stderr } = await host.transport.run(script)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('/home/mallory/nix is a link')])
    expect(await host.sh('stat -c "%a %U" /home/mallory/after; cat /home/mallory/after')).toBe('600 mallory\ncontent')
    expect(await shadow()).toBe(untouched)
  })

  it('what a keel that was killed has left in a folder goes with the next one', async () => {
    await host.sh('install -d -m 700 /home/mallory/.keel-0123456789; echo x > /home/mallory/.keel-0123456789/file')
    await asMallory('mkdir ~mallory/.keel-9876543210; ln -s /srv ~mallory/.keel-abcdefghij')
    expect(await deploy({ files: { '/home/mallory/z': { content: 'z\n' } } })).toBe('done')
    expect(await host.sh('cd /home/mallory; ls -d .keel-*')).toBe('.keel-9876543210\n.keel-abcdefghij')
    expect(await shadow()).toContain(untouched)
  })
})
