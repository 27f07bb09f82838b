import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { edit } from '../../support/edit.ts'
import type { Keel, Run } from '../../support/keel/keel.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import type { LabHost } from '../../support/lab/lab-host.ts'
import { touchedDuring } from '../../support/lab/touched.ts'
import { wireCounts } from '../../support/lab/wire-log.ts'

const password = "correct horse 'battery"
let cluster: LabCluster
let server: LabHost
let agent: LabHost
let spare: LabHost
let variants = 0

/** keel in a copy of the inventory. */
async function variant(change: (directory: string, keel: Keel) => Promise<unknown>): Promise<Keel> {
  const directory = join(cluster.home, `variant-${variants++}`)
  await cp(cluster.inventory, directory, { recursive: true })
  const keel = cluster.keel.with({ cwd: directory })
  await change(directory, keel)
  return keel
}
const hostFile = (directory: string, name: string) => join(directory, 'hosts', name, 'host.ts')

/** Runs deploy and expects this end, and that no byte on any host's disk is another. */
async function refused(
  keel: Keel,
  exitCode: number,
  args: readonly string[] = [],
  options: { data?: boolean } = {},
): Promise<Run> {
  const runs: Run[] = []
  const touched = await touchedDuring(
    [server, agent, spare],
    async () => runs.push(await keel.expect(exitCode, 'deploy', ...args)),
    options,
  )
  expect(touched).toEqual([])
  const [run] = runs
  if (run === undefined) throw new Error('no run')
  console.log(run.stderr.trim())
  return run
}

/** The spare host as one of the inventory. */
const withSpare = (role: 'server' | 'agent') => async (directory: string) => {
  const { address, hostKey, nodeIP } = spare.described
  const text = (await readFile(hostFile(directory, 'agent-1'), 'utf8'))
    .replace(/address: .*/, `address: '${address}',`)
    .replace(/hostKey: .*/, `hostKey: '${hostKey}',`)
    .replace(/nodeIP: .*/, `nodeIP: '${nodeIP}',`)
    .replace("'agent'", `'${role}'`)
  await cp(join(directory, 'hosts/agent-1'), join(directory, 'hosts/spare-1'), { recursive: true })
  await writeFile(hostFile(directory, 'spare-1'), text)
}

/** An admin's account on a host that becomes root through sudo. */
async function addUser(host: LabHost, user: string, rule: string): Promise<void> {
  const script = `useradd --create-home --shell /bin/bash ${user}
cp -r /root/.ssh /home/${user}/; chown -R ${user} /home/${user}/.ssh
echo '${user} ${rule}' > /etc/sudoers.d/${user}
{ printf '%s:' ${user}; cat; } | chpasswd`
  await host.sh(script, password)
}

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-no', spare: 1 })
  ;[server, agent, spare] = [cluster.host('server-1'), cluster.host('agent-1'), cluster.host('spare-1')]
})
afterAll(() => cluster?.down())

