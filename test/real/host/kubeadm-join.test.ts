import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kubeadmCas } from '../../../src/model/kubeadm/pki.ts'
import { makeKubeadmCa, makeServiceAccountKey } from '../../../src/secrets/pki/kubeadm-ca.ts'
import joinScript from '../../../src/templates/kubeadm/join.sh'
import upgradeScript from '../../../src/templates/kubeadm/upgrade.sh'

/**
 * The script of keel-kubeadm.service, with a folder in the place of the host's root. kubeadm, kubectl, systemctl and ip
 * are stand-ins here, which note how they are called; the lab has the real ones.
 */
let root = ''
const at = (path: string) => join(root, path)
const file = (path: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text, { mode })
}
const read = (path: string) => readFileSync(at(path), 'utf8')
const token = 'abcdef.0123456789abcdef'
const cas = kubeadmCas.map((ca) => ({ ca, ...makeKubeadmCa(ca, Date.now()) }))

const initDocument = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n'
const joinDocument = `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: 10.0.0.1:6443
`

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keel-join-'))
  // kubeadm leaves what its last step leaves, and notes the configuration that it was given
  program(
    'kubeadm',
    `case $1 in
  init|join)
    all=$*; config=\${all#*--config=}; cp "\${config%% *}" ${root}/given
    [ ! -e ${root}/fails ] || exit 1
    mkdir -p ${root}/etc/kubernetes; echo kubelet > ${root}/etc/kubernetes/kubelet.conf ;;
  upgrade) [ ! -e ${root}/fails ] || exit 1 ;;
  version) echo v1.36.4 ;;
esac`,
  )
  program(
    'kubectl',
    `case $* in *kubeadm-config*) printf 'apiServer: {}\nkubernetesVersion: %s\n' "$(cat ${root}/cluster-version)" ;; esac`,
  )
  for (const name of ['systemctl', 'ip']) program(name, '')
  mkdirSync(at('var/lib/kubelet'), { recursive: true })
  file('etc/keel/kubeadm/upgrade.sh', inRoot(upgradeScript))
  mkdirSync(at('sys/fs/cgroup'), { recursive: true })
  for (const { ca, certificate, key } of cas) {
    file(`etc/keel/kubeadm/pki/${ca.path.slice('/etc/kubernetes/pki/'.length).replace('/', '-')}.crt`, certificate)
    file(`credentials/${ca.key}`, key, 0o600)
  }
  file('credentials/service-account-key', makeServiceAccountKey(), 0o600)
})
afterEach(() => rmSync(root, { recursive: true }))

function program(name: string, work: string): void {
  file(`bin/${name}`, `#!/usr/bin/env bash\necho "${name} $*" >> ${root}/called\n${work}\n`, 0o755)
}

