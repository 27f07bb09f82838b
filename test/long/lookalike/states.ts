import { agentToken, type Cluster, giveTokens, join6443, password, serverToken, tokenFiles } from './cluster.ts'
import { type Host, within } from './host.ts'

const dir = '/var/lib/rancher/k3s'
/** On the second server: what it knew before the cluster was restored to an earlier time. */
export const beforeRestore = '/root/server-before-restore'

/** A CA of ours where k3s looks for one, and what is in it. */
export async function placeCa(host: Host): Promise<string> {
  await host.ok(`install -d -m 0700 ${dir}/server ${dir}/server/tls && cd ${dir}/server/tls &&
    openssl ecparam -genkey -name prime256v1 -noout -out server-ca.key && chmod 0600 server-ca.key &&
    openssl req -x509 -new -key server-ca.key -days 3650 -subj /CN=placed -addext keyUsage=critical,keyCertSign,digitalSignature -out server-ca.crt`)
  return `${await host.ok(`cat ${dir}/server/tls/server-ca.crt`)}\n`
}

/** No k3s anywhere, and other passwords than before. */
export async function blank(c: Cluster): Promise<void> {
  await Promise.all([c.one, c.two, c.three, c.agent].map((host) => host.wipe()))
  c.serverPassword = password()
  c.agentPassword = password()
}

/** The first server alone, as keel founds a cluster. */
export async function founded(c: Cluster): Promise<void> {
  await blank(c)
  c.ca = await placeCa(c.one)
  await giveTokens(c.one, serverToken(c), agentToken(c))
  await c.one.config('server', { 'cluster-init': true, ...tokenFiles })
  await c.one.start()
}

/** What a server needs that joins through the first. */
export async function readyToJoin(c: Cluster, host: Host): Promise<void> {
  await giveTokens(host, serverToken(c), agentToken(c))
  await host.config('server', { server: join6443(c.one), ...tokenFiles })
}

/** Three servers. */
export async function three(c: Cluster): Promise<void> {
  await founded(c)
  for (const host of [c.two, c.three]) {
    await readyToJoin(c, host)
    await host.start()
  }
}

/** The agent's host has joined through the cluster's first server. */
export async function agentJoined(c: Cluster): Promise<void> {
  await c.agent.wipe()
  await giveTokens(c.agent, undefined, agentToken(c))
  await c.agent.config('agent', { server: join6443(c.one), 'token-file': tokenFiles['agent-token-file'] })
  await c.agent.start('agent')
  await within(20, async () => (await c.one.run('k3s kubectl get node agent-1')).out.includes(' Ready'))
}

/** The third host as it comes back from a reinstallation, with an agent token that the cluster does not have. */
export async function thirdRebuilt(c: Cluster): Promise<void> {
  await c.three.wipe()
  await c.three.ok('rm -rf /etc/rancher/node')
  await giveTokens(c.three, serverToken(c), agentToken({ ...c, agentPassword: 'of-its-own' }))
  await c.three.config('server', { server: join6443(c.one), ...tokenFiles })
}

/** A snapshot, with something that was there before it and something that came after. */
export async function snapshotKept({ one }: Cluster): Promise<void> {
  await one.ok('k3s kubectl create configmap before-snapshot')
  await one.ok('k3s etcd-snapshot save --name kept')
  await one.ok('k3s kubectl create configmap after-snapshot')
}

/** Of three servers two are stopped; what the second knows is kept. */
export async function withoutQuorum(c: Cluster): Promise<void> {
  await Promise.all([c.two, c.three].map((host) => host.ok('systemctl stop k3s')))
  await c.two.ok(`rm -rf ${beforeRestore} && cp -a ${dir}/server ${beforeRestore}`)
}

/** The first server's data of a cluster without quorum: nothing runs. */
export async function stopped(c: Cluster): Promise<void> {
  await three(c)
  await snapshotKept(c)
  await withoutQuorum(c)
  await c.one.ok('systemctl stop k3s')
}

/** Back to the snapshot, with the first server alone. */
export async function restored(c: Cluster): Promise<void> {
  await stopped(c)
  const snapshot = await c.one.ok(`ls ${dir}/server/db/snapshots/kept-*`)
  await c.one.ok(`timeout 60 k3s server --cluster-reset --cluster-reset-restore-path=${snapshot}`)
  await c.one.start()
  await c.two.wipe()
}

/** A cluster of the third host's own. */
export async function ownCluster(c: Cluster): Promise<Cluster> {
  await Promise.all([c.three, c.agent].map((host) => host.wipe()))
  const own = { ...c, one: c.three, serverPassword: 'K3S10::server:pw', agentPassword: password() }
  await giveTokens(own.one, own.serverPassword, own.agentPassword)
  await own.one.config('server', { 'cluster-init': true, ...tokenFiles, 'node-label': ['example.com/tier=first'] })
  await own.one.start()
  own.ca = `${await own.one.ok(`cat ${dir}/server/tls/server-ca.crt`)}\n`
  return own
}
