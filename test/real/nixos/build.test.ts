import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasClosures, withClosures } from '../../../src/deploy/nixos/closure-changes.ts'
import { explainUntracked, trackedFiles } from '../../../src/deploy/nixos/git-files.ts'
import {
  buildHere,
  type LocalRebuild,
  type RebuildPlace,
  switchFromHere,
  withBuilt,
} from '../../../src/deploy/nixos/local-rebuild.ts'
import { whatToBuild } from '../../../src/deploy/nixos/scripts.ts'
import { readSourceTree } from '../../../src/deploy/nixos/source-tree.ts'
import { sshAccess } from '../../../src/deploy/nixos/ssh-access.ts'
import type { Planned } from '../../../src/deploy/plan-cluster.ts'
import { FaultsError, KeelError } from '../../../src/errors.ts'
import type { Host, NixosSystem } from '../../../src/model/cluster.ts'
import type { SelectedHost } from '../../../src/plan/view/cluster-view.ts'
import type { Transport } from '../../../src/ssh/transport.ts'
import { moduleOf } from '../../support/nixos/hosts.ts'
import { adminsNix, writeFlake } from '../../support/nixos/stand-in.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { until } from '../../support/until.ts'

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
  const configuration = hostWith({ ...flake, source: { kind: 'configuration', file: 'hosts/common.nix' } })
  const mine = ['flake.nix', 'hosts/common.nix', 'hosts/ocean/k3s.nix', 'secrets/k3s-agent-token.age']

  beforeAll(() => {
    for (const path of [
      ...mine,
      'secrets/k3s-server-ca-key.age',
      'secrets.ts',
      'hosts/maia/k3s.nix',
      'hosts/ocean/host.ts',
    ])
      write(path)
    git('init', '-q')
    git('add', '.')
  })

  it('is what git tracks, without what keel writes for other hosts', async () => {
    write('notes.txt')
    expect((await read()).paths).toEqual(mine)
  })

  it('attack 13: is what git tracks for a configuration without a flake, and nothing that git ignores or does not know', async () => {
    write('.gitignore', '.env\nid_deploy\nkubeconfig.yaml\n')
    git('add', '.gitignore')
    for (const path of ['.env', 'id_deploy', 'kubeconfig.yaml', 'secrets/k3s-server-token.txt', 'hosts/ocean/.env'])
      write(path)
    expect((await read(configuration)).paths).toEqual([...mine, '.gitignore'].toSorted())
    git('rm', '-qf', '.gitignore')
    const untracked = {
      ...configuration,
      nixos: { ...flake, source: { kind: 'configuration', file: '.env' } },
    } as const
    await expect(read(untracked)).rejects.toMatchObject({ faults: [{ code: 'nixos-untracked', at: '.env' }] })
    for (const path of ['.env', 'id_deploy', 'kubeconfig.yaml', 'secrets/k3s-server-token.txt', 'hosts/ocean/.env'])
      rmSync(join(directory, path))
  })

  it('attack 13: a folder that looks like a bare repository has git run no program of its settings', async () => {
    const bare = join(root, 'bare')
    execFileSync('git', ['init', '-q', '--bare', join(root, 'made')])
    execFileSync('git', ['init', '-q', bare])
    cpSync(join(root, 'made'), join(bare, 'inventory'), { recursive: true })
    const ran = join(root, 'ran')
    execFileSync('git', ['-C', join(bare, 'inventory'), 'config', 'core.worktree', '.'])
    execFileSync('git', ['-C', join(bare, 'inventory'), 'config', 'core.bare', 'false'])
    execFileSync('git', ['-C', join(bare, 'inventory'), 'config', 'core.fsmonitor', `touch ${ran}; false`])
    await trackedFiles(join(bare, 'inventory')).catch(() => undefined)
    expect(existsSync(ran)).toBe(false)
    execFileSync('git', ['-C', join(bare, 'inventory'), 'ls-files', '--others'], { stdio: 'ignore' })
    expect(existsSync(ran), 'git as it is runs it').toBe(true)
  })

  it('is everything that is there where there is no git', async () => {
    const plain = join(root, 'plain')
    cpSync(directory, plain, { recursive: true, filter: (path) => !path.endsWith('.git') })
    const { files } = await readSourceTree(plain, cluster, configuration, ['k3s-agent-token'])
    expect(files.map(({ path }) => path)).toEqual([...mine, 'notes.txt'].toSorted())
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
        { code: 'nixos-untracked', at: 'hosts/ocean/k3s.nix', todo: '`git add hosts/ocean/k3s.nix`' },
        { code: 'nixos-untracked', at: 'secrets/k3s-agent-token.age', todo: '`git add secrets/k3s-agent-token.age`' },
      ],
    })
  })
})

