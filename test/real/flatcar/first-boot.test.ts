import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { ignitionValidator } from '../../support/butane/ignition-validator.ts'

/** What a Flatcar server and agent are given, as test/fast reviews it. */
const golden = (host: string, name: string) =>
  readFileSync(new URL(`../../golden/flatcar/${host}/${name}`, import.meta.url), 'utf8')

describe.each(['ocean', 'maia'])('what %s is given for its first boot', (host) => {
  it("is accepted by Ignition's own validator", async () => {
    const validate = await ignitionValidator()
    expect(await validate(golden(host, 'config.ign'))).toBeUndefined()
  })

  it('has units that systemd itself finds nothing wrong with', async () => {
    const root = mkdtempSync(join(tmpdir(), 'keel-units-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const write = (path: string, text: string, mode = 0o644) => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text, { mode })
    }
    // systemd looks whether programs are there, not what they are
    for (const program of ['/usr/local/bin/k3s', '/bin/sh', '/sbin/modprobe', '/usr/sbin/nft', '/usr/bin/nft'])
      write(program, '', 0o755)
    cpSync('/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true })
    const units: readonly { name: string; contents: string }[] = parse(golden(host, 'butane.yaml')).systemd.units
    for (const { name, contents } of units) write(`/etc/systemd/system/${name}`, contents)
    const paths = units.map(({ name }) => `/etc/systemd/system/${name}`)
    const verify = () =>
      execa('systemd-analyze', ['verify', `--root=${root}`, '--man=no', ...paths], { all: true, reject: false })
    expect(await verify()).toMatchObject({ exitCode: 0, all: '' })
    const [first] = units
    write(`/etc/systemd/system/${first?.name}`, `${first?.contents.replace('[Service]', '[Service]\nLoadCredental=x')}`)
    expect((await verify()).all).toContain('LoadCredental')
  })
})
