import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHere, switchFromHere } from '../../src/deploy/nixos/local-rebuild.ts'
import { readSourceTree } from '../../src/deploy/nixos/source-tree.ts'
import { FaultsError } from '../../src/errors.ts'
import type { NixosSystem } from '../../src/model/cluster.ts'
import { sampleCluster, sampleHost } from '../support/sample-cluster.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-nixos-build-'))
afterAll(() => rmSync(root, { recursive: true }))

const flake: NixosSystem = { source: { kind: 'flake', attribute: 'ocean' }, build: { on: 'target' } }
const hostWith = (nixos: NixosSystem) =>
  sampleHost({ name: 'ocean', os: 'nixos', nixos, address: { user: 'ada', host: 'ocean.example', port: 2222 } })

describe('what a system is built from', () => {
  const host = hostWith(flake)
  const cluster = sampleCluster([host, sampleHost({ name: 'maia' })])
  const directory = join(root, 'inventory')
  const write = (path: string, text = path) => {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', directory, ...args])
  const read = async (as = host) => {
    const { files, digest } = await readSourceTree(directory, cluster, as, ['k3s-agent-token'])
    return { paths: files.map(({ path }) => path), digest }
  }
  const mine = ['flake.nix', 'hosts/common.nix', 'hosts/ocean/k3s.nix', 'secrets/k3s-agent-token.age']

  beforeAll(() => {
    for (const path of [...mine, 'secrets/k3s-server-ca-key.age', 'secrets.ts', 'hosts/maia/k3s.nix', 'hosts/ocean/host.ts'])
      write(path)
    git('init', '-q')
    git('add', '.')
  })

  it('is what git tracks, without what keel writes for other hosts', async () => {
    write('notes.txt')
    expect((await read()).paths).toEqual(mine)
  })

  it('is everything that lies there for a configuration without a flake', async () => {
    const configuration = hostWith({ ...flake, source: { kind: 'configuration', file: 'hosts/common.nix' } })
    expect((await read(configuration)).paths).toEqual([...mine, 'notes.txt'].toSorted())
  })

  it('changes with a byte of its own, and not with one of another host', async () => {
    const { digest } = await read()
    write('hosts/maia/k3s.nix', 'other')
    expect((await read()).digest).toBe(digest)
    chmodSync(join(directory, 'hosts/common.nix'), 0o755)
    const executable = (await read()).digest
    expect(executable).not.toBe(digest)
    write('hosts/common.nix', 'other')
    expect((await read()).digest).not.toBe(executable)
  })

  it('lacks what git does not track: an error that names `git add`', async () => {
    git('rm', '-q', '--cached', 'hosts/ocean/k3s.nix', 'secrets/k3s-agent-token.age')
    const error = await read().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FaultsError)
    expect(error).toMatchObject({
      exit: 2,
      faults: [
        { code: 'nixos-sources', at: 'hosts/ocean/k3s.nix', todo: expect.stringContaining('`git add hosts/ocean/k3s.nix`') },
        {
          code: 'nixos-sources',
          at: 'secrets/k3s-agent-token.age',
          todo: expect.stringContaining('`git add secrets/k3s-agent-token.age`'),
        },
      ],
    })
  })
})

/** Programs in Nix's place that note how they were called: what is proven is how keel calls them, not what they do. */
describe('built from here', () => {
  const bin = join(root, 'bin')
  const calls = join(root, 'calls')
  const recorder = `#!/bin/sh
known=$(printf '%s' "$NIX_SSHOPTS" | sed -n 's/.*UserKnownHostsFile=\\([^ ]*\\).*/\\1/p')
printf '%s\\n' "\${0##*/} $*" "ssh $NIX_SSHOPTS" "known $(cat "$known")" | sed "s#$known#KNOWN#" >> ${calls}
[ ! -e ${root}/fail ] || { echo 'error: no' >&2; exit 1; }
[ "$1" != build ] || ln -s /nix/store/new-system result
`
  beforeAll(() => {
    mkdirSync(bin)
    for (const program of ['nixos-rebuild', 'nix']) {
      writeFileSync(join(bin, program), recorder, { mode: 0o755 })
    }
  })
  const rebuild = (host: ReturnType<typeof hostWith>, PATH = `${bin}:${process.env.PATH}`) => ({
    host,
    directory: '/inventory',
    env: { PATH },
    signal: new AbortController().signal,
  })
  const called = () => {
    const lines = readFileSync(calls, 'utf8').trimEnd().split('\n')
    rmSync(calls)
    return lines
  }
  const ssh = 'ssh -p 2222 -o UserKnownHostsFile=KNOWN -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes'
  const known = (host: ReturnType<typeof hostWith>) => `known [ocean.example]:2222 ${host.hostKey}`

  it('by nixos-rebuild’s own options, over ssh that accepts the inventory’s host key alone', async () => {
    const host = hostWith({ ...flake, build: { on: 'host', address: 'build@big' } })
    expect(await buildHere(rebuild(host))).toBe('/nix/store/new-system')
    await switchFromHere('test', rebuild(host))
    expect(called()).toEqual([
      ...['nixos-rebuild build --flake /inventory#ocean --build-host build@big', ssh, known(host)],
      ...[
        'nix --extra-experimental-features nix-command copy --to ssh://ada@ocean.example /nix/store/new-system',
        ssh,
        known(host),
      ],
      ...[
        'nixos-rebuild test --flake /inventory#ocean --build-host build@big --target-host ada@ocean.example --use-remote-sudo',
        ssh,
        known(host),
      ],
    ])
  })

  it('a configuration without a flake, here', async () => {
    const host = hostWith({ source: { kind: 'configuration', file: 'hosts/c.nix' }, build: { on: 'local' } })
    await switchFromHere('boot', rebuild(host))
    expect(called()[0]).toBe(
      'nixos-rebuild boot -I nixos-config=/inventory/hosts/c.nix --target-host ada@ocean.example --use-remote-sudo',
    )
  })

  it('failures say what Nix said, and a machine without Nix what to write', async () => {
    const host = hostWith({ ...flake, build: { on: 'local' } })
    writeFileSync(join(root, 'fail'), '')
    await expect(buildHere(rebuild(host))).rejects.toMatchObject({
      code: 'build-failed',
      found: expect.stringContaining('error: no'),
    })
    await expect(buildHere(rebuild(host, join(root, 'nowhere')))).rejects.toMatchObject({
      code: 'no-nix',
      todo: expect.stringContaining("build: 'target'"),
    })
  })
})