/**
 * Programs in Nix's place that note how they were called and what ssh is told: what they do is proven below, and in
 * test/e2e/systems/nixos.test.ts.
 */
describe('built from here', () => {
  const bin = join(root, 'bin')
  const calls = join(root, 'calls')
  const recorder = `#!/bin/sh
config=\${NIX_SSHOPTS#-F }
printf '%s\\n' "\${0##*/} $*" >> ${calls}
for name in ocean.example big; do
  echo "ssh $name" $(ssh -F "$config" -G $name | grep -iE '^(port|hostkeyalias|userknownhostsfile|stricthostkeychecking|identityfile) ') >> ${calls}
done
sed 's/^/known /' "\${config%/*}/known_hosts" >> ${calls}
sed -i "s#\${config%/*}/##" ${calls}
[ ! -e ${root}/fail ] || { echo 'error: no' >&2; exit 1; }
case "\${0##*/} $*" in
  'nixos-rebuild build '*--build-host*) ;;
  'nixos-rebuild build '*) ln -s /nix/store/new-system result ;;
  'nix '*eval*) echo /nix/store/evaluated-system ;;
esac
`
  beforeAll(() => {
    mkdirSync(bin)
    for (const program of ['nixos-rebuild', 'nix']) {
      writeFileSync(join(bin, program), recorder, { mode: 0o755 })
    }
  })
  const rebuild = (host: Host, more: Partial<LocalRebuild> = {}): LocalRebuild => ({
    host,
    hosts: [host],
    directory: '/inventory',
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: root },
    identities: [],
    signal: new AbortController().signal,
    ...more,
  })
  const called = () => {
    const lines = readFileSync(calls, 'utf8').trimEnd().split('\n')
    rmSync(calls)
    return lines
  }
  const programs = (lines: readonly string[]) => lines.filter((line) => line.startsWith('nix'))
  const local: NixosSystem = { ...flake, build: { on: 'local' } }

  it('by nixos-rebuild’s own options, over ssh that accepts the inventory’s host key alone', async () => {
    const host = hostWith(local)
    const one = rebuild(host, { identities: ['/keys/of mine'] })
    expect(await buildHere(one)).toBe('/nix/store/new-system')
    await switchFromHere('test', one)
    const lines = called()
    expect(programs(lines)).toEqual([
      'nixos-rebuild build --fast --flake /inventory#ocean --no-write-lock-file',
      'nix --extra-experimental-features nix-command flakes copy --to ssh://ada@ocean.example /nix/store/new-system',
      'nixos-rebuild test --fast --flake /inventory#ocean --no-write-lock-file --target-host ada@ocean.example --use-remote-sudo',
    ])
    expect(lines[1]).toBe(
      'ssh ocean.example port 2222 stricthostkeychecking true hostkeyalias ocean identityfile /keys/of mine userknownhostsfile known_hosts',
    )
    expect(lines[3]).toBe(`known ocean ${host.hostKey}`)
  })

  it('on another machine, which the inventory’s key or OpenSSH’s own has to know; what it built lies here then', async () => {
    const host = hostWith({ ...flake, build: { on: 'host', address: 'build@big:2022' } })
    const big = sampleHost({ name: 'builder', address: { user: 'root', host: 'big', port: 22 } })
    for (const [hosts, ssh] of [
      [[host, big], 'ssh big port 2022 stricthostkeychecking true hostkeyalias builder userknownhostsfile known_hosts'],
      [
        [host],
        expect.stringMatching(
          /^ssh big port 2022 stricthostkeychecking true userknownhostsfile \S*\/\.ssh\/known_hosts /,
        ),
      ],
    ] as const) {
      expect(await buildHere(rebuild(host, { hosts }))).toBe('/nix/store/evaluated-system')
      const lines = called()
      expect(programs(lines)).toEqual([
        'nixos-rebuild build --fast --flake /inventory#ocean --no-write-lock-file --build-host build@big',
        'nix --extra-experimental-features nix-command flakes eval --raw /inventory#nixosConfigurations."ocean".config.system.build.toplevel.outPath --no-write-lock-file',
        'nix --extra-experimental-features nix-command flakes copy --to ssh://ada@ocean.example /nix/store/evaluated-system',
      ])
      expect(lines[2]?.replace(/identityfile \S+ ?/g, '')).toEqual(ssh)
    }
  })

  it('to a host with an IPv6 address, by its name', async () => {
    const host = { ...hostWith(local), address: { user: 'root', host: 'fd00::5', port: 22 } }
    await switchFromHere('boot', rebuild(host))
    expect(programs(called())).toEqual([
      'nixos-rebuild boot --fast --flake /inventory#ocean --no-write-lock-file --target-host root@ocean',
    ])
    expect(sshAccess(host, [host], '/known', []).config).toContain('Host ocean\n  HostName fd00::5\n')
  })

  it('a configuration without a flake, here', async () => {
    const host = hostWith({ source: { kind: 'configuration', file: 'hosts/c.nix' }, build: { on: 'local' } })
    await switchFromHere('boot', rebuild(host))
    expect(called()[0]).toBe(
      'nixos-rebuild boot --fast --no-flake -I nixos-config=/inventory/hosts/c.nix --target-host ada@ocean.example --use-remote-sudo',
    )
  })

  it('failures say what Nix said, and a machine without Nix what to write', async () => {
    const host = hostWith(local)
    writeFileSync(join(root, 'fail'), '')
    await expect(buildHere(rebuild(host))).rejects.toMatchObject({
      code: 'build-failed',
      found: expect.stringContaining('error: no'),
    })
    await expect(buildHere(rebuild(host, { env: { PATH: join(root, 'nowhere') } }))).rejects.toMatchObject({
      code: 'no-nix',
      todo: expect.stringContaining("build: 'target'"),
    })
  })
})

