import { expect, test } from 'vitest'
import { kubeadmDialect } from '../../../src/deploy/causes/dialect.ts'
import { findCause } from '../../../src/deploy/causes/find-cause.ts'
import { inLabRoot } from '../../support/kubeadm/lab-root.ts'
import { upstreamsKubeadm } from '../../support/kubeadm/upstreams-kubeadm.ts'

/** What upstream's own kubeadm says on a machine that has almost nothing of what it needs. */
const said = async (script: string) => {
  const text = await inLabRoot(`exec 2>&1\n${script}\ntrue`, { '/usr/bin/kubeadm': await upstreamsKubeadm() })
  return text.split('\n').map((line) => ({ age: 0, text: line }))
}
const join = `cat >/run/join.yaml <<'EOF'
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    token: abcdef.0123456789abcdef
    apiServerEndpoint: 10.0.0.1:6443
    caCertHashes: ['sha256:${'5'.repeat(64)}']
EOF
kubeadm join --config /run/join.yaml`
const certs = `cat >/run/init.yaml <<'EOF'
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.0.0.1 }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.3
EOF
mkdir -p /etc/kubernetes/pki
kubeadm init phase certs ca --config /run/init.yaml >/dev/null`
const again = 'kubeadm init phase certs all --config /run/init.yaml'

test.each<[string, string, readonly RegExp[]]>([
  ['without containerd and without the extension', join, [/containerd does not answer/, /extension .* is not merged/]],
  [
    'with a certificate that is damaged',
    `${certs}; echo damaged >/etc/kubernetes/pki/ca.crt; ${again}`,
    [/pki is missing, damaged or not readable/],
  ],
  ['with a CA without its key', `${certs}; rm /etc/kubernetes/pki/ca.key; ${again}`, [/but not its key/]],
])(
  'kubeadm %s: keel knows what its lines mean',
  async (_what, script, why) => {
    const found = findCause(await said(script), true, kubeadmDialect)
    for (const one of why) expect(found?.why).toMatch(one)
  },
  1_800_000,
)
