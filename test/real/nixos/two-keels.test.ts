import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HostExit } from '../../../src/deploy/host/host-script.ts'
import { bootScript, buildScript, sourceBytes, testScript } from '../../../src/deploy/nixos/scripts.ts'
import type { SourceTree } from '../../../src/deploy/nixos/source-tree.ts'
import { k3sAccess, k3sPast, k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { digestOf } from '../../../src/probes/facts.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import type { SystemRendered } from '../../../src/targets/rendered.ts'
import { type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

/** A system is what its configuration says: a folder named after it. */
const nixosRebuild = `#!/bin/bash
for word; do case $word in nixos-config=*) configuration=\${word#nixos-config=};; esac; done
system=/srv/store/$(cat "$configuration")
mkdir -p $system/etc/systemd/system /srv/nix/var/nix/profiles; : > $system/activate
printf 'ExecStart=/nowhere --node-name=maia\\nRuntimeDirectory=keel-k3s\\n' > $system/etc/systemd/system/k3s.service
case $1 in
  build) ln -sfnT $system result ;;
  test) ln -sfnT $system /run/current-system ;;
  boot) ln -sfnT $system /srv/nix/var/nix/profiles/system ;;
esac
`
let host: SandboxedHost
beforeAll(async () => {
  host = await startSandboxedHost()
  await host.sh(`cat > /usr/local/bin/nixos-rebuild <<'END'\n${nixosRebuild}END\nchmod +x /usr/local/bin/nixos-rebuild`)
})
afterAll(() => host?.stop())
beforeEach(async () => {
  await host.sh(
    'rm -rf /var/lib/keel/* /srv/*; mkdir -p /srv/store/old /srv/nix/var/nix/profiles; ln -sfnT /srv/store/old /run/current-system; ln -sfnT /srv/store/old /srv/nix/var/nix/profiles/system',
  )
})

const run = (script: string, input?: Uint8Array) =>
  host.transport.run(script.replaceAll('/nix/var/', '/srv/nix/var/'), input === undefined ? {} : { input })

/** One keel that wants a system of this name. */
async function keel(system: string) {
  const { name } = sampleHost({ name: 'maia' })
  const bytes = Buffer.from(system)
  const tree: SourceTree = {
    files: [{ kind: 'file', path: 'configuration.nix', bytes, isProgram: false }],
    digest: sha256(bytes),
  }
  const rendered: SystemRendered = {
    kind: 'system',
    distribution: 'k3s',
    host: name,
    role: 'agent',
    node: { name, labels: {}, taints: [] },
    parts: {},
    services: [{ unit: 'k3s.service', healthy: [], programs: [], startFolder: { path: '/etc/rancher', except: [] } }],
    access: k3sAccess,
    past: k3sPast,
    places: k3sPlaces,
    ports: [],
    system: { source: { kind: 'configuration', file: 'configuration.nix' }, build: { on: 'target' } },
    version: 'v1.36.3+k3s1',
    module: `module of ${system}`,
    secrets: [],
    tokens: [],
  }
  const questions = {
    kind: 'system',
    units: ['k3s.service'],
    node: 'maia',
    access: k3sAccess,
    past: k3sPast,
    places: k3sPlaces,
    parts: {},
  } as const
  const digest = digestOf(parseFacts(name, (await run(factsScript(questions))).stdout, questions))
  const staging = { id: randomBytes(8).toString('hex'), questions, host: name, rendered, tree, digest }
  return {
    id: staging.id,
    build: () => run(buildScript(staging), sourceBytes(tree)),
    test: () => run(testScript(rendered, staging)),
    boot: () => run(bootScript(rendered, tree, staging)),
  }
}

const current = () =>
  host.sh('basename $(readlink /run/current-system); basename $(readlink /srv/nix/var/nix/profiles/system)')
const success = { exitCode: 0 }

describe('two keels on one NixOS host', () => {
  it('attack 3: each switches to the system that it has built and proven itself, or to none', async () => {
    const [a, b] = [await keel('A'), await keel('B')]
    expect(await a.build()).toMatchObject({ ...success, stderr: '' })
    expect(await b.build()).toMatchObject({ ...success, stderr: '' })
    expect(await a.test()).toMatchObject({ ...success, stderr: '' })
    expect(await current()).toBe('A\nold')
    expect((await b.test()).exitCode).toBe(HostExit.Changed)
    expect(await a.boot()).toMatchObject({ ...success, stderr: '' })
    expect(await current()).toBe('A\nA')
    expect(await host.sh('cat /var/lib/keel/nixos/k3s.nix')).toBe('module of A')
  })

  it('attack 4: a system that was built before another keel’s was switched to is not switched to after it', async () => {
    const [old, newer] = [await keel('old2'), await keel('new')]
    expect(await old.build()).toMatchObject({ ...success, stderr: '' })
    for (const step of [newer.build, newer.test, newer.boot])
      expect(await step()).toMatchObject({ ...success, stderr: '' })
    expect((await old.test()).exitCode).toBe(HostExit.Changed)
    expect(await current()).toBe('new\nnew')
  })

  it('attack 4: a system is not made the boot entry when another runs by then', async () => {
    const a = await keel('A')
    for (const step of [a.build, a.test]) expect(await step()).toMatchObject({ ...success, stderr: '' })
    await host.sh('ln -sfnT /srv/store/old /run/current-system')
    expect((await a.boot()).exitCode).toBe(HostExit.SwitchFailed)
    expect(await current()).toBe('old\nold')
  })

  it('what is not built leaves nothing behind', async () => {
    await host.sh(
      'mkdir -p /usr/local/bin.saved; cp /usr/local/bin/nixos-rebuild /usr/local/bin.saved; printf "#!/bin/bash\\necho no room >&2; exit 1\\n" > /usr/local/bin/nixos-rebuild',
    )
    const a = await keel('A')
    expect(await a.build()).toMatchObject({
      exitCode: HostExit.BuildFailed,
      stderr: expect.stringContaining('no room'),
    })
    expect(await host.sh('ls -A /var/lib/keel/staged; cp /usr/local/bin.saved/nixos-rebuild /usr/local/bin')).toBe('')
  })
})
