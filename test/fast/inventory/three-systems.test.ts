import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'

/** docs/examples/three-systems, with the commands of its README but those that need the machines. */
const copy = mkdtempSync(join(tmpdir(), 'keel-three-'))
beforeAll(() => {
  cpSync(new URL('../../../docs/examples/three-systems', import.meta.url).pathname, copy, { recursive: true })
  writeFileSync(join(copy, 'a-k3s'), elfProgram())
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))
const run = async (...argv: readonly string[]) => {
  const { exit, out, err } = await keel(copy, argv)
  expect(exit, err).toBe(0)
  return out
}

test('the example of three systems: pinned, rekeyed and rendered, each host gets what its system needs', async () => {
  await run('pin', '--file', 'amd64=a-k3s')
  await run('rekey')
  await run('render')
  const generated = Object.fromEntries(
    ['ocean', 'luna', 'maia'].map((host) => [host, readdirSync(join(copy, 'hosts', host)).toSorted()]),
  )
  expect(generated).toEqual({
    ocean: ['host.ts'],
    luna: ['butane.yaml', 'config.ign', 'host.ts'],
    maia: ['configuration.nix', 'host.ts', 'k3s.nix'],
  })
  const read = (path: string) => readFileSync(join(copy, path), 'utf8')
  expect(read('hosts/maia/k3s.nix')).toContain('serverAddr = "https://10.0.0.1:6443";')
  expect(read('hosts/luna/butane.yaml')).toContain('https://10.0.0.1:6443')
  // the label that all three have
  for (const file of ['hosts/maia/k3s.nix', 'hosts/luna/butane.yaml'])
    expect(read(file)).toContain('example.com/site=home')

  expect(await run('render')).not.toContain('written')
  await run('render', '--out', 'all')
  expect(read('all/ocean/etc/rancher/k3s/config.yaml.d/20-keel-registration.yaml')).toContain('example.com/site=home')
})