const inRoot = (script: string) => script.replaceAll(/(?<![\w.-])\/(etc|var|run|sys)\//g, `${root}/$1/`)
const joinAs = (...words: string[]) =>
  execa('bash', ['-s', '--', ...words], {
    input: inRoot(joinScript),
    env: { PATH: `${at('bin')}:${process.env.PATH}`, CREDENTIALS_DIRECTORY: at('credentials') },
    reject: false,
  })
const called = () =>
  (existsSync(at('called')) ? read('called').trim().split('\n') : [])
    .map((line) => line.replaceAll(`${root}/`, '/'))
    .filter((line) => !line.startsWith('kubeadm version'))
const kubeadm = () => called().filter((line) => line.startsWith('kubeadm'))

describe('a host with a permit', () => {
  it('founds its cluster under the CAs of the inventory', async () => {
    file('etc/keel/kubeadm/kubeadm.yaml', initDocument)
    file('run/keel/kubeadm/permit', 'found\n')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(kubeadm()).toEqual([
      expect.stringMatching(
        /^kubeadm init --config=\/etc\/keel\/kubeadm\/kubeadm.yaml --skip-token-print --skip-phases=show-join-command/,
      ),
    ])
    for (const { ca, certificate, key } of cas) {
      expect(read(`${ca.path}.crt`)).toBe(certificate)
      expect(read(`${ca.path}.key`)).toBe(key)
    }
    expect(read('/etc/kubernetes/pki/sa.pub')).toContain('BEGIN PUBLIC KEY')
    expect(called().join('\n')).toContain('delete secrets --ignore-not-found --field-selector=type=bootstrap')
    expect(existsSync(at('run/keel/kubeadm/permit'))).toBe(false)
    expect(read('var/lib/kubelet/keel-version')).toBe('v1.36.4\n')
  })

  it.each(['server', 'agent'])(
    'joins as %s with its token, which is in no command line and gone afterwards',
    async (role) => {
      file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
      file('run/keel/kubeadm/permit', `join ${token}\n`)
      expect(await joinAs(role)).toMatchObject({ exitCode: 0 })
      expect(read('given')).toBe(joinDocument.replace('bootstrapToken:\n', `bootstrapToken:\n    token: ${token}\n`))
      expect(called().join('\n')).not.toContain(token.slice(7))
      expect(existsSync(at('etc/kubernetes/pki/ca.key'))).toBe(role === 'server')
      expect((await execa('ls', ['-A', at('run/keel/kubeadm')])).stdout).toBe('')
    },
  )

  it('keeps the token from nobody who comes later, when kubeadm fails', async () => {
    file('fails', '')
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    file('run/keel/kubeadm/permit', `join ${token}\n`)
    expect(await joinAs('agent')).toMatchObject({ exitCode: 1 })
    expect((await execa('ls', ['-A', at('run/keel/kubeadm')])).stdout).toBe('')
  })

  it('that has data of another cluster is refused before kubeadm runs', async () => {
    file('etc/keel/kubeadm/kubeadm.yaml', initDocument)
    file('run/keel/kubeadm/permit', 'found\n')
    const [other] = kubeadmCas
    if (other !== undefined) file('etc/kubernetes/pki/ca.crt', makeKubeadmCa(other, Date.now()).certificate)
    const { exitCode, stderr } = await joinAs('server')
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('is of another cluster') })
    expect(kubeadm()).toEqual([])
  })
})

describe('without a permit', () => {
  it.each([
    ['founds no second cluster', initDocument],
    ['asks for keel to join', joinDocument],
  ])('a host %s', async (_what, document) => {
    file('etc/keel/kubeadm/kubeadm.yaml', document)
    file('var/lib/etcd/member/wal', 'data')
    const { exitCode, stderr } = await joinAs('server')
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('keel deploy') })
    expect(kubeadm()).toEqual([])
    expect(read('var/lib/etcd/member/wal')).toBe('data')
  })

  it.each([
    ['agent', []],
    ['server', ['var/lib/kubelet/keel-control-plane/.']],
  ])('a host that is in the cluster starts as %s, and nothing is done', async (role, folders) => {
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    file('etc/kubernetes/kubelet.conf', 'kubelet')
    file('etc/kubernetes/bootstrap-kubelet.conf', token)
    for (const folder of folders) mkdirSync(at(folder), { recursive: true })
    expect(await joinAs(role)).toMatchObject({ exitCode: 0 })
    expect(called()).toEqual([])
    // what an ended run has left
    expect(existsSync(at('etc/kubernetes/bootstrap-kubelet.conf'))).toBe(false)
  })
})

