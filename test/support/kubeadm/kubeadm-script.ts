import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { kubeadmCas } from '../../../src/model/kubeadm/pki.ts'
import { makeKubeadmCa, makeServiceAccountKey } from '../../../src/secrets/pki/kubeadm-ca.ts'
import joinScript from '../../../src/templates/kubeadm/join.sh'
import upgradeScript from '../../../src/templates/kubeadm/upgrade.sh'

/**
 * The script of keel-kubeadm.service, with a folder in the place of the host's root. kubeadm, kubectl, systemctl and ip
 * are stand-ins here, which note how they are called; the lab has the real ones.
 */
export let root = ''
export const at = (path: string) => join(root, path)
export const file = (path: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text, { mode })
}
export const read = (path: string) => readFileSync(at(path), 'utf8')
export const token = 'abcdef.0123456789abcdef'
export const cas = kubeadmCas.map((ca) => ({ ca, ...makeKubeadmCa(ca, Date.now()) }))

export const initDocument = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n'
export const joinDocument = `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: 10.0.0.1:6443
`

/** For a beforeEach: a host that is in no cluster. @returns what removes it */
export function newRoot(): () => void {
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
  return () => rmSync(root, { recursive: true })
}

export function program(name: string, work: string): void {
  file(`bin/${name}`, `#!/usr/bin/env bash\necho "${name} $*" >> ${root}/called\n${work}\n`, 0o755)
}

const inRoot = (script: string) => script.replaceAll(/(?<![\w.-])\/(etc|var|run|sys)\//g, `${root}/$1/`)
export const joinAs = (...words: string[]) =>
  execa('bash', ['-s', '--', ...words], {
    input: inRoot(joinScript),
    env: { PATH: `${at('bin')}:${process.env.PATH}`, CREDENTIALS_DIRECTORY: at('credentials') },
    reject: false,
  })
export const called = () =>
  (existsSync(at('called')) ? read('called').trim().split('\n') : [])
    .map((line) => line.replaceAll(`${root}/`, '/'))
    .filter((line) => !line.startsWith('kubeadm version'))
export const kubeadm = () => called().filter((line) => line.startsWith('kubeadm'))
