import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { k3sPast, k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import { type DistributionRun, distributionRun } from '../../../src/probes/distribution/distribution-run.ts'
import { settingsOfWords } from '../../../src/probes/distribution/k3s-settings.ts'
import { nodeStatus } from '../../../src/probes/node/node-status.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keel-run-'))
  await mkdir(join(root, 'bin'))
})
afterEach(() => rm(root, { recursive: true }))

/** What the probe finds below a folder that means the host's root. */
async function ask({
  files = {},
  show = {},
}: {
  files?: Record<string, string>
  show?: Record<string, string>
} = {}): Promise<DistributionRun> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  const answers = Object.entries(show).map(([property, value]) => `  *--property=${property}*) echo '${value}' ;;`)
  await writeFile(join(root, 'bin/systemctl'), `#!/bin/bash\ncase "$*" in\n${answers.join('\n')}\nesac\n`, {
    mode: 0o755,
  })
  const script = distributionRun
    .script({ unit: 'k3s.service', past: k3sPast, places: k3sPlaces })
    .replaceAll('/etc/rancher', `${root}/etc/rancher`)
    .replaceAll('/var/lib', `${root}/var/lib`)
  const { stdout } = await execa('bash', ['-s'], { input: script, env: { PATH: `${root}/bin:${process.env.PATH}` } })
  return distributionRun.parse(stdout)
}

const data = 'var/lib/rancher/k3s/server'
const config = 'etc/rancher/k3s/config.yaml'

describe('what k3s runs with', () => {
  it('on an empty machine: nothing', async () => {
    expect(await ask()).toEqual({ programIsNewer: false, configured: {} })
  })

  it.each([
    [{ [`${data}/db/etcd/name`]: 'ocean-1' }, 'etcd'],
    [{ [`${data}/db/state.db`]: '' }, 'sqlite'],
    [{ [`${data}/db/state.db`]: '', [`${data}/db/etcd/name`]: '' }, 'etcd'],
    [
      { [`${data}/tls/server-ca.crt`]: '', [config]: 'datastore-endpoint: mysql://keel:hidden@tcp(db)/k3s\n' },
      'external',
    ],
    [{ [config]: 'datastore-endpoint: mysql://keel:hidden@tcp(db)/k3s\n' }, undefined],
  ])('%j: %s', async (files, datastore) => expect((await ask({ files })).datastore).toBe(datastore))

  it('reads the settled flags of the files, the later ones first, and no other', async () => {
    const { configured } = await ask({
      files: {
        [config]: `# generated\n"cluster-cidr":\n  - 10.42.0.0/16\n  - fd42::/56\ntoken: hidden\nagent-token: |\n  cluster-domain: hidden\nservice-cidr: 10.43.0.0/16,fd43::/112\nsecrets-encryption: true\n`,
        [`${config}.d/10-a.yaml`]: 'cluster-domain: one.local\n',
        [`${config}.d/20-b.yaml`]: "cluster-domain: 'two.local'\nnode-label:\n- a=b\n",
      },
    })
    expect(configured).toEqual({
      'cluster-cidr': ['10.42.0.0/16', 'fd42::/56'],
      'service-cidr': ['10.43.0.0/16', 'fd43::/112'],
      'secrets-encryption': ['true'],
      'cluster-domain': ['two.local'],
    })
  })

  it('reads flags of a unit that somebody else has written, and no token', async () => {
    const ExecStart =
      '{ path=/usr/local/bin/k3s ; argv[]=/usr/local/bin/k3s server --token hidden --cluster-cidr 10.52.0.0/16 --secrets-encryption --cluster-domain=own.local ; ignore_errors=no }'
    const { configured } = await ask({ show: { ExecStart } })
    expect(configured).toEqual({
      'cluster-cidr': ['10.52.0.0/16'],
      'secrets-encryption': ['true'],
      'cluster-domain': ['own.local'],
    })
  })

  it('a file that is no YAML says nothing', async () => {
    expect((await ask({ files: { [config]: 'cluster-cidr: [10.42\n' } })).configured).toEqual({})
  })
})

describe('the process', () => {
  /** A program that is called k3s, runs, and says this version; and one on the PATH of another. */
  async function started(version: string): Promise<{ readonly pid: number; stop(): void }> {
    await execa('cp', ['/bin/bash', join(root, 'bin/k3s-own')])
    const child = execa(join(root, 'bin/k3s-own'), ['-c', 'while :; do sleep 60; done'], {
      reject: false,
      killSignal: 'SIGKILL',
    })
    // bash itself has no such version: what answers for it is asked through a wrapper of `timeout`
    await writeFile(join(root, 'bin/timeout'), `#!/bin/sh\necho 'k3s version ${version} (0a1b)'\n`, { mode: 0o755 })
    return { pid: child.pid ?? 0, stop: () => void child.kill() }
  }

  it.each([
    ['older than', 0, true],
    ['as new as', 4_000_000_000, false],
  ])('is asked for its version, and whether it is %s the program', async (_what, startedAt, newer) => {
    const process = await started('v1.36.2+k3s1')
    await writeFile(join(root, 'bin/k3s'), '', { mode: 0o755 })
    const show = { MainPID: `${process.pid}`, ExecMainStartTimestamp: `@${startedAt}` }
    expect(await ask({ show })).toMatchObject({ version: 'v1.36.2+k3s1', programIsNewer: newer })
    process.stop()
  })

  it('of the program on the disk is not run once more', async () => {
    const process = await started('v1.36.2+k3s1')
    await symlink(join(root, 'bin/k3s-own'), join(root, 'bin/k3s'))
    const show = { MainPID: `${process.pid}`, ExecMainStartTimestamp: '@4000000000' }
    expect(await ask({ show })).toEqual({ isProgram: true, programIsNewer: false, configured: {} })
    process.stop()
  })

  it('of another program is not run', async () => {
    await writeFile(join(root, 'bin/timeout'), '#!/bin/sh\necho k3s version v9\n', { mode: 0o755 })
    const show = { MainPID: `${process.pid}`, ExecMainStartTimestamp: '@4000000000' }
    expect(await ask({ show })).toEqual({ programIsNewer: false, configured: {} })
  })
})

it('reads words as k3s has noted them', () => {
  const words = [
    'server',
    '--cluster-cidr',
    '10.42.0.0/16',
    '--secrets-encryption',
    '--node-name=ocean',
    '--token',
    '********',
  ]
  expect(settingsOfWords(words)).toEqual({
    'cluster-cidr': ['10.42.0.0/16'],
    'secrets-encryption': ['true'],
    'node-name': ['ocean'],
  })
})

it('reads a Node', () => {
  const node = {
    kind: 'Node',
    metadata: { annotations: { 'k3s.io/node-args': '["server","--cluster-domain","own.local"]' } },
    spec: { podCIDRs: ['10.42.0.0/24'] },
    status: {
      nodeInfo: { kubeletVersion: 'v1.36.3+k3s1' },
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'Hostname', address: 'ocean' },
      ],
    },
  }
  expect(nodeStatus(JSON.stringify(node))).toEqual({
    kubeletVersion: 'v1.36.3+k3s1',
    podCIDRs: ['10.42.0.0/24'],
    addresses: ['10.0.0.1'],
    startedWith: { 'cluster-domain': ['own.local'] },
  })
  expect(nodeStatus(JSON.stringify({ kind: 'Node', metadata: {}, spec: {} }))).toMatchObject({
    kubeletVersion: '',
    podCIDRs: [],
  })
  expect(nodeStatus('')).toBeUndefined()
  expect(nodeStatus('{"kind":"Status"}')).toBeUndefined()
})
