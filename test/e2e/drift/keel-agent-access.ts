import { expect, test } from 'vitest'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

const client = 'kubernetes.io/kube-apiserver-client'
const serving = 'kubernetes.io/kubelet-serving'
const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet'

/** What there is of the kinds that keel keeps objects of. */
export async function apiNames({ kubectl }: LabCluster): Promise<ReadonlySet<string>> {
  const names = await kubectl('get', 'namespaces,serviceaccounts,clusterroles,clusterrolebindings', '-A', '-o', 'name')
  return new Set(names.split('\n'))
}

/** The keel-agent's rights in the API of a cluster that has been deployed with them: kept, and used. */
export function keelAgentAccess(get: () => LabCluster): void {
  test('came with the deploy', async () => {
    const names = await apiNames(get())
    for (const account of ['keel-agent', 'keel-approver'])
      for (const kind of [
        'serviceaccount',
        'clusterrole.rbac.authorization.k8s.io',
        'clusterrolebinding.rbac.authorization.k8s.io',
      ])
        expect(names).toContain(`${kind}/${account}`)
  })

  test('changed by hand, or gone, they are mended by the next deploy', async () => {
    const more = JSON.stringify([{ op: 'add', path: '/rules/0/verbs/-', value: 'delete' }])
    await get().kubectl('patch', 'clusterrole', 'keel-agent', '--type=json', `--patch=${more}`)
    await get().kubectl('delete', 'clusterrolebinding', 'keel-agent')
    await get().kubectl('create', 'clusterrolebinding', 'keel-agent', '--clusterrole=view', '--user=eve')
    const refused = await get().keel.expect(1, 'plan', 'server-1')
    expect(refused.stdout).toContain("ClusterRoleBinding keel-agent exists in the cluster's API, but not from keel")
    const handOver = /`k3s (kubectl label .*)`/.exec(refused.stdout)?.[1]
    await get().host('server-1').sh(`k3s ${handOver}`)
    await get().kubectl('delete', '--namespace=keel-system', 'serviceaccount', 'keel-approver')
    expect(
      (await get().keel.expect(3, 'plan', 'server-1', '--exit-code')).stdout,
    ).toContain(`the cluster's API, through server-1
  ~ apply ClusterRole keel-agent (it differs in rules)
  ~ apply ClusterRoleBinding keel-agent (created again, because it differs in roleRef, subjects)
  + apply ServiceAccount keel-system/keel-approver
`)
    await get().keel.expect(0, 'deploy', 'server-1')
    await get().keel.expect(0, 'plan', 'server-1', '--exit-code')
  })

  test('what follows is decided by hand: the approver is stopped', async () => {
    await get().host('server-1').sh('systemctl stop keel-approver')
  })

  test('a node asks for certificates, under no other node’s name where the signer makes nodes, and approves none', async () => {
    const said = await get()
      .host('agent-1')
      .sh(
        [
          asNode,
          requestKey('own', '/O=system:nodes/CN=system:node:agent-1', 'DNS:agent-1'),
          requestKey('other', '/O=system:nodes/CN=system:node:server-1', 'DNS:server-1'),
          requestKey('root', '/O=system:masters/CN=root'),
          requestKey('agent', '/CN=keel-agent:agent-1'),
          create('client', 'agent', client),
          create('serving', 'own', serving),
          create('other-client', 'other', client),
          create('other-serving', 'other', serving),
          create('other-kubelet', 'other', kubelet),
          create('masters', 'root', client),
          'say approval as_node certificate approve client',
        ].join('\n'),
      )
    const answers = new Map(
      said.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
    )
    expect(answers.get('client')).toMatch(/ created$/)
    expect(answers.get('serving')).toMatch(/ created$/)
    // refused while they are created, by the API server's NodeRestriction and CertificateSubjectRestriction
    const notOwn = 'is forbidden: can only create a node CSR with CN=system:node:agent-1'
    expect(answers.get('other-serving')).toContain(notOwn)
    expect(answers.get('other-kubelet')).toContain(notOwn)
    expect(answers.get('masters')).toContain('signer with system:masters group is not allowed')
    // nothing but the approver is before this one
    expect(answers.get('other-client')).toMatch(/ created$/)
    expect(answers.get('approval')).toContain(
      'User "system:node:agent-1" cannot update resource "certificatesigningrequests/approval"',
    )
  })

  test('the approver approves, for two signers, and asks for nothing; the requester the other way round', async () => {
    const said = await get()
      .host('server-1')
      .sh(
        [
          asAccounts,
          requestKey('agent', '/CN=keel-agent:agent-1'),
          requestKey('own', '/O=system:nodes/CN=system:node:agent-1', 'DNS:agent-1'),
          'say requester-approves keel-agent certificate approve client',
          'say requester-reads keel-agent get csr client -o name',
          create('asked', 'agent', client, 'keel-agent'),
          // nobody but a node is held to its own name
          create('asked-serving', 'own', serving, 'keel-agent'),
          create('approver-asks', 'agent', client, 'keel-approver'),
          // what k3s's admin asks for in the name of that node
          create('kubelet', 'own', kubelet, 'k3s kubectl'),
          'say approver-reads keel-approver get secrets -A',
          'say approver-kubelet keel-approver certificate approve kubelet',
          'say client keel-approver certificate approve client',
          'say serving keel-approver certificate approve serving',
          'say other-client keel-approver certificate approve other-client',
        ].join('\n'),
      )
    const answers = new Map(
      said.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
    )
    expect(answers.get('requester-approves')).toContain('cannot update resource "certificatesigningrequests/approval"')
    expect(answers.get('requester-reads')).toContain('certificatesigningrequest')
    expect(answers.get('asked')).toMatch(/ created$/)
    expect(answers.get('asked-serving')).toMatch(/ created$/)
    expect(answers.get('approver-asks')).toContain('cannot create resource "certificatesigningrequests"')
    expect(answers.get('approver-reads')).toContain('cannot list resource "secrets"')
    expect(answers.get('approver-kubelet')).toContain(
      `user not permitted to approve requests with signerName "${kubelet}"`,
    )
    expect(answers.get('client')).toMatch(/ approved$/)
    expect(answers.get('serving')).toMatch(/ approved$/)
    expect(answers.get('other-client')).toMatch(/ approved$/)
    // each by the CA that its readers trust
    for (const [name, ca] of [
      ['client', 'client-ca'],
      ['serving', 'server-ca'],
    ] as const) {
      const issued = () => get().kubectl('get', 'csr', name, '-o', 'jsonpath={.status.certificate}')
      await until(`${name} is issued`, async () => (await issued()) !== '')
      const verified = await get()
        .host('server-1')
        .sh(
          `base64 -d > /root/${name}.crt; openssl verify -CAfile /var/lib/rancher/k3s/server/tls/${ca}.crt /root/${name}.crt`,
          await issued(),
        )
      expect(verified).toContain('OK')
    }
    await get().host('server-1').sh('systemctl start keel-approver')
  })
}

