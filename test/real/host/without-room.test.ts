import { afterEach, describe, expect, it } from 'vitest'
import { HostDeployments } from '../../support/hosts/host-deployments.ts'
import { type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'

let host: SandboxedHost
afterEach(() => host?.stop())

const megabytes = (count: number) => 'k'.repeat(count * 1_000_000)
/** Everything of keel's that is on the host. */
const left = () =>
  host.sh(
    'find /usr/local/lib/keel /var/lib/keel /etc/keel /etc/x1 -not -type d -not -name lock 2>/dev/null || true; ls -A /var/lib/keel/staged 2>/dev/null || true',
  )
const tmpfs = (path: string, options: string) => `mkdir -p ${path}; mount -t tmpfs -o ${options} tmpfs ${path}`

async function stage(upTo?: number) {
  const keel = await HostDeployments.plan(host, {
    files: { '/etc/keel/x1': { content: 'x'.repeat(10_000) } },
    secret: 'value',
    program: megabytes(2),
  })
  return keel.failure('stage', await keel.stage(upTo))
}

describe('a host without room', () => {
  it.each([
    ['bytes for the program', '/usr/local/lib/keel', 'size=1m', '2.0 MB needed, 1.0 MB free'],
    ['bytes for what is staged', '/var/lib/keel', 'size=16k', '0.0 MB needed, 0.0 MB free'],
    ['files for what is staged', '/var/lib/keel', 'nr_inodes=7', 'files (inodes) needed'],
    ['bytes for a file in its place', '/etc/keel', 'size=8k', '0.0 MB needed, 0.0 MB free'],
  ])('is refused before anything is pushed: no %s', async (_case, path, options, amounts) => {
    host = await startSandboxedHost(tmpfs(path, options))
    const { code, found, why } = await stage()
    expect({ code, why }).toEqual({ code: 'no-space', why: 'nothing was changed on the host' })
    expect(found).toContain(`its file system ${path} has no room`)
    expect(found).toContain(amounts)
    expect(await left()).toBe('')
  })

  it.each(['/usr/local/lib/keel', '/etc/keel'])(
    'that can be read only, at %s, is refused before anything is pushed',
    async (path) => {
      host = await startSandboxedHost(`${tmpfs(path, 'size=9m')}; mount -o remount,ro ${path}`)
      const { code, found } = await stage()
      expect(code).toBe('not-writable')
      expect(found).toContain(path)
      expect(await left()).toBe('')
    },
  )

  it('that fills while the program comes has nothing of it afterwards', async () => {
    // what others write at the same time: keel asks, and then there is less
    const fill = `cat > /usr/local/bin/systemd-creds.filled <<'END'
#!/bin/bash
[ -e /usr/local/lib/keel/others ] || head -c 8m /dev/zero > /usr/local/lib/keel/others
exec /usr/local/bin/systemd-creds.real "$@"
END
chmod +x /usr/local/bin/systemd-creds.filled; mv /usr/local/bin/systemd-creds{,.real}; mv /usr/local/bin/systemd-creds{.filled,}`
    host = await startSandboxedHost(`${tmpfs('/usr/local/lib/keel', 'size=9m')}; ${fill}`)
    const { code, found, why } = await stage()
    expect({ code, why }).toEqual({ code: 'no-space', why: 'nothing was changed on the host' })
    expect(found).toMatch(/\/usr\/local\/lib\/keel has no room: 2\.0 MB needed, 1\.0 MB free$/)
    expect(await left()).toBe('/usr/local/lib/keel/others')
  })

  it.each([0, 10, 5_000, 500_000])(
    'whose connection breaks after %i bytes has nothing of it afterwards',
    async (bytes) => {
      host = await startSandboxedHost()
      expect(await stage(bytes)).toMatchObject({ why: 'nothing was changed on the host' })
      expect(await left()).toBe('')
    },
  )

  it('on which an earlier keel was killed has none of its half programs after the next deploy', async () => {
    host = await startSandboxedHost()
    await host.sh(`mkdir -p /usr/local/lib/keel/.keel-0123456789; chmod 700 /usr/local/lib/keel/.keel-0123456789
echo half > /usr/local/lib/keel/.keel-0123456789/file; echo half > /usr/local/lib/keel/k3s-abc.partial; mkdir -p /var/lib/keel/staged-credentials`)
    const keel = await HostDeployments.plan(host, { program: 'a program' })
    expect(await keel.stage()).toMatchObject({ exitCode: 0 })
    expect(await keel.activate()).toMatchObject({ exitCode: 0 })
    expect(await host.sh('ls -A /usr/local/lib/keel | sed s/-.*//; ls -A /var/lib/keel | sort')).toBe(
      'tool\ncurrent\ngenerations\nlock\nstaged\nunconfirmed',
    )
  })

  it('that fills while files are put in place says so, and which', async () => {
    host = await startSandboxedHost(tmpfs('/etc/keel', 'size=1m'))
    const keel = await HostDeployments.plan(host, { files: { '/etc/keel/x1': { content: 'x'.repeat(10_000) } } })
    expect(await keel.stage()).toMatchObject({ exitCode: 0 })
    await host.sh('head -c 2m /dev/zero > /etc/keel/others || true')
    const { code, found, why } = keel.failure('activate', await keel.activate())
    expect({ code, found }).toMatchObject({
      code: 'no-space',
      found: expect.stringContaining('its file system /etc/keel has no room'),
    })
    expect(why).toContain('some of its files may be new')
    expect(await host.sh('ls -A /etc/keel')).toBe('others')
  })
})
