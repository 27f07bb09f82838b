import { afterEach, describe, expect, it } from 'vitest'
import { HostDeployments } from '../../support/hosts/host-deployments.ts'
import { type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'

let host: SandboxedHost
afterEach(() => host?.stop())

/** Over a megabyte, which makes it a large file. */
const program = 'k'.repeat(2_000_000)
/** The real program, which also notes the sizes of what it reads. */
const noting = (name: string) => `cat > /usr/local/bin/${name} <<'END'
#!/bin/bash
stat -L -c "${name} %s" -- - "$@" >> /run/read 2>/dev/null
exec /usr/bin/${name} "$@"
END
chmod +x /usr/local/bin/${name}`
const hidden = 'touch /run/none; mount --bind /run/none /usr/bin/openssl; rm -f /usr/local/bin/openssl'
const readers = async () => {
  const lines = await host.sh('cat /run/read 2>/dev/null || true; rm -f /run/read')
  return lines.split('\n').filter((line) => line.endsWith(` ${program.length}`))
}

describe('a program that a deploy brings', () => {
  it.each([
    ['openssl', noting('openssl')],
    ['sha256sum, on a host without openssl', hidden],
  ])('is read once, by %s: nothing reads it again before it is written', async (by, setUp) => {
    host = await startSandboxedHost(`${noting('sha256sum')}; ${setUp}`)
    const keel = await HostDeployments.plan(host, { program })
    expect(await keel.stage()).toMatchObject({ exitCode: 0 })
    const [reader] = by.split(',')
    expect(await readers()).toEqual([`${reader} ${program.length}`])
    expect(await keel.activate()).toMatchObject({ exitCode: 0 })
    expect((await HostDeployments.plan(host, { program })).operations.map(({ op }) => op)).not.toContain(
      'push-artifact',
    )
    expect(await readers()).toEqual([])
  })

  it('is read again, and replaced, once somebody has written it', async () => {
    host = await startSandboxedHost()
    const keel = await HostDeployments.plan(host, { program })
    expect(await keel.stage()).toMatchObject({ exitCode: 0 })
    expect(await keel.activate()).toMatchObject({ exitCode: 0 })
    await host.sh('printf x | dd of="$(ls /usr/local/lib/keel/tool-*)" conv=notrunc status=none')
    expect((await HostDeployments.plan(host, { program })).operations).toContainEqual(
      expect.objectContaining({ op: 'push-artifact', why: 'content' }),
    )
  })
})