describe('after a run that was ended', () => {
  const founding = () => {
    file('etc/keel/kubeadm/kubeadm.yaml', initDocument)
    file('run/keel/kubeadm/permit', 'found\n')
  }

  it('the founder goes on with its data', async () => {
    founding()
    file('var/lib/etcd/member/wal', 'data')
    file('etc/kubernetes/admin.conf', 'users:\n- user:\n    client-key-data: Zm9v\n')
    file('etc/kubernetes/scheduler.conf', 'users:\n- us')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(kubeadm()[0]).toMatch(/--ignore-preflight-errors=.*DirAvailable--var-lib-etcd.*etcd.yaml$/)
    expect(read('var/lib/etcd/member/wal')).toBe('data')
    expect(existsSync(at('etc/kubernetes/admin.conf'))).toBe(true)
    expect(existsSync(at('etc/kubernetes/scheduler.conf'))).toBe(false)
  })

  it('a server is cleaned, and joins anew', async () => {
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    file('run/keel/kubeadm/permit', `join ${token}\n`)
    file('var/lib/etcd/member/wal', 'data')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(called().map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'systemctl mask --runtime',
      'systemctl stop kubelet.service',
      'kubeadm reset --force',
      'systemctl unmask --runtime',
      'kubeadm join --config=/run/keel/kubeadm/config.yaml',
      'systemctl try-restart --no-block',
    ])
    // kubeadm would refuse to join
    expect(existsSync(at('var/lib/etcd/member'))).toBe(false)
  })

  it('an agent goes on, with what kubeadm would refuse', async () => {
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    file('run/keel/kubeadm/permit', `join ${token}\n`)
    file('etc/kubernetes/pki/ca.crt', 'ca')
    expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
    expect(kubeadm()[0]).toContain('FileAvailable--etc-kubernetes-pki-ca.crt')
  })

  it('the address that nobody has yet is borrowed while the founder runs', async () => {
    founding()
    expect(await joinAs('server', '10.0.0.100')).toMatchObject({ exitCode: 0 })
    const words = called().map((line) => line.split(' ').slice(0, 3).join(' '))
    expect(words.slice(0, 2)).toEqual(['ip address replace', expect.stringContaining('kubeadm init')])
    expect(words.at(-1)).toBe('ip address del')
  })
})

