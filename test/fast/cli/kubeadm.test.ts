import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readPins } from '../../../src/artifacts/pins.ts'
import { caCertHash } from '../../../src/model/kubeadm/ca-cert-hash.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { kubernetesReleases } from '../../support/samples/kubernetes-releases.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

const home = mkdtempSync(join(tmpdir(), 'keel-kubeadm-'))
afterAll(() => rmSync(home, { recursive: true }))
const venus = join(home, 'venus')
const key = () => newKey('ssh-ed25519').recipient
const host = (name: string, role: string, last: number) =>
  `name=${name},role=${role},os=debian,address=root@192.0.2.${last},nodeIP=192.0.2.${last},hostKey=${key()}`

beforeAll(async () => {
  const hosts = [host('ocean', 'server', 1), host('reef', 'server', 2), host('maia', 'agent', 3)]
  const words = ['init', 'venus', '--yes', '--distribution', 'kubeadm', '--admin', `ada=${key()}`]
  const made = await keel(home, [...words, ...hosts.flatMap((one) => ['--host', one])])
  expect({ ...made, out: '', err: '' }).toEqual({ exit: 0, out: '', err: '' })
  expect(made.out).toContain('Created and encrypted its CAs and the service-account key.')
  expect(made.err).toContain("without `vip`, 'ocean' is the endpoint of the cluster for good")
})

test('keel init makes an inventory of kubeadm with its CAs in it', async () => {
  expect(readFileSync(join(venus, 'hosts/cluster.ts'), 'utf8')).toMatch(
    /distribution: 'kubeadm',\n\s+version: 'v1\.36\.3'/,
  )
  expect(readdirSync(join(venus, 'secrets')).filter((name) => name.endsWith('.crt'))).toHaveLength(3)
  expect((await keel(venus, ['rekey', '--check'])).exit).toBe(0)
  expect((await keel(venus, ['version'])).out).toMatch(/^kubernetes v1\.36\.3$/m)
})

test.each([
  [['plan'], 'keel.lock.json: no kubernetes v1.36.3 for amd64'],
  [['deploy', '--yes'], 'keel.lock.json: no kubernetes v1.36.3 for amd64'],
  [['render', '--out', 'out'], 'keel.lock.json: no kubernetes v1.36.3 for amd64'],
  [['pin'], '`keel pin` pins k3s'],
])('keel %j says how the image is pinned, and changes nothing', async (argv, found) => {
  const before = readdirSync(venus, { recursive: true }).toSorted()
  const { exit, err } = await keel(venus, argv)
  expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining(found) })
  expect(err).toContain('keel sysext build kubernetes v1.36.3')
  expect(readdirSync(venus, { recursive: true }).toSorted()).toEqual(before)
})

test('keel pin pins Node as an image for the keel-agent, and no k3s', async () => {
  const file = join(venus, 'hosts/cluster.ts')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace("distribution: 'kubeadm',", "distribution: 'kubeadm', keelAgent: true,"))
  writeFileSync(join(home, 'node'), elfProgram('node, by its looks'))
  const node = `amd64=${join(home, 'node')}`
  expect((await keel(venus, ['pin', '--node', node, '--file', node])).err).toContain('`keel pin` pins k3s')
  const { exit, out } = await keel(venus, ['pin', '--node', node])
  expect({ exit, out }).toEqual({
    exit: 0,
    out: expect.stringMatching(/^keel-node \S+ amd64: .*\n {2}as a system extension: \S+\n$/),
  })
  expect(Object.keys((await readPins(venus)).artifacts)).toEqual(['keel-node'])
  writeFileSync(file, text)
})

test.each([
  [['--distribution', 'rke2'], /'rke2'/],
  [['--distribution', 'kubeadm', '--k3s-version', 'v1.36.3+k3s1'], /kubeadm together with --k3s-version/],
  [['--kubernetes-version', 'v1.36.3'], /k3s together with --kubernetes-version/],
])('keel init %j is refused', async (words, found) => {
  const { exit, err } = await keel(home, ['init', 'mars', '--yes', ...words])
  expect({ exit, err }).toEqual({ exit: 2, err: expect.stringMatching(found) })
})

test('keel render --out shows every file that a host gets, without a key or a token', async () => {
  const releases = join(home, 'releases')
  kubernetesReleases(releases)
  const build = ['sysext', 'build', 'kubernetes', 'v1.36.3', '--from', releases, '--out', home]
  const env = { XDG_CACHE_HOME: join(home, 'cache') }
  expect(await keel(venus, build, '', { env })).toMatchObject({ exit: 0, err: '' })
  const { exit, out } = await keel(venus, ['render', '--out', join(home, 'out')])
  const filesOf = (name: string) =>
    readdirSync(join(home, 'out', name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  const read = (name: string, path: string) => readFileSync(join(home, 'out', name, path), 'utf8')
  for (const name of ['ocean', 'reef', 'maia']) {
    expect({ exit, out }).toEqual({
      exit: 0,
      out: expect.stringContaining(`${name}: ${filesOf(name).length} files in `),
    })
    for (const file of filesOf(name))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(/PRIVATE KEY|token: [a-z0-9]/)
  }

  // the network of Pods is applied by servers
  const network = 'etc/keel/manifests/keel-flannel.yaml'
  expect(read('ocean', network)).toContain('kind: DaemonSet')
  expect(read('reef', network)).toBe(read('ocean', network))
  expect(filesOf('maia').filter((file) => file.includes('manifests'))).toEqual([])
  expect(read('maia', 'etc/systemd/system/keel-kubeadm.service')).toContain('join.sh agent')

  const documents = (name: string) =>
    parseAllDocuments(read(name, 'etc/keel/kubeadm/kubeadm.yaml')).map((document) => document.toJS())
  expect(documents('ocean').map(({ kind }) => kind)).toEqual([
    'InitConfiguration',
    'ClusterConfiguration',
    'KubeletConfiguration',
  ])
  const pinned = {
    apiServerEndpoint: '192.0.2.1:6443',
    caCertHashes: [caCertHash(readFileSync(join(venus, 'secrets/kubernetes-ca.crt'), 'utf8'))],
  }
  expect(documents('reef')).toMatchObject([{ discovery: { bootstrapToken: pinned }, controlPlane: {} }])
  expect(documents('maia')).toMatchObject([{ discovery: { bootstrapToken: pinned } }])
  expect(documents('maia')[0]).not.toHaveProperty('controlPlane')
})
