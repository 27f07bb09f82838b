import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probeAgent } from '../support/lab/keel-agent-probe.ts'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { wantKeelAgent } from '../support/lab/want-keel-agent.ts'
import { until } from '../support/until.ts'
import { expectKeysInPlace } from './kubeadm/secrets.ts'

/** The keel-agent and the keel-approver on a cluster of kubeadm: a control plane and a worker. */
const hosts = ['server-1', 'agent-1'] as const
let cluster: KubeadmCluster
beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kagent', 1, 1)
  await wantKeelAgent(cluster)
})
afterAll(() => cluster?.down())

const journal = (host: string, unit: string) => cluster.host(host).sh(`journalctl --unit=${unit} --output=cat`)
/** Why a request was approved or denied: `Approved AllowedByInventory`. */
const decided = (name: string) =>
  until(`${name} is decided`, async () => {
    const path = 'jsonpath={range .status.conditions[*]}{.type} {.reason}{end}'
    return (await cluster.kubectl('get', 'csr', name, '-o', path)) || undefined
  })
const node = async (...words: readonly string[]) => {
  const { stdout } = await cluster.keel.expect(0, 'node', ...words)
  console.log(`keel node ${words.join(' ')}\n${stdout}`)
  return stdout
}

test('one deploy brings up the cluster with its agents, and a plan after it is empty', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes', '--patience', '300')
  console.log(`1 + 1 with the keel-agent in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(['agent-1 Ready', 'server-1 Ready'])
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('no host has the key of the agents’ CA, and no worker that of a CA of the cluster', () =>
  expectKeysInPlace(cluster, ['keel-agent-ca-key']))

describe('the agents', () => {
  test('get their operational certificates, and nobody has approved these by hand', async () => {
    for (const host of hosts)
      await until(`${host} is initialized`, async () =>
        (await journal(host, 'keel-agent')).includes('✓ K8s operational certificates initialized'),
      )
    expect(await node('certs')).toMatch(/^agent-1 .*operational/m)
  })

  test('answer keel on a control plane and on a worker', async () => {
    const status = await node('status')
    for (const host of hosts) expect(status).toMatch(new RegExp(`^${host} +Debian.*v1\\.36\\.3`, 'm'))
    const health = await node('health')
    expect(health).toMatch(/^server-1 .*etcd/m)
    const services = await node('services')
    for (const host of hosts) expect(services).toMatch(new RegExp(`^${host} +kubelet\\.service +active`, 'm'))
    expect(await node('logs', 'agent-1', '-n', '3')).not.toBe('')
  })

  test('reach nothing that belongs to others', async () => {
    for (const name of hosts) {
      const host = cluster.host(name)
      const own = ['/var/lib/kubelet/pki/kubelet-client-current.pem', '/etc/keel/kubeadm/pki/ca.crt']
      const others = [
        ...['/etc/kubernetes', '/etc/kubernetes/kubelet.conf', '/etc/kubernetes/pki/ca.crt'],
        ...['/var/lib/kubelet/pods', '/var/lib/kubelet/config.yaml', '/etc/credstore.encrypted', '/run/containerd'],
        ...(name === 'server-1'
          ? ['/etc/kubernetes/admin.conf', '/etc/kubernetes/pki/ca.key', '/var/lib/etcd', '/var/lib/etcd/member']
          : []),
      ]
      await host.sh(
        `for path in ${[...own, ...others].join(' ')}; do [ -e "$path" ] || { echo "no $path"; exit 1; }; done`,
      )
      expect(await probeAgent(host, ['reach', ...own, ...others])).toEqual(own)
      expect(await probeAgent(host, ['api'])).toBe('200')
      expect(await probeAgent(host, ['write', '/etc', '/var/lib/kubelet', '/var/lib/kubelet/pki'])).toEqual([])
    }
  })
})

describe('the approver', () => {
  test('gives each kubelet a certificate that the API server verifies', async () => {
    const verified = (name: string) => {
      const ip = cluster.host(name).described.nodeIP
      return cluster
        .host('server-1')
        .sh(
          `openssl s_client -connect ${ip}:10250 -CAfile /etc/kubernetes/pki/ca.crt -no-CApath -verify_ip ${ip} -verify_return_error -brief </dev/null 2>&1 | grep -m 1 '^Verification'`,
        )
        .catch(() => '')
    }
    for (const name of hosts)
      await until(`the kubelet of ${name} is verified`, async () => (await verified(name)) === 'Verification: OK')
    expect(await cluster.host('server-1').sh('cat /etc/kubernetes/manifests/kube-apiserver.yaml')).toContain(
      '--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt',
    )
    // of kube-proxy on each host, by that certificate
    const pods = await cluster.kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-proxy', '-o', 'name')
    expect(pods.split('\n')).toHaveLength(hosts.length)
    for (const pod of pods.split('\n'))
      expect(await cluster.kubectl('-n', 'kube-system', 'logs', pod, '--tail=1')).not.toBe('')
  })

  test('denies what a worker requests besides its own certificates', async () => {
    const said = await cluster.host('agent-1').sh(`umask 077; mkdir -p /root/attacks; cd /root/attacks
ask() { # NAME SUBJECT NAMES SIGNER USAGE
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj "$2" -addext "subjectAltName=$3" -out csr 2>/dev/null
  printf '%s %s\\n' "$1" "$(printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"%s"},"spec":{"request":"%s","signerName":"kubernetes.io/%s","usages":["digital signature","%s"]}}' \
    "$1" "$(base64 -w0 csr)" "$4" "$5" | kubectl --kubeconfig /etc/kubernetes/kubelet.conf create -f - 2>&1 | tail -n 1)"
}
own=/O=system:nodes/CN=system:node:agent-1
ask own $own DNS:agent-1 kubelet-serving 'server auth'
ask names $own DNS:agent-1,DNS:server-1 kubelet-serving 'server auth'
ask another /O=system:nodes/CN=system:node:server-1 DNS:server-1 kube-apiserver-client 'client auth'
ask another-serving /O=system:nodes/CN=system:node:server-1 DNS:server-1 kubelet-serving 'server auth'`)
    expect(said.split('\n').filter((line) => !line.endsWith(' created'))).toEqual([
      expect.stringMatching(/^another-serving .*can only create a node CSR with CN=system:node:agent-1/),
    ])
    expect([await decided('own'), await decided('names'), await decided('another')]).toEqual([
      'Approved AllowedByInventory',
      'Denied NamesNotAllowed',
      'Denied SignerNotAllowed',
    ])
  })
})

test('a worker that is reset by hand joins again, and its agent has its new credential', async () => {
  const host = cluster.host('agent-1')
  await host.sh(`systemctl mask --runtime --quiet kubelet
kubeadm reset --force >/dev/null 2>&1
systemctl unmask --runtime --quiet kubelet`)
  await cluster.keel.expect(0, 'deploy', 'agent-1', '--yes', '--patience', '300')
  await until('the agent reaches the API', async () =>
    /^agent-1 .*ok.*ok/m.test((await cluster.keel.run('node', 'health', 'agent-1')).stdout),
  )
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('after a reboot of both, the plan is empty and the agents answer', async () => {
  for (const name of hosts) await cluster.lab('reboot', name)
  await until('the plan is empty', async () => (await cluster.keel.run('plan', '--exit-code')).exitCode === 0, 240)
  await until('the agents are healthy', async () => (await cluster.keel.run('node', 'health')).exitCode === 0)
})