/** Bash: `say WORD COMMAND…` prints one line, what the command said last. */
const say = `umask 077; mkdir -p /root/csr; cd /root/csr
say() { local word=$1; shift; printf '%s %s\\n' "$word" "$("$@" 2>&1 | tail -n 1)"; }`
const asNode = `${say}
as_node() { k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig "$@"; }`
/** Each by a token of its own, which the API makes for an hour. */
const asAccounts = `${say}
as_account() {
  local token; token=$(k3s kubectl --namespace keel-system create token "$1"); shift
  k3s kubectl --kubeconfig /dev/null --server https://127.0.0.1:6443 --certificate-authority /var/lib/rancher/k3s/server/tls/server-ca.crt --token "$token" "$@"
}
keel-agent() { as_account keel-agent "$@"; }
keel-approver() { as_account keel-approver "$@"; }`

function requestKey(name: string, subject: string, altName?: string): string {
  const extension = altName === undefined ? '' : `-addext subjectAltName=${altName}`
  return `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key -subj ${subject} ${extension} -out ${name}.csr 2>/dev/null`
}

/** Creates a request for what `requestKey` made. */
function create(name: string, of: string, signer: string, as = 'as_node'): string {
  const usages = ['digital signature', signer === serving ? 'server auth' : 'client auth']
  const spec = { request: 'REQUEST', signerName: signer, expirationSeconds: 3600, usages }
  const object = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec }
  return `sed "s|REQUEST|$(base64 -w0 ${of}.csr)|" <<<'${JSON.stringify(object)}' | say ${name} ${as} create --filename -`
}