describe('a node that keel upgrades', () => {
  const node = (role: 'server' | 'agent', clusterVersion = 'v1.36.3') => {
    file('etc/kubernetes/kubelet.conf', 'kubelet')
    file('var/lib/kubelet/keel-version', 'v1.36.3\n')
    file('cluster-version', clusterVersion)
    file('run/keel/kubeadm/permit', 'upgrade\n')
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    if (role === 'agent') return
    mkdirSync(at('var/lib/kubelet/keel-control-plane'))
    for (const name of manifests) file(`etc/kubernetes/manifests/${name}.yaml`, `current ${name}`)
  }
  const manifests = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const steps = () => called().filter((line) => /^(kubeadm|systemctl)/.test(line))
  const reached = () => read('var/lib/kubelet/keel-version').trim()

  it('as a worker: its kubelet restarts when kubeadm is done', async () => {
    node('agent')
    expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
    expect(steps()).toEqual([expect.stringMatching(/^kubeadm upgrade node/), 'systemctl restart kubelet.service'])
    expect(reached()).toBe('v1.36.4')
    expect(existsSync(at('run/keel/kubeadm/permit'))).toBe(false)
  })

  it.each([
    ['v1', 'tmpfs', 'KUBELET_KUBEADM_ARGS="--fail-cgroupv1=false --node-ip=10.0.0.3"\n'],
    ['v2', 'cgroup2fs', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.3"\n'],
  ])('with cgroup %s has a kubelet that takes it, also if it joined before kubelets asked', async (_, type, flags) => {
    node('agent')
    program('stat', `echo ${type}`)
    file('var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.3"\n', 0o600)
    for (const time of ['the first', 'the second']) {
      file('run/keel/kubeadm/permit', 'upgrade\n')
      expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
      expect(read('var/lib/kubelet/kubeadm-flags.env'), time).toBe(flags)
    }
    expect(steps().filter((line) => line.startsWith('systemctl'))).toHaveLength(2)
  })

  it.each(['', 'v1.36.3/;1e touch ROOT/made #', 'v1.36.3\nkubernetesVersion: v1.36.3', 'latest'])(
    'is not upgraded where the cluster names no version: %j',
    async (found) => {
      node('server', found.replace('ROOT', root))
      file('etc/keel/kubeadm/kubeadm.yaml', `${initDocument}kubernetesVersion: v1.36.4\n`)
      const { exitCode, stderr } = await joinAs('server')
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining('does not tell the version'),
      })
      expect(existsSync(at('made'))).toBe(false)
      expect(steps()).toEqual([])
    },
  )

  it.each<[string, string, boolean, RegExp]>([
    ['the first server upgrades the cluster', 'v1.36.3', false, /^kubeadm upgrade apply v1\.36\.4 --yes/],
    ['another server only itself', 'v1.36.4', false, /^kubeadm upgrade node/],
    ['the first one goes on where it was ended', 'v1.36.4', true, /^kubeadm upgrade apply v1\.36\.4 --yes/],
  ])('as a server: %s', async (_what, clusterVersion, hasBegun, command) => {
    node('server', clusterVersion)
    if (hasBegun) mkdirSync(at('var/lib/kubelet/keel-upgrade-apply'))
    file('etc/kubernetes/tmp/kubeadm-backup-etcd-2026-11-30-04-00-00/member', 'secrets')
    file('etc/kubernetes/tmp/kubeadm-kubelet-config-2026-11-30-04-00-00/config.yaml', 'kept')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps()).toEqual([expect.stringMatching(command), 'systemctl restart kubelet.service'])
    expect(reached()).toBe('v1.36.4')
    expect(existsSync(at('var/lib/kubelet/keel-upgrade-apply'))).toBe(false)
    // copies of etcd's data do not stay
    expect((await execa('ls', [at('etc/kubernetes/tmp')])).stdout).toBe('kubeadm-kubelet-config-2026-11-30-04-00-00')
  })

  it('the founder tells kubeadm first what the inventory says, and leaves the version to it', async () => {
    node('server')
    file(
      'etc/keel/kubeadm/kubeadm.yaml',
      `${initDocument}---\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4\n`,
    )
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps().map((line) => line.replace(/ --ignore.*/, ''))).toEqual([
      'kubeadm init phase upload-config kubeadm --config=/run/keel/kubeadm/config.yaml',
      'kubeadm upgrade apply v1.36.4 --yes',
      'systemctl restart kubelet.service',
    ])
    expect(read('given')).toContain('kubernetesVersion: v1.36.3\n')
  })

  it.each([0, 1])(
    'waits for the servers before kubeadm looks at them, and leaves a refusal to it: %i',
    async (code) => {
      node('server')
      program(
        'kubectl',
        `case $* in *kubeadm-config*) echo 'kubernetesVersion: v1.36.3' ;; wait*) exit ${code} ;; esac`,
      )
      expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
      const order = called().filter((line) => /^(kubectl wait|kubeadm upgrade)/.test(line))
      expect(order).toEqual([
        'kubectl wait --for=condition=Ready nodes --selector=node-role.kubernetes.io/control-plane --timeout=120s',
        expect.stringMatching(/^kubeadm upgrade apply/),
      ])
    },
  )

  it('that fails restarts no kubelet, and the next one begins there', async () => {
    node('server')
    file('fails', '')
    expect(await joinAs('server')).toMatchObject({ exitCode: 1 })
    expect(steps().join()).not.toContain('systemctl')
    expect(reached()).toBe('v1.36.3')
    // the API server of the cluster may be the new one by now
    file('cluster-version', 'v1.36.4')
    file('run/keel/kubeadm/permit', 'upgrade\n')
    rmSync(at('fails'))
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps().at(-2)).toContain('upgrade apply')
  })

  it('that was ended between two renames gets its manifest back', async () => {
    node('server')
    rmSync(at('etc/kubernetes/manifests/kube-apiserver.yaml'))
    const backup = (day: string) =>
      `etc/kubernetes/tmp/kubeadm-backup-manifests-2026-11-${day}-04-00-00/kube-apiserver.yaml`
    file(backup('29'), 'older')
    file(backup('30'), 'the last one')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(read('etc/kubernetes/manifests/kube-apiserver.yaml')).toBe('the last one')
    expect(read('etc/kubernetes/manifests/etcd.yaml')).toBe('current etcd')
  })

  it('without a permit stays as it is', async () => {
    node('agent')
    rmSync(at('run/keel/kubeadm/permit'))
    expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
    expect(called()).toEqual([])
    expect(reached()).toBe('v1.36.3')
  })
})