describe('before anything has been deployed', () => {
  test('a host that shows another SSH key: exit 6, and it never sees a login', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(cluster.home, 'another')])
    const another = readFileSync(join(cluster.home, 'another.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
    const keel = await variant((directory) => edit(hostFile(directory, 'agent-1'), agent.hostKey, another))
    const wire = await wireCounts([agent], async () => {
      const { stderr } = await refused(keel, 6)
      expect(stderr).toMatch(
        /agent-1: root@\S+: the host shows ssh-ed25519 SHA256:\S+; the inventory pins ssh-ed25519 SHA256:/,
      )
      expect(stderr).toContain('nothing was sent to it')
    })
    expect(wire).toEqual({ 'agent-1': { logins: 0, execs: 0 } })
  })

  test('no host at the address, or no sshd: exit 6', async () => {
    const { address } = agent.described
    const refusing = await variant((directory) => edit(hostFile(directory, 'agent-1'), address, `${address}:2`))
    expect((await refused(refusing, 6)).stderr).toContain('port 2 refuses connections')
    const nobody = await variant((directory) =>
      edit(hostFile(directory, 'agent-1'), address, address.replace(/\d+$/, '253')),
    )
    expect((await refused(nobody, 6)).stderr).toContain('no connection')
  })

  test('a host that has no key in the inventory yet: exit 2, and which command enrols it', async () => {
    const keel = await variant((directory) =>
      edit(hostFile(directory, 'agent-1'), `  hostKey: '${agent.hostKey}',\n`, ''),
    )
    expect((await refused(keel, 2)).stderr).toContain('keel add-node agent-1')
  })

  test('a machine of another architecture', async () => {
    const { path } = cluster.lab.k3s
    const keel = await variant(async (directory, pinning) => {
      await edit(hostFile(directory, 'agent-1'), "arch: 'amd64'", "arch: 'arm64'")
      const arm64 = join(directory, 'k3s-arm64')
      const bytes = await readFile(path)
      bytes.writeUInt16LE(183, 18) // e_machine: the same program, for the other machine
      await writeFile(arm64, bytes)
      await pinning.expect(0, 'pin', '--file', `amd64=${path}`, '--file', `arm64=${arm64}`)
    })
    expect((await refused(keel, 1)).stderr).toMatch(/agent-1: a x86_64 machine\n.*arch: 'arm64'/)
  })

  test('k3s data under another CA, on whichever host', async () => {
    const folder = '/var/lib/rancher/k3s/agent'
    await agent.sh(
      `mkdir -p ${folder}; openssl req -x509 -newkey ed25519 -nodes -subj /CN=other -keyout /dev/null -out ${folder}/server-ca.crt 2>&1`,
    )
    expect((await refused(cluster.keel, 1)).stderr).toContain('agent-1: k3s data under another CA')
    await agent.sh(`rm -r ${folder}`)
  })

  test("a server's data on what the inventory calls an agent", async () => {
    await agent.sh('mkdir -p /var/lib/rancher/k3s/server/db')
    expect((await refused(cluster.keel, 1)).stderr).toContain("agent-1: a server's k3s data")
    await agent.sh('rm -r /var/lib/rancher/k3s')
  })

  test('an empty first server founds no second cluster: not where another server has data, nor where that can not be asked', async () => {
    const keel = await variant(withSpare('server'))
    const founds = async () => (await keel.expect(0, 'plan', '--json', 'server-1')).stdout.includes('place-ca')
    expect(await founds()).toBe(true)
    await spare.sh('mkdir -p /var/lib/rancher/k3s/server/db')
    expect(await founds()).toBe(false)
    await spare.sh('rm -r /var/lib/rancher/k3s; systemctl stop ssh.socket ssh 2>&1')
    try {
      const { stderr } = await refused(keel, 1, ['server-1'])
      expect(stderr).toMatch(
        /server-1: this host has no k3s data, and spare-1 did not answer whether it has data: .*port 22 refuses connections/,
      )
    } finally {
      await spare.sh('systemctl start ssh')
    }
  })

  test('an identity that logs in and decrypts nothing', async () => {
    const key = readFileSync(join(cluster.home, 'another.pub'), 'utf8')
    for (const host of [server, agent]) await host.sh('cat >> /root/.ssh/authorized_keys', key)
    const { stderr } = await refused(cluster.keel, 1, ['--identity', join(cluster.home, 'another')])
    expect(stderr).toContain('none of your private keys can decrypt this file')
  })

  test('a host that somebody else is deploying: exit 5, and the others are not switched', async () => {
    await server.sh(
      'mkdir -p /var/lib/keel; systemd-run --quiet --unit=holder flock --no-fork /var/lib/keel/lock sleep infinity',
    )
    const deploy = async () => {
      const { stderr } = await cluster.keel.expect(5, 'deploy')
      console.log(stderr)
      expect(stderr).toContain('server-1: another keel is working on this host')
      expect(stderr).toContain('agent-1: not switched (server-1 failed)')
    }
    // what is ready on the agent is in use by nothing
    const run = await touchedDuring([agent, spare], deploy, { staging: false })
    expect(run).toEqual([])
    await server.sh('systemctl stop holder; rm -r /var/lib/keel')
  })

  test('a host that changes between the plan and the first byte', async () => {
    // while keel waits for the artifact, the plan is made and nothing is sent yet
    const { path } = cluster.lab.k3s
    const asked = Promise.withResolvers<ServerResponse>()
    await using releases = createServer((_request, response) => asked.resolve(response)).listen(0, '127.0.0.1')
    await once(releases, 'listening')
    const { port } = releases.address() as AddressInfo
    const keel = await variant((directory) =>
      edit(join(directory, 'keel.lock.json'), `file://${path}`, `http://127.0.0.1:${port}/k3s`),
    )
    const { ended } = keel.start(['deploy', 'server-1'])
    const response = await asked.promise
    await server.sh('mkdir -p /etc/rancher/k3s; echo by hand > /etc/rancher/k3s/config.yaml')
    createReadStream(path).pipe(response)
    const { exitCode, stderr } = await ended
    console.log(stderr)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('server-1: the host has changed since keel probed it')
    expect(await server.sh('cat /etc/rancher/k3s/config.yaml; ls /etc/rancher/k3s /usr/local/bin')).not.toContain(
      'k3s\n',
    )
    await server.sh('rm -r /etc/rancher')
  })
})

