import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ContainerdFacts,
  containerdQuestion,
  parseContainerd,
} from '../../../src/probes/distribution/containerd.ts'
import { containerdDump } from '../../support/kubeadm/containerd-dump.ts'

let root = ''
let server: ReturnType<typeof createServer>
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keel-containerd-'))
  await mkdir(join(root, 'bin'))
  server = createServer()
  await new Promise<void>((resolve) => server.listen(join(root, 'containerd.sock'), resolve))
})
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(root, { recursive: true })
})

/** A host whose programs are scripts: `containerd` prints `dumps` by file, and knows no other call. */
interface Machine {
  readonly dumps?: Readonly<Record<string, string>>
  readonly pid?: number
  readonly commandLine?: readonly string[]
  /** What `ctr version` prints of the server; absent: the server does not answer. */
  readonly serves?: string
  readonly hasConfig?: boolean
}

async function ask({ dumps, pid = 7, commandLine = ['/usr/bin/containerd'], serves, hasConfig = true }: Machine) {
  const program = (name: string, text: string) =>
    writeFile(join(root, 'bin', name), `#!/bin/bash\n${text}`, { mode: 0o755 })
  for (const [name, dump] of Object.entries(dumps ?? {})) await writeFile(join(root, name), dump)
  const cases = Object.keys(dumps ?? {}).map((name) => {
    const call =
      name === 'default' ? 'config default' : name === 'etc' ? 'config dump' : `--config /${name} config dump`
    return `'${call}') cat '${root}/${name}' ;;`
  })
  if (dumps !== undefined) {
    const version = "--version) echo 'containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3' ;;"
    await program('containerd', `case $* in\n${[...cases, version].join('\n')}\n*) exit 1 ;;\nesac\n`)
  }
  const answer = `Client:\n  Version:  v9.9.9\n\nServer:\n  Version:  ${serves}\n  Revision: abc\n`
  await program('ctr', serves === undefined ? 'exit 1\n' : `cat <<'EOF'\n${answer}EOF\n`)
  await program('systemctl', `echo ${pid}\n`)
  await mkdir(join(root, 'proc', String(pid)), { recursive: true })
  await writeFile(join(root, 'proc', String(pid), 'cmdline'), commandLine.map((word) => `${word}\0`).join(''))
  if (hasConfig) await writeFile(join(root, 'config.toml'), '')
  const script = containerdQuestion
    .script()
    .replaceAll('/run/containerd/', `${root}/`)
    .replaceAll('/etc/containerd/', `${root}/`)
    .replaceAll('/proc/', `${root}/proc/`)
  const { stdout } = await execa('bash', ['-s'], { input: script, env: { PATH: `${root}/bin:/usr/bin:/bin` } })
  return containerdQuestion.parse(stdout)
}

const debian: ContainerdFacts = {
  kind: 'running',
  version: '1.6.20~ds1',
  configVersion: 2,
  cri: true,
  systemdCgroup: false,
  pauseImage: 'registry.k8s.io/pause:3.6',
  cniFolders: ['/usr/lib/cni'],
}
const ofTwo: ContainerdFacts = {
  kind: 'running',
  version: 'v2.2.0',
  configVersion: 3,
  cri: true,
  systemdCgroup: false,
  pauseImage: 'registry.k8s.io/pause:3.10.1',
  cniFolders: ['/opt/cni/bin'],
}
const [debian12, two] = [containerdDump('debian-12.toml'), containerdDump('containerd-2.2.toml')]

