import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import type { Host } from '../../../src/model/cluster.ts'
import { firewallState } from '../../../src/parts/firewall/firewall-state.ts'
import { firewallTable } from '../../../src/parts/firewall/firewall-table.ts'
import { loadedRecord } from '../../../src/parts/firewall/loaded-record.ts'
import { nftFile } from '../../../src/parts/firewall/nft-table.ts'
import { loadedSamples } from '../../support/samples/loaded-samples.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-nft-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a script in a network namespace of its own, with nft's tables of its own. */
const inNamespace = async (script: string): Promise<string> =>
  (await execa('unshare', ['--net', 'bash', '-euc', script])).stdout

function rulesFile(name: string, host: Host): string {
  const other = sampleHost({ name: 'other', nodeIPs: ['10.0.0.2', 'fd00::2'] })
  const firewall = clusterStateOf(sampleCluster([host, other])).partsOf(host).firewall
  if (firewall === undefined) throw new Error('no firewall')
  const path = join(folder, `${name}.nft`)
  writeFileSync(path, nftFile(firewallTable(firewall)))
  return path
}

const plain = sampleHost({
  name: 'ocean',
  role: 'server',
  nodeIPs: ['10.0.0.1', 'fd00::1'],
  firewall: { api: ['0.0.0.0/0', '::/0'] },
})

describe('nft takes what keel writes', () => {
  const hosts: Readonly<Record<string, Host>> = {
    plain,
    'an interface and networks': {
      ...plain,
      network: { interface: 'wg-a.100@x' },
      firewall: { api: ['10.0.0.0/8', '10.1.0.0/16', 'fd00::/8'] },
    },
    'flannel on WireGuard': { ...plain, k3s: { 'flannel-backend': 'wireguard-native', 'embedded-registry': true } },
    'one family, nobody outside': { ...plain, nodeIPs: ['10.0.0.1'], firewall: { api: [] } },
  }
  test.each(Object.entries(hosts))('%s', async (name, host) => {
    const rules = rulesFile(name.replaceAll(' ', '-'), host)
    await inNamespace(`nft --check -f '${rules}' && nft -f '${rules}'`)
  })
})

test('nft takes the rules of hosts whose inventory has odd values', async () => {
  const checks = loadedSamples('debian', 60).flatMap(({ cluster, host }, index) => {
    const firewall = clusterStateOf(cluster).partsOf(host).firewall
    if (firewall === undefined) return []
    const path = join(folder, `sample-${index}.nft`)
    writeFileSync(path, nftFile(firewallTable(firewall)))
    return [`nft --check -f '${path}'`]
  })
  expect(checks.length).toBeGreaterThan(30)
  await inNamespace(checks.join('\n'))
})

test('loaded again it replaces its table and touches no other', async () => {
  const rules = rulesFile('again', plain)
  const own = 'nft add table inet mine; nft add chain inet mine c; nft add rule inet mine c counter'
  const listed = await inNamespace(`${own}; nft -f ${rules}; nft -f ${rules}; nft list ruleset`)
  expect(listed.match(/^table .*/gm)).toEqual(['table inet mine {', 'table inet keel {'])
  expect(listed.match(/tcp dport 10250 drop/g)).toHaveLength(1)
})

test('one error, and all is as it was', async () => {
  const rules = rulesFile('before', plain)
  const broken = join(folder, 'broken.nft')
  writeFileSync(broken, nftFile(firewallTable({ sshPort: 22, guards: [] })).replace('accept', 'acept'))
  const same = await inNamespace(
    `nft -f ${rules}; nft list ruleset > ${folder}/a; ! nft -f ${broken} 2>/dev/null; nft list ruleset | diff ${folder}/a -`,
  )
  expect(same).toBe('')
})

describe('the probe', () => {
  const rules = rulesFile('probed', plain)
  const probed = async (change: string) =>
    firewallState.parse(
      await inNamespace(`${change}\nset +e\n${firewallState.script({ unit: 'keel-firewall.service', rules })}\ntrue`),
    )
  test.each([
    ['loaded', `nft -f ${rules}`],
    ['differs', `nft -f ${rules}; nft add rule inet keel input tcp dport 1 accept`],
    ['differs', `nft -f ${rules}; nft flush table inet keel`],
    ['none', `nft -f ${rules}; nft flush ruleset`],
    ['none', ':'],
  ] as const)('says %s after: %s', async (table, change) => {
    expect(await probed(change)).toMatchObject({ nft: true, table })
  })
  test('says which addresses the machine has', async () => {
    const { addresses } = await probed(
      'ip link set lo up; ip address add 192.0.2.7/24 dev lo; ip address add fd00::7/64 dev lo',
    )
    expect(addresses).toEqual(expect.arrayContaining(['192.0.2.7', 'fd00::7']))
  })
})

describe('a quick look', () => {
  const rules = rulesFile('quick', plain)
  /** Has a /run of its own. The second answer: whether the rules were loaded once more to compare them. */
  const quick = async (change: string) => {
    const script = `mount -t tmpfs none /run
load() { nft -f ${rules} && sh -c '${loadedRecord.making}' ${rules}; }
${change}
unshare() { : >/run/once-more; command unshare "$@"; }
set +e
${firewallState.script({ unit: 'keel-firewall.service', rules }, true)}
ls /run`
    const { stdout } = await execa('unshare', ['--net', '--mount', 'bash', '-euc', script], { reject: false })
    return [firewallState.parse(stdout).table, stdout.endsWith('once-more')]
  }
  test.each([
    ['the unit has loaded them', 'load', ['loaded', false]],
    ['no record', `nft -f ${rules}`, ['loaded', true]],
    ['a rule more', 'load; nft add rule inet keel input tcp dport 1 accept', ['differs', true]],
    ['no rule', 'load; nft flush table inet keel', ['differs', true]],
    ['no table', 'load; nft delete table inet keel', ['none', false]],
    ['other rules since', `load; sed -i s/10250/10251/ ${rules}`, ['differs', true]],
    ['a record that was cut off', 'load; : > /run/keel-firewall/listed', ['loaded', true]],
  ] as const)('%s', async (_, change, answer) => {
    expect(await quick(change)).toEqual(answer)
    rulesFile('quick', plain)
  })
})

test('the address that k3s will take is the first of the default route’s interface, IPv4 before IPv6', async () => {
  const probe = firewallState.script({ unit: 'none.service', rules: '/nonexistent' })
  const machine = `for pair in 'v0 v1' 'v2 v3'; do set -- $pair; ip link add "$1" type veth peer name "$2"; ip link set "$1" up; ip link set "$2" up; done
ip addr add 10.77.0.13/24 dev v0; ip addr add 192.168.50.2/24 dev v2; ip addr add 192.168.50.3/24 dev v2; ip addr add fd00::5/64 dev v2 nodad
ask() { (set +eu; ${probe}) 2>/dev/null | grep ^default= || echo none; }
ask
ip -6 route add default via fd00::1 dev v2; ask
ip route add default via 10.77.0.1 dev v0 metric 100; ask
ip route add default via 192.168.50.1 dev v2 metric 50; ask`
  expect((await inNamespace(machine)).split('\n')).toEqual([
    'none',
    'default=fd00::5',
    'default=10.77.0.13',
    'default=192.168.50.2',
  ])
})