describe('a login that is not root', () => {
  test('sudo without a password, and with one from a file', async () => {
    await addUser(server, 'free', 'ALL=(ALL) NOPASSWD: ALL')
    await addUser(agent, 'asked', 'ALL=(ALL) ALL')
    await edit(hostFile(cluster.inventory, 'server-1'), 'root@', 'free@')
    await edit(hostFile(cluster.inventory, 'agent-1'), 'root@', 'asked@')
    const { stderr } = await refused(cluster.keel, 1)
    expect(stderr).toContain('KEEL_SUDO_PASSWORD_FILE')
    const file = join(cluster.home, 'sudo-password')
    await writeFile(file, `${password}\n`, { mode: 0o600 })
    const keel = cluster.keel.with({ env: { KEEL_SUDO_PASSWORD_FILE: file } })
    await keel.expect(0, 'deploy')
    await keel.expect(0, 'plan', '--exit-code')
    expect((await cluster.kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(2)
    await edit(hostFile(cluster.inventory, 'agent-1'), 'asked@', 'root@')
  })
})

describe('once the cluster runs', () => {
  const token = async (name: string) => (await cluster.keel.expect(0, 'secret', 'show', name)).stdout

  test.each(['k3s-server-token', 'k3s-agent-token'])('another value of %s', async (name) => {
    const old = await token(name)
    const other = `${old.slice(0, old.lastIndexOf(':') + 1)}${'0123456789abcdef'.repeat(4)}`
    const keel = await variant((_directory, changing) => changing.set(name, other))
    const { stderr } = await refused(keel, 1, [], { data: false })
    expect(stderr).toContain(`another value of ${name} than k3s was started with`)
  })

  test.each([
    [
      'networks',
      "networks: { cluster: '10.52.0.0/16', service: '10.53.0.0/16', domain: 'other.local' },",
      ['cluster-cidr', 'service-cidr', 'cluster-dns', 'cluster-domain'],
    ],
    ['datastore', "datastore: 'sqlite',", ['datastore']],
  ])('what k3s has fixed at its first start: %s', async (_what, line, flags) => {
    const keel = await variant((directory) =>
      edit(join(directory, 'hosts/cluster.ts'), "  firstServer: 'server-1',", `  firstServer: 'server-1',\n  ${line}`),
    )
    const { stderr } = await refused(keel, 1, [], { data: false })
    for (const flag of flags)
      expect(stderr).toMatch(new RegExp(`server-1: ${flag}: the cluster runs with \\S+, the inventory wants`))
  })

  test('encryption of Secrets that ends; k3s does not run at that moment, and its files say what it runs with', async () => {
    const keel = await variant((directory) =>
      edit(join(directory, 'hosts/cluster.ts'), "    'secrets-encryption': true,\n", ''),
    )
    const found = 'server-1: secrets-encryption: the cluster runs with true, the inventory wants false'
    expect((await refused(keel, 1, [], { data: false })).stderr).toContain(found)
    await server.sh('systemctl stop k3s')
    expect((await refused(keel, 1, [], { data: false })).stderr).toContain(found)
    await cluster.keel.expect(0, 'deploy')
  })

  test('a host that is off: plan shows the others, deploy goes on without it if told so, and both end with 6', async () => {
    const { address } = agent.described
    const keel = await variant((directory) => edit(hostFile(directory, 'agent-1'), address, `${address}:2`))
    const { stdout, stderr } = await keel.expect(6, 'plan')
    expect(stdout).toContain('No changes: 1 host matches the inventory, 1 not reached.')
    expect(stderr).toContain('port 2 refuses connections')
    const json = JSON.parse((await keel.expect(6, 'plan', '--json')).stdout)
    expect(json).toMatchObject({ hosts: [{ host: 'server-1' }], unreachable: [{ at: 'agent-1', code: 'ssh-refused' }] })
    expect((await refused(keel, 6, [], { data: false })).stderr).toContain('nothing was changed')
    const skipping = await keel.expect(6, 'deploy', '--skip-unreachable')
    expect(skipping.stderr).toMatch(
      /server-1: nothing changed\n[\s\S]*agent-1: left behind, because keel could not reach it/,
    )
  })

  test('a host that the inventory has no more is noted, as long as its Node is there', async () => {
    const keel = await variant((directory) => rm(join(directory, 'hosts/agent-1'), { recursive: true }))
    await keel.expect(0, 'rekey')
    const { stdout } = await keel.expect(0, 'plan')
    expect(stdout).toContain('note: server-1: the cluster has Node agent-1, but the inventory has no host of that name')
  })

  test('a join that is pinned to another CA: never Ready, and what its journal says is shown without secrets', async () => {
    const keel = await variant(async (directory, rekeying) => {
      await withSpare('agent')(directory)
      await rm(join(directory, 'secrets'), { recursive: true })
      await rekeying.expect(0, 'rekey')
    })
    // a service that prints its own token, once a second for as long as it runs: it is among the last lines whenever
    // keel looks
    await spare.sh(`mkdir -p /etc/systemd/system/k3s-agent.service.d
printf '[Service]\\nExecStart=\\nExecStart=/bin/sh -c "while sleep 1; do cat $$CREDENTIALS_DIRECTORY/k3s-agent-token; echo; done & exec /usr/local/bin/k3s agent"\\n' > /etc/systemd/system/k3s-agent.service.d/chatty.conf`)
    const mine = (await keel.expect(0, 'secret', 'show', 'k3s-agent-token')).stdout
    for (const attempt of ['first', 'again']) {
      // nothing to send this time: keel never reads the token that the journal shows
      if (attempt === 'again') await spare.sh('systemctl restart --no-block k3s-agent')
      const { stderr } = await keel.expect(1, 'deploy', 'spare-1', '--patience', '15')
      console.log(`${attempt}:\n${stderr}`)
      expect(stderr).toContain('spare-1: k3s-agent.service was not active within 15 s')
      expect(stderr).toMatch(/from its journal:\n +\S.*token CA hash does not match the Cluster CA certificate hash/)
      expect(stderr).toContain('the server has another CA than the one in this inventory')
      expect(stderr).toContain('[secret]')
      expect(stderr).not.toContain(mine.slice(mine.lastIndexOf(':') + 1))
      expect(await spare.sh('journalctl --unit=k3s-agent --output=cat')).toContain(mine)
    }
    expect(await cluster.kubectl('get', 'nodes', '--no-headers')).not.toContain('spare-1')
  })
})
