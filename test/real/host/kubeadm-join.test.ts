import { existsSync, mkdirSync } from 'node:fs'
import { execa } from 'execa'
import { beforeEach, describe, expect, it } from 'vitest'
import { kubeadmCas } from '../../../src/model/kubeadm/pki.ts'
import { makeKubeadmCa } from '../../../src/secrets/pki/kubeadm-ca.ts'
import {
  at,
  called,
  cas,
  file,
  initDocument,
  joinAs,
  joinDocument,
  kubeadm,
  newRoot,
  read,
  token,
} from '../../support/kubeadm/kubeadm-script.ts'

beforeEach(newRoot)

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