describe('what containerd runs with', () => {
  it('none: absent', async () => expect(await ask({})).toEqual({ kind: 'absent' }))

  it.each<[string, Machine, ContainerdFacts]>([
    ['its service does not run', { dumps: {}, pid: 0 }, { kind: 'stopped', version: '1.6.20~ds1' }],
    ['it can’t read its own file', { dumps: {} }, { kind: 'unread', version: '1.6.20~ds1' }],
    ['Debian 12, as it is installed', { dumps: { etc: debian12 } }, debian],
    [
      'an upgraded program, and the old process',
      { dumps: { etc: debian12 }, serves: '1.6.9' },
      { ...debian, version: '1.6.9' },
    ],
    ['no file: its defaults', { dumps: { default: debian12 }, hasConfig: false }, debian],
    ['containerd 2', { dumps: { etc: two }, serves: 'v2.2.0' }, ofTwo],
    [
      'a file of its command line, as on Flatcar',
      { dumps: { 'own.toml': two }, commandLine: ['/usr/bin/containerd', '--config', '/own.toml'], serves: 'v2.2.0' },
      ofTwo,
    ],
    [
      'the same in one word',
      {
        dumps: { 'own.toml': two },
        commandLine: ['containerd', '--log-level=warn', '--config=/own.toml'],
        serves: 'v2.2.0',
      },
      ofTwo,
    ],
  ])('%s', async (_what, machine, facts) => expect(await ask(machine)).toEqual(facts))

  it.each<[string, string, string, string, object]>([
    [
      'CRI off, as Docker’s package has it',
      debian12,
      'disabled_plugins = []',
      'disabled_plugins = ["aufs", "cri"]',
      { cri: false },
    ],
    [
      'another plugin off',
      debian12,
      'disabled_plugins = []',
      'disabled_plugins = ["io.containerd.snapshotter.v1.zfs"]',
      {},
    ],
    [
      'CRI of 2.x off',
      two,
      'disabled_plugins = []',
      "disabled_plugins = ['io.containerd.cri.v1.runtime']",
      { cri: false },
    ],
    ['cgroups of systemd', debian12, 'SystemdCgroup = false', 'SystemdCgroup = true', { systemdCgroup: true }],
    ['cgroups of systemd in 2.x', two, 'SystemdCgroup = false', 'SystemdCgroup = true', { systemdCgroup: true }],
    [
      'another runtime than runc by default',
      two.replace('SystemdCgroup = false', 'SystemdCgroup = true'),
      "default_runtime_name = 'runc'",
      "default_runtime_name = 'crun'",
      {},
    ],
    [
      'two folders',
      two,
      "['/opt/cni/bin']",
      "['/opt/cni/bin', '/usr/lib/cni']",
      { cniFolders: ['/opt/cni/bin', '/usr/lib/cni'] },
    ],
    [
      'the folder as 2.0 has it',
      two,
      "bin_dir = ''\n      bin_dirs = ['/opt/cni/bin']",
      "bin_dir = '/usr/lib/cni'",
      { cniFolders: ['/usr/lib/cni'] },
    ],
  ])('%s', async (_what, dump, text, other, facts) => {
    expect(dump).toContain(text)
    const isTwo = dump.includes('version = 3')
    const machine = { dumps: { etc: dump.replace(text, other) }, ...(isTwo ? { serves: 'v2.2.0' } : {}) }
    expect(await ask(machine)).toEqual({ ...(isTwo ? ofTwo : debian), ...facts })
  })
})

describe('an answer about containerd', () => {
  const row = (...columns: readonly string[]) => `${columns.join('\t')}\n`
  const whole = `${row('version', '1.7.28')}${row('program', 'running')}${row('config-version', '2')}`

  it.each([
    ['nothing', ''],
    ['a key that keel does not ask for', `${whole}${row('shell', '/bin/sh')}`],
    ['no version', row('program', 'running') + row('version', 'new')],
    ['a folder that is no path', `${whole}${row('cni-folder', 'bin')}`],
    ['a control character', `${whole}${row('cni-folder', '/opt/\u001b[2J')}`],
    ['a value too many', `${whole}${row('pause', 'a/b:1', 'c')}`],
    ['a cgroup setting that is no boolean', `${whole}${row('systemd-cgroup', 'runc', 'yes')}`],
  ])('with %s is refused', (_what, stdout) =>
    expect(() => parseContainerd(stdout)).toThrow('no answer about containerd'),
  )

  it('is read, or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('version', 'cni-folder', 'pause', 'disabled'), (value, key) => {
        try {
          const facts = parseContainerd(`${whole}${row(key, value)}`)
          expect(JSON.stringify(facts)).not.toMatch(/\\u00|\\[nrt]/)
        } catch (error) {
          expect(String(error)).toMatch(/^Error: no answer about containerd/)
        }
      }),
    )
  })
})
