import { expect, test } from 'vitest'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

const unit = 'keel-approver.service'

/** The keel-approvers of two servers that have just been deployed, and what nodes ask of them. */
export function approverStories(get: () => LabCluster, servers: readonly string[], hosts: readonly string[]): void {
  const journal = (host: string, of: string) => get().host(host).sh(`journalctl --unit=${of} --output=cat`)
  /** Who holds the Lease. */
  const active = () =>
    get().kubectl('get', 'lease', '-n', 'keel-system', 'keel-approver', '-o', 'jsonpath={.spec.holderIdentity}')
  const condition = (name: string) =>
    get().kubectl('get', 'csr', name, '-o', 'jsonpath={range .status.conditions[*]}{.type} {.reason}{end}')
  const decided = async (name: string) =>
    until(`${name} is decided`, async () => ((await condition(name)) === '' ? undefined : condition(name)))
  const other = (server: string) => servers.find((one) => one !== server) ?? ''

  test('each agent gets its operational certificate, and nobody has approved it by hand', async () => {
    for (const host of hosts) {
      await until(`${host} is initialized`, async () =>
        (await journal(host, 'keel-agent')).includes('✓ K8s operational certificates initialized'),
      )
      const subject = await get().host(host).sh('openssl x509 -in /var/lib/keel/crypto/operational.pem -noout -subject')
      expect(subject).toContain(`CN = system:node:${host}`)
    }
    const all = await get().kubectl(
      'get',
      'csr',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[0].type} {.status.conditions[0].reason}{"\\n"}{end}',
    )
    const ours = all.split('\n').filter((line) => line.startsWith('keel-agent-'))
    expect(ours.length).toBeGreaterThanOrEqual(3)
    for (const line of ours) expect(line).toMatch(/ Approved AllowedByInventory$/)
    await get().keel.expect(0, 'plan', '--exit-code')
  })

  test('the reason is an Event as well, which kubectl shows', async () => {
    const name =
      (await get().kubectl('get', 'csr', '-o', 'name')).split('\n').find((one) => one.includes('keel-agent-agent-1')) ??
      ''
    const described = await get().kubectl(
      'describe',
      name.replace('certificatesigningrequest.certificates.k8s.io/', 'csr/'),
    )
    expect(described).toMatch(/Normal +AllowedByInventory .* keel-approver: the inventory allows it to agent-1/)
    console.log(
      (await get().kubectl('get', 'events', '--field-selector', 'reason=AllowedByInventory'))
        .split('\n')
        .slice(0, 2)
        .join('\n'),
    )
  })

  test('attack 6: what a node requests besides its own certificate is denied, or refused by Kubernetes', async () => {
    const said = await get()
      .host('agent-1')
      .sh(`umask 077; mkdir -p /root/attacks; cd /root/attacks
ask() { # NAME SUBJECT NAMES SIGNER USAGE SECONDS
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj "$2" -addext "subjectAltName=$3" -out csr 2>/dev/null
  printf '%s %s\\n' "$1" "$(printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"%s"},"spec":{"request":"%s","signerName":"kubernetes.io/%s","usages":["digital signature","%s"],"expirationSeconds":%s}}' \
    "$1" "$(base64 -w0 csr)" "$4" "$5" "$6" | k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig create -f - 2>&1 | tail -n 1)"
}
own=/O=system:nodes/CN=system:node:agent-1
ask year $own DNS:agent-1 kubelet-serving 'server auth' 31536000
ask names $own DNS:agent-1,DNS:server-1 kubelet-serving 'server auth' 3600
ask wildcard $own 'DNS:*.agent-1' kubelet-serving 'server auth' 3600
ask anybody /CN=anybody DNS:agent-1 kube-apiserver-client 'client auth' 3600
ask scheduler /CN=system:kube-scheduler DNS:agent-1 kube-apiserver-client 'client auth' 3600
ask another /O=system:nodes/CN=system:node:server-1 DNS:server-1 kube-apiserver-client 'client auth' 3600
ask another-serving /O=system:nodes/CN=system:node:server-1 DNS:server-1 kubelet-serving 'server auth' 3600
ask masters /O=system:masters/CN=root DNS:agent-1 kube-apiserver-client 'client auth' 3600`)
    const refused = said.split('\n').filter((line) => !line.endsWith(' created'))
    expect(refused.map((line) => line.split(' ')[0])).toEqual(['another-serving', 'masters'])
    const reasons: Record<string, string> = {}
    for (const name of ['year', 'names', 'wildcard', 'anybody', 'scheduler', 'another'])
      reasons[name] = await decided(name)
    expect(reasons).toEqual({
      year: 'Denied LifetimeNotAllowed',
      names: 'Denied NamesNotAllowed',
      wildcard: 'Denied RequestMalformed',
      anybody: 'Denied SignerNotAllowed',
      scheduler: 'Denied SignerNotAllowed',
      another: 'Denied SignerNotAllowed',
    })
  })

  test('attack 6: a token’s request in the name of a node is denied; that of a person is left alone', async () => {
    await get()
      .host('server-1')
      .sh(`umask 077; mkdir -p /root/attacks; cd /root/attacks
ask() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj "$2" -addext subjectAltName=DNS:agent-1 -out csr 2>/dev/null
  printf '{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"%s"},"spec":{"request":"%s","signerName":"kubernetes.io/%s","usages":["digital signature","%s auth"],"expirationSeconds":3600}}' \
    "$1" "$(base64 -w0 csr)" "$3" "$4" > request.json
  shift 4; k3s kubectl "$@" create -f request.json
}
token=$(k3s kubectl -n keel-system create token keel-agent)
as="--kubeconfig /dev/null --server https://127.0.0.1:6443 --certificate-authority /var/lib/rancher/k3s/server/tls/server-ca.crt --token $token"
ask token /O=system:nodes/CN=system:node:agent-1 kubelet-serving server $as
ask token-client /CN=anybody kube-apiserver-client client $as
ask person /CN=ada kube-apiserver-client client`)
    expect(await decided('token')).toBe('Denied RequesterNotAllowed')
    expect(await decided('token-client')).toBe('Denied RequesterNotAllowed')
    expect(await condition('person')).toBe('')
  })

  test('one is active; another takes over when it hangs, and it continues itself when it is killed', async () => {
    const measured: string[] = []
    const takes = async (what: string, who: (holder: string) => boolean, of: () => Promise<unknown>) => {
      const began = performance.now()
      await of()
      await until(what, async () => who(await active()), 60, 200)
      measured.push(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    }
    const first = await active()
    expect(servers).toContain(first)
    const second = other(first)
    expect(await journal(second, unit)).not.toContain('is the active approver\n')
    const lines = async (server: string, text: string) => (await journal(server, unit)).split(text).length - 1

    await takes(
      'hangs: the other is active',
      (holder) => holder === second,
      () => get().host(first).sh(`systemctl kill --signal=STOP ${unit}`),
    )
    const ended = await lines(first, 'is no longer the active approver')
    await get().host(first).sh(`systemctl kill --signal=CONT ${unit}`)
    await until('it knows that it is not active', async () => (await lines(first, 'is no longer the active')) > ended)
    expect(await active()).toBe(second)

    const before = await lines(second, 'is the active approver')
    const began = performance.now()
    await get().host(second).sh(`systemctl kill --signal=KILL ${unit}`)
    await until('it is active again', async () => (await lines(second, 'is the active approver')) > before)
    measured.push(`killed, and started again by systemd: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(await active()).toBe(second)

    await takes(
      'stopped: the other is active',
      (holder) => holder === first,
      () => get().host(second).sh(`systemctl stop ${unit}`),
    )
    await get().host(second).sh(`systemctl start ${unit}`)
    console.log(measured.join('\n'))
  })

  test('it has no capability, sees nothing of k3s, the agent or the machine, and its token is nowhere else', async () => {
    for (const server of servers) {
      const host = get().host(server)
      const { MainPID: pid } = await host.unit(unit)
      const status = await host.sh(
        `cat /proc/${pid}/status; tr '\\0' '\\n' < /proc/${pid}/environ; tr '\\0' ' ' < /proc/${pid}/cmdline`,
      )
      expect(status).toMatch(/^CapEff:\t0+$/m)
      expect(status).toMatch(/^CapBnd:\t0+$/m)
      expect(status).not.toMatch(/^Uid:\t0\t/m)
      const seen = (command: string) => host.sh(`nsenter --target ${pid} --mount -- bash -c '${command}'`)
      expect(await seen('find /run -type s')).toBe('')
      expect(await seen('ls /run')).toMatch(/^keel-approver(\nsystemd)?$/)
      expect((await seen('ls /run/keel-approver')).split('\n')).toEqual(['ca.crt', 'token'])
      for (const hidden of ['/etc/rancher', '/etc/ssh', '/var/lib/keel', '/var/lib/rancher', '/var/lib/kubelet'])
        expect(await seen(`ls ${hidden} 2>/dev/null | wc -l`), hidden).toBe('0')
      expect(await host.sh('stat -c "%a %U" /run/keel-approver')).toBe('700 root')
      const [, token = ''] = (await host.sh('cat /run/keel-approver/credential/token')).split('.')
      expect(token.length).toBeGreaterThan(100)
      const piece = token.slice(0, 60)
      expect(status).not.toContain(piece)
      expect(await host.sh('journalctl --output=cat')).not.toContain(piece)
      expect(await host.sh(`grep -rlF ${piece} /etc /var/lib/keel /var/log /tmp /root 2>/dev/null || true`)).toBe('')
      const costs = await host.sh(
        `awk '/^VmRSS/ { print $2 }' /proc/${pid}/status; systemd-analyze security --no-pager ${unit} keel-approver-token.service 2>/dev/null | grep -o 'exposure level.*' || true; systemctl show -p CPUUsageNSec --value ${unit}`,
      )
      console.log(`${server}: ${costs.split('\n').join('; ')}`)
    }
    expect(
      await get().kubectl('auth', 'can-i', '--list', '--as=system:serviceaccount:keel-system:keel-approver'),
    ).not.toContain('secrets')
  })

  test('with k3s stopped it waits, and goes on when k3s runs; a deploy changes nothing of it', async () => {
    const runs = () => Promise.all(servers.map((server) => get().host(server).unit(unit)))
    const before = await runs()
    const first = await active()
    const host = get().host(first)
    await host.sh(`systemctl stop ${host.k3sUnit}`)
    await until('it says so', async () => (await journal(first, unit)).includes('the API server does not answer'))
    await host.sh(`systemctl start --no-block ${host.k3sUnit}`)
    await until('the API answers', async () => (await active().catch(() => '')) !== '', 120)
    await until('one is active', async () => (await active()) !== '')
    await get().keel.expect(0, 'deploy')
    expect((await runs()).map(({ InvocationID }) => InvocationID)).toEqual(
      before.map(({ InvocationID }) => InvocationID),
    )
    // and an agent that asks anew gets its certificate
    await get().host('agent-1').sh('rm /var/lib/keel/crypto/operational.*; systemctl restart keel-agent')
    await until('it has a new one', () =>
      get()
        .host('agent-1')
        .sh('test -e /var/lib/keel/crypto/operational.pem')
        .then(
          () => true,
          () => false,
        ),
    )
  })
}
