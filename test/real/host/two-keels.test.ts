import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HostExit } from '../../../src/deploy/host/host-script.ts'
import { k3sPast } from '../../../src/desired/distribution/k3s/access.ts'
import { HostDeployments, type Wanted } from '../../support/hosts/host-deployments.ts'
import { type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'

/** Two runs of keel on one host, in every order in which their steps can come. */
let host: SandboxedHost
const { server, agent, serverCa, agentCa } = k3sPast
beforeAll(async () => {
  host = await startSandboxedHost()
})
afterAll(() => host?.stop())
beforeEach(async () => {
  await host.sh(
    'rm -rf /var/lib/keel/* /etc/x? /etc/credstore.encrypted /usr/local/lib/keel /var/lib/rancher /run/active',
  )
})

const plan = (wanted: Wanted) => HostDeployments.plan(host, wanted)
const file = (path: string, content: string): Wanted => ({ files: { [path]: { content } } })
const credential = () => host.sh('systemd-creds decrypt --name=password /etc/credstore.encrypted/keel.password -')
const waiting = async () =>
  (await host.sh('cd /var/lib/keel; ls staged 2>/dev/null || true')).split('\n').filter((name) => name !== '')
async function expectSuccess(
  ...steps: readonly (() => Promise<{ readonly exitCode: number; readonly stderr: string }>)[]
) {
  for (const step of steps) expect(await step()).toMatchObject({ exitCode: 0 })
}

describe('two keels on one host', () => {
  it('attack 3: what a refused keel has staged is not what the other one switches to', async () => {
    const [a, b] = [await plan({ secret: 'value of A' }), await plan({ secret: 'value of B' })]
    await expectSuccess(
      () => a.stage(),
      () => b.stage(),
      () => a.activate(),
    )
    expect(await credential()).toBe('value of A')
    expect((await plan({ secret: 'value of A' })).operations.filter(({ op }) => op === 'store-credential')).toEqual([])
    expect((await b.activate()).exitCode).toBe(HostExit.Changed)
    expect(await credential()).toBe('value of A')
    expect(await waiting()).toEqual([])
  })

  it('attack 4: a keel that staged earlier does not take back what another one has finished since', async () => {
    await expectSuccess(...(await deployed(file('/etc/x1', 'old'))))
    const a = await plan({ files: {} })
    await expectSuccess(() => a.stage())
    const newer: Wanted = { files: { '/etc/x1': { content: 'new' }, '/etc/x3': { content: 'three' } } }
    await expectSuccess(...(await deployed(newer)))
    const refused = await a.activate()
    expect(a.failure('activate', refused)).toMatchObject({ code: 'changed-meanwhile' })
    expect(await host.sh('cat /etc/x1 /etc/x3')).toBe('newthree')
    expect((await plan(file('/etc/x1', 'new'))).operations).toContainEqual({ op: 'remove-path', path: '/etc/x3' })
  })

  it.each([
    ['a file of its own was changed by hand', 'echo by hand > /etc/x1'],
    ['a deploy of another keel was cut off', ': > /var/lib/keel/restart-pending'],
    ['what it has staged was removed', 'rm -r /var/lib/keel/staged/*'],
  ])('attack 4: nothing is switched when, since it was staged, %s', async (_case, change) => {
    const a = await plan(file('/etc/x1', 'mine'))
    await expectSuccess(() => a.stage())
    await host.sh(change)
    expect((await a.activate()).exitCode).toBe(HostExit.Changed)
    expect(await host.sh('cat /etc/x1 2>/dev/null || true')).not.toBe('mine')
  })

  const ca = (path: string) => `install -D <(printf -- '-----BEGIN\\nca\\n-----END\\n') ${path}`
  it.each([
    [
      'while k3s starts on its data, what it adds to that is no change',
      'activating',
      `mkdir -p ${server}`,
      ca(agentCa),
      0,
    ],
    ['so is a kubelet that joins', 'activating', ca(agentCa), `install -D /dev/null ${agent}`, 0],
    ['while k3s starts on none, it is: a CA may have come with it', 'activating', ':', ca(agentCa), HostExit.Changed],
    ['while k3s runs it is', 'active', `mkdir -p ${server}`, ca(agentCa), HostExit.Changed],
    [
      'data that goes while k3s starts is a change',
      'activating',
      `mkdir -p ${server}`,
      `rm -r ${server}`,
      HostExit.Changed,
    ],
    ['so is a CA that comes', 'activating', `mkdir -p ${server}`, ca(serverCa), HostExit.Changed],
  ])('%s', async (_case, state, before, after, exitCode) => {
    await host.sh(`printf '${state}\\nactive\\n' > /run/active; ${before}`)
    const a = await plan(file('/etc/x1', 'mine'))
    await host.sh(after)
    expect((await a.stage()).exitCode).toBe(exitCode)
  })

  it('attack 4: the generation in use stays whole while the same one is staged again', async () => {
    await expectSuccess(...(await deployed({ ...file('/etc/x1', 'a'), secret: 'one' })))
    const again = await plan({ ...file('/etc/x1', 'a'), secret: 'two' })
    await expectSuccess(() => again.stage())
    expect(await host.sh('cat /var/lib/keel/current/manifest')).toContain('/etc/x1')
    await expectSuccess(() => again.activate())
    expect(await credential()).toBe('two')
    expect(await host.sh('cat /var/lib/keel/current/manifest')).toContain('/etc/x1')
  })

  it('attack 3: what a killed keel has left goes with the next deploy, and what is still waiting stays', async () => {
    const killed = await plan({ ...file('/etc/x1', 'killed'), program: 'a program that nobody wants' })
    const waits = await plan(file('/etc/x2', 'waits'))
    await expectSuccess(
      () => killed.stage(),
      () => waits.stage(),
    )
    const programs = async () => (await host.sh('ls /usr/local/lib/keel')).split('\n')
    expect(await programs()).toHaveLength(1)
    // its connection has ended: no process has that id and that time of its start
    await host.sh(
      `cat /proc/sys/kernel/random/boot_id > /tmp/keel-boot; printf '1 1 %s\\n' "$(< /tmp/keel-boot)" > /var/lib/keel/staged/${killed.id}/connection; rm /tmp/keel-boot`,
    )
    const next = await plan(file('/etc/x3', 'next'))
    await expectSuccess(() => next.stage())
    expect((await waiting()).toSorted()).toEqual([waits.id, next.id].toSorted())
    expect(await programs()).toEqual([''])
    await expectSuccess(() => next.activate())
    expect(await waiting()).toEqual([waits.id])
  })

  it('a program that a deploy still needs survives the one that brought it', async () => {
    const program = 'a program'
    const killed = await plan({ program })
    await expectSuccess(() => killed.stage())
    await host.sh(`printf '1 1 x\\n' > /var/lib/keel/staged/${killed.id}/connection`)
    await expectSuccess(...(await deployed({ program })))
    expect(await host.sh('cat /usr/local/lib/keel/tool-*')).toBe(program)
  })
})

async function deployed(wanted: Wanted) {
  const run = await plan(wanted)
  return [() => run.stage(), () => run.activate()]
}