/** Real Nix, its flakes and a store of this test's own; the system is the stand-in's. */
describe('a flake', () => {
  const home = join(root, 'home')
  const inventory = join(root, 'flake')
  const host = hostWith({ ...flake, build: { on: 'local' } })
  const cluster = sampleCluster([host])
  const secrets = ['k3s-agent-token'] as const
  const configuration = (text: string) => writeFileSync(join(inventory, 'hosts/ocean/configuration.nix'), text)
  const usual = '{ services.openssh.enable = true; }\n'
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', inventory, ...args])
  let env: Readonly<Record<string, string>>
  const here = (signal = new AbortController().signal): RebuildPlace => ({
    hosts: [host],
    directory: inventory,
    env,
    identities: [],
    signal,
  })
  const built = () => withBuilt({ ...here(), host }, async (system) => system)
  beforeAll(() => {
    mkdirSync(join(inventory, 'hosts/ocean'), { recursive: true })
    mkdirSync(join(inventory, 'secrets'))
    env = adminsNix(home, '1.36.3+k3s1')
    writeFlake(inventory, ['ocean'], '1.36.3+k3s1')
    configuration(usual)
    writeFileSync(join(inventory, 'hosts/ocean/k3s.nix'), moduleOf(host, cluster))
    writeFileSync(join(inventory, 'secrets/k3s-agent-token.age'), 'encrypted')
    git('init', '-q')
    git('add', '.')
  })

  it('is the same system built here from git and on the host from what is pushed', async () => {
    const pushed = join(root, 'pushed')
    const { files } = await readSourceTree(inventory, cluster, host, secrets)
    for (const file of files) {
      mkdirSync(join(pushed, file.path, '..'), { recursive: true })
      if (file.kind === 'file') writeFileSync(join(pushed, file.path), file.bytes)
    }
    const there = execFileSync('nixos-rebuild', ['build', ...whatToBuild(flake, pushed)], {
      cwd: root,
      env,
      stdio: 'pipe',
    })
    expect(there.toString()).toBe('')
    expect(await built()).toBe(readlinkSync(join(root, 'result')))
    // the inventory stays as it is
    expect(existsSync(join(inventory, 'flake.lock'))).toBe(false)
  })

  it('is the named configuration, whatever flake this machine has in /etc/nixos', async () => {
    const file = 'hosts/ocean/whole.nix'
    const imports = '[ <agenix/modules/age.nix> ./configuration.nix ./k3s.nix ]'
    writeFileSync(join(inventory, file), `{ imports = ${imports}; }\n`)
    mkdirSync(join(home, 'etc/nixos'), { recursive: true })
    writeFileSync(join(home, 'etc/nixos/flake.nix'), '{ outputs = _: throw "another system"; }\n')
    const named = hostWith({ source: { kind: 'configuration', file }, build: { on: 'local' } })
    expect(await withBuilt({ ...here(), host: named }, async (system) => system)).toMatch(/^\/nix\/store\//)
    rmSync(join(home, 'etc'), { recursive: true })
    rmSync(join(inventory, file))
  })

  it('with a lock file that git does not track would be another one on each machine', async () => {
    writeFileSync(join(inventory, 'flake.lock'), '{}')
    await expect(readSourceTree(inventory, cluster, host, secrets)).rejects.toThrow(
      /flake.lock: git does not track it\n(.*\n)*.*`git add flake.lock`/,
    )
    rmSync(join(inventory, 'flake.lock'))
  })

  it('that imports what git does not track: the error names `git add` and the file', async () => {
    configuration('{ imports = [ ./disk.nix ]; services.openssh.enable = true; }\n')
    writeFileSync(join(inventory, 'hosts/ocean/disk.nix'), '{ }\n')
    writeFileSync(join(inventory, 'notes.txt'), '')
    const error = await built().catch((thrown: unknown) => thrown)
    if (!(error instanceof KeelError)) return expect.unreachable()
    expect(await explainUntracked(error, inventory)).toMatchObject({
      code: 'build-failed',
      why: expect.stringContaining('git does not track hosts/ocean/disk.nix'),
      todo: '`git add hosts/ocean/disk.nix`',
    })
    git('add', 'hosts/ocean/disk.nix')
    expect(await explainUntracked(error, inventory)).toBe(error)
    expect(await built()).toMatch(/^\/nix\/store\//)
    configuration(usual)
  })

  it('in a repository that git refuses to read is an error, and not pushed whole', async () => {
    const stranger = { ...process.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
    const before = process.env
    process.env = stranger
    try {
      await expect(readSourceTree(inventory, cluster, host, secrets)).rejects.toMatchObject({ code: 'git-refuses' })
    } finally {
      process.env = before
    }
  })

  describe('in a plan', () => {
    /** The host's answers are this machine's: its store knows the system that runs there. */
    const transport = (system: string): Transport => ({
      target: { name: 'ocean', address: host.address, hostKey: host.hostKey ?? expect.unreachable() },
      run: async (script) => {
        const {
          stdout,
          stderr,
          exitCode = 1,
        } = await execa('bash', ['-s'], {
          input: script.replace('"$(readlink -f /run/current-system)"', system),
          env,
          reject: false,
        })
        return { stdout, stderr, exitCode }
      },
      close: async () => {},
    })
    const planned = (system: string, as = host): Planned => ({
      plan: {
        hosts: [
          {
            host: as.name,
            role: 'agent',
            wave: 0,
            operations: [{ op: 'switch-system', why: '', secrets: [], diff: [] }],
          },
        ],
        objects: { operations: [] },
        refusals: [],
        notes: [],
      },
      hosts: new Map([[as.name, { seen: { host: as } as SelectedHost, transport: transport(system) }]]),
      transports: new Map(),
      trees: new Map(),
      unreachable: [],
      goOn: [],
      admissions: [],
      [Symbol.asyncDispose]: async () => {},
    })
    const closure = async (from: Planned, place = here()) => {
      const [operation] = (await withClosures(from, place, () => {})).hosts[0]?.operations ?? []
      return operation?.op === 'switch-system' ? operation.closure : undefined
    }
    const oracle = (before: string, after: string) =>
      execFileSync('nix', ['--extra-experimental-features', 'nix-command', 'store', 'diff-closures', before, after], {
        env,
      })
        .toString()
        .replaceAll(/\u001b\[[0-9;]*m/g, '')
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')

    it('shows what `nix store diff-closures` shows', async () => {
      const before = await built()
      const big = 'x'.repeat(9000)
      configuration(
        `{ services.openssh.enable = true; environment.etc = { "app-2.1".text = "b"; "big".text = "${big}"; }; }\n`,
      )
      const after = await built()
      const [whole, ...lines] = (await closure(planned(before))) ?? []
      expect(whole).toMatch(/^closure: \d+\.\d MiB → \d+\.\d MiB$/)
      expect(lines.map((line) => line.trim())).toEqual(oracle(before, after))
      expect(lines.length).toBeGreaterThan(1)
      expect(await closure(planned(after))).toEqual([expect.stringMatching(/^closure: .*, the same packages$/)])
      configuration(usual)
    })

    it('says why it is not known, and the plan is none the worse', async () => {
      const runs = await built()
      configuration('{ services.opensssh.enable = true; }\n')
      expect(await closure(planned(runs))).toEqual([
        expect.stringMatching(
          /^closure: not known, as nixos-rebuild build failed: .*services.opensssh: no such option/,
        ),
      ])
      configuration(usual)
      expect(await closure(planned('/nix/store/00000000000000000000000000000000-gone'))).toEqual([
        expect.stringMatching(/^closure: not known, as the host did not tell which system it runs: /),
      ])
      const onTarget = planned('/nix/store/x', { ...host, nixos: flake })
      expect(await closure(onTarget)).toBeUndefined()
      expect([hasClosures(onTarget), hasClosures(planned('/nix/store/x'))]).toEqual([false, true])
    })

    it('interrupted, it ends what it has started', async () => {
      const slow = join(root, 'slow')
      mkdirSync(slow)
      writeFileSync(join(slow, 'nixos-rebuild'), `#!/bin/sh\nsleep 1000 & echo $! > ${root}/pid; wait\n`, {
        mode: 0o755,
      })
      const abort = new AbortController()
      const place = { ...here(abort.signal), env: { ...env, PATH: `${slow}:${env.PATH}` } }
      const ended = closure(planned(await built()), place)
      await until('it builds', () => existsSync(join(root, 'pid')) && readFileSync(join(root, 'pid'), 'utf8') !== '')
      abort.abort()
      await expect(ended).rejects.toThrow(/abort/)
      const pid = Number(readFileSync(join(root, 'pid'), 'utf8'))
      await until(
        'it has ended',
        () => !existsSync(`/proc/${pid}`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
      )
    })
  })
})
