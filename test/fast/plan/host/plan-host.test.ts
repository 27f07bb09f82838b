import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownedPaths } from '../../../../src/deploy/files/stage-script.ts'
import type { Surroundings } from '../../../../src/desired/surroundings.ts'
import type { Sha256 } from '../../../../src/model/brands.ts'
import { AGENT_PROGRAM } from '../../../../src/model/keel-agent/agent-program.ts'
import type { AgentState } from '../../../../src/parts/keel-agent/agent-state.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { operationsOf } from '../../../../src/plan/operation.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import type { PathState } from '../../../../src/probes/host/path-states.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import type { FilesRendered } from '../../../../src/targets/rendered.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, filesOf, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

const server = sampleHost({
  name: 'ocean',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1'],
  firewall: { api: ['0.0.0.0/0'] },
  keelAgent: true,
  manifests: [{ name: 'a.yaml', content: 'a: 1\n' }],
})
const agent = sampleHost({
  name: 'maia',
  nodeIPs: ['10.0.0.2'],
  files: [{ path: '/etc/motd', content: 'hi\n', mode: '0644', owner: 'root', group: 'root' }],
})
const flatcar = sampleHost({ name: 'reef', os: 'flatcar', keelAgent: true })
const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
const cluster = sampleCluster([server, agent, flatcar], {
  vip: { address: '10.0.0.100', manager: 'keepalived' },
  keelAgent,
})

/** The hash of another program, and of its image. */
const another = { sha256: '9'.repeat(64) as Sha256, sysext: '8'.repeat(64) as Sha256 }

function wantedOf(host: typeof server): FilesRendered {
  return filesOf(renderedOf(cluster, host, sampleSurroundings))
}
const sources = sourcesOf({ 'k3s-server-token': 's1', 'k3s-agent-token': 'a1' })

function converged(wanted: FilesRendered): FilesFacts {
  const facts = emptyFacts(wanted.host, wanted.services)
  return applyOperations(wanted, facts, sources, planHost(wanted, facts, sources))
}

describe.each([server, agent, flatcar])('the plan of $name', (host) => {
  const wanted = wantedOf(host)

  it('is empty once it has been carried out', () => {
    expect(planHost(wanted, converged(wanted), sources)).toEqual([])
  })

  it('sees each file, link, artifact, credential and unit property that is changed by itself', () => {
    const facts = converged(wanted)
    const changes: readonly FilesFacts[] = [
      ...Object.keys(facts.paths).map((path) => ({
        ...facts,
        paths: { ...facts.paths, [path]: { kind: 'none' } as PathState },
      })),
      ...wanted.files.flatMap(({ path }) => broken(facts, path)),
      ...wanted.artifacts.flatMap(({ path }) => broken(facts, path)),
      ...wanted.credentials.flatMap(({ id }) =>
        [{ kind: 'none' as const }, { kind: 'damaged' as const }, { kind: 'intact' as const, source: 'older' }].map(
          (state) => ({
            ...facts,
            credentials: { ...facts.credentials, [id]: state },
          }),
        ),
      ),
      ...[
        { active: 'inactive' },
        { active: 'failed' },
        { enabled: 'disabled' },
        { enabled: 'masked' },
        { needsReload: true },
      ].map((change) => withServices(facts, change)),
      ...(wanted.parts.firewall === undefined ? [] : withFirewalls(facts)),
      ...(wanted.parts.keelAgent === undefined ? [] : withAgents(facts)),
      ...(wanted.parts.keelApprover === undefined ? [] : withApprovers(facts)),
      { ...facts, generation: { ...facts.generation, restartPending: true } },
      { ...facts, generation: { ...facts.generation, unconfirmed: true } },
      { ...facts, generation: { ...facts.generation, owned: ['/etc/no-longer-wanted'] } },
    ]
    const unseen = changes.filter((changed) => planHost(wanted, changed, sources).length === 0)
    expect(unseen).toEqual([])
    expect(changes.length).toBeGreaterThan(20)
  })

  it('mends any host in one go (property)', () => {
    const paths = [...wanted.files, ...wanted.links, ...wanted.artifacts, ...wanted.directories].map(({ path }) => path)
    fc.assert(
      fc.property(anyFacts(wanted, paths), (facts) => {
        const after = applyOperations(wanted, facts, sources, planHost(wanted, facts, sources))
        expect(planHost(wanted, after, sources)).toEqual([])
      }),
    )
  })
})

function withFirewalls(facts: FilesFacts): readonly FilesFacts[] {
  const { firewall } = facts.parts
  if (firewall === undefined) throw new Error('the firewall was not asked for')
  return [
    { ...firewall, table: 'none' as const },
    { ...firewall, table: 'differs' as const },
    { ...firewall, unit: { ...firewall.unit, enabled: 'disabled' } },
    { ...firewall, unit: { ...firewall.unit, needsReload: true } },
  ].map((changed) => ({ ...facts, parts: { ...facts.parts, firewall: changed } }))
}

function withApprovers(facts: FilesFacts): readonly FilesFacts[] {
  const { keelApprover: seen } = facts.parts
  if (seen === undefined) throw new Error('the keel-approver was not asked for')
  return [
    { ...seen, approver: { ...seen.approver, enabled: 'disabled' } },
    { ...seen, token: { ...seen.token, enabled: 'disabled' } },
    { ...seen, token: { ...seen.token, needsReload: true } },
    // there is something to run, and one of them does not
    { ...seen, program: true, token: { ...seen.token, active: 'inactive' } },
    { ...seen, program: true, approver: { ...seen.approver, active: 'failed' } },
  ].map((keelApprover) => ({ ...facts, parts: { ...facts.parts, keelApprover } }))
}

function withAgents(facts: FilesFacts): readonly FilesFacts[] {
  const { keelAgent: agent } = facts.parts
  if (agent === undefined) throw new Error('the keel-agent was not asked for')
  const changed = (change: Partial<AgentState>): FilesFacts => ({
    ...facts,
    parts: { ...facts.parts, keelAgent: { ...agent, ...change } },
  })
  const crypto = (mode: string): FilesFacts => ({
    ...facts,
    paths: { ...facts.paths, '/var/lib/keel/crypto': { kind: 'directory', mode } },
  })
  return [
    crypto('0755'),
    changed({ enabled: 'disabled' }),
    changed({ needsReload: true }),
    // there is something to run, and it does not
    changed({ active: 'inactive' }),
    changed({ active: 'failed' }),
  ]
}

describe('the plan of the keel-agent', () => {
  const helperUnits = ['act.socket', 'act@.service', 'look.socket', 'look@.service'].map((name) => `keel-agent-${name}`)
  const wanted = wantedOf(server)
  const facts = converged(wanted)
  const changed = (from: FilesFacts, path: string, change: object): FilesFacts => {
    const state = from.paths[path]
    if (state?.kind !== 'file') throw new Error(`${path} is no file`)
    return { ...from, paths: { ...from.paths, [path]: { ...state, ...change } } }
  }
  const restart = { op: 'run-unit', unit: 'keel-agent.service', by: 'restart' }
  /** A server has the approver besides, which is the same program. */
  const restartsOn = (host: typeof server) =>
    host === server ? [restart, { ...restart, unit: 'keel-approver.service' }] : [restart]

  it('pushes Node and the bundle, and starts it', () => {
    const operations = planHost(wanted, emptyFacts(wanted.host, wanted.services), sources)
    expect(operationsOf(operations, 'push-artifact').map(({ name }) => name)).toEqual([
      'k3s',
      'keel-node',
      'keel-agent',
    ])
    expect(operations).toContainEqual({ op: 'run-unit', unit: 'keel-agent.service', by: 'start' })
    expect(facts.parts.keelAgent).toMatchObject({ active: 'active', enabled: 'enabled' })
  })

  it('waits for a program of the host’s own, starts it once it is there, and pushes nothing', () => {
    const program = '/opt/agent'
    const own = { ...cluster, keelAgent: { ...keelAgent, program } }
    const waiting = filesOf(renderedOf(own, server, sampleSurroundings))
    const there = converged(waiting)
    expect(there.parts.keelAgent).toMatchObject({ active: 'inactive', enabled: 'enabled', program: false })
    expect(planHost(waiting, there, sources)).toEqual([])
    expect(waiting.artifacts.map(({ name }) => name)).toEqual(['k3s'])
    expect(waiting.files.map(({ path }) => path)).not.toContain(AGENT_PROGRAM)
    const { keelAgent: seen } = there.parts
    if (seen === undefined) expect.unreachable()
    const brought = { ...there, parts: { ...there.parts, keelAgent: { ...seen, program: true } } }
    expect(planHost(waiting, brought, sources)).toEqual([{ op: 'run-unit', unit: 'keel-agent.service', by: 'start' }])
    const path = '/etc/keel/agent.json'
    expect(planHost(waiting, changed(there, path, { sha256: '0'.repeat(64) }), sources)).toEqual([
      { op: 'write-file', path, why: 'content' },
    ])
  })

  it.each(['/etc/keel/agent.json', '/etc/keel/kubeconfig', AGENT_PROGRAM])(
    'restarts it, and nothing else, for another %s',
    (path) => {
      expect(planHost(wanted, changed(facts, path, { sha256: '0'.repeat(64) }), sources)).toEqual([
        { op: 'write-file', path, why: 'content' },
        ...(path === AGENT_PROGRAM ? restartsOn(server) : [restart]),
      ])
      expect(planHost(wanted, changed(facts, path, { mode: '0666' }), sources)).toEqual([
        { op: 'write-file', path, why: 'mode' },
      ])
    },
  )

  it.each([server, flatcar])(
    'of another keel, on $name: pushes the new bundle alone, and restarts it alone',
    (host) => {
      const after = wantedOf(host)
      const newer: Surroundings = {
        ...sampleSurroundings,
        agentProgramsFor: (one) =>
          sampleSurroundings
            .agentProgramsFor(one)
            .map((program) => (program.name === 'keel-agent' ? { ...program, ...another } : program)),
      }
      const operations = planHost(filesOf(renderedOf(cluster, host, newer)), converged(after), sources)
      expect(operationsOf(operations, 'push-artifact').map(({ name }) => name)).toEqual(['keel-agent'])
      expect(operations.filter(({ op }) => /unit|reader/.test(op))).toEqual(restartsOn(host))
      expect(operations.at(-1)).toEqual(restartsOn(host).at(-1))
    },
  )

  it.each([server, flatcar])('sees on $name that somebody changed a program in its place, and restarts it', (host) => {
    const after = wantedOf(host)
    for (const { name, path, version } of after.artifacts.filter(({ name }) => name !== 'k3s')) {
      const operations = planHost(after, changed(converged(after), path, { sha256: '0'.repeat(64) }), sources)
      expect(operations[0]).toEqual({ op: 'push-artifact', name, version, path, why: 'content' })
      expect(operations.filter(({ op }) => /unit|reader/.test(op))).toEqual(restartsOn(host))
    }
  })

  it('leaves nothing of it where the inventory no longer has it', () => {
    const without = renderedOf({ ...cluster, keelAgent }, { ...server, keelAgent: false }, sampleSurroundings)
    const owned = ownedPaths(wanted)
    expect(planHost(without, { ...facts, generation: { ...facts.generation, owned } }, sources)).toEqual([
      { op: 'remove-path', path: '/etc/keel/agent.json' },
      { op: 'remove-path', path: '/etc/keel/approver-token.sh' },
      { op: 'remove-path', path: '/etc/keel/approver.json' },
      { op: 'remove-path', path: '/etc/keel/keel-agent-root' },
      { op: 'remove-path', path: '/etc/keel/kubeconfig' },
      ...helperUnits.map((name) => ({ op: 'remove-path', path: `/etc/systemd/system/${name}` })),
      { op: 'remove-unit', unit: 'keel-agent.service', path: '/etc/systemd/system/keel-agent.service' },
      {
        op: 'remove-unit',
        unit: 'keel-approver-token.service',
        path: '/etc/systemd/system/keel-approver-token.service',
      },
      { op: 'remove-unit', unit: 'keel-approver.service', path: '/etc/systemd/system/keel-approver.service' },
      { op: 'remove-path', path: AGENT_PROGRAM },
      { op: 'remove-directory', path: '/var/lib/keel/crypto' },
      { op: 'reload-systemd' },
    ])
  })

  it('takes its extensions out of /usr on Flatcar, and restarts no k3s for that', () => {
    const before = wantedOf(flatcar)
    const without = renderedOf(cluster, { ...flatcar, keelAgent: false }, sampleSurroundings)
    const seen = converged(before)
    const owned = ownedPaths(before)
    expect(planHost(without, { ...seen, generation: { ...seen.generation, owned } }, sources)).toEqual([
      { op: 'remove-path', path: '/etc/extensions/keel-agent.raw' },
      { op: 'remove-path', path: '/etc/extensions/keel-node.raw' },
      { op: 'remove-path', path: '/etc/keel/agent.json' },
      { op: 'remove-path', path: '/etc/keel/keel-agent-root' },
      { op: 'remove-path', path: '/etc/keel/kubeconfig' },
      ...helperUnits.map((name) => ({ op: 'remove-path', path: `/etc/systemd/system/${name}` })),
      { op: 'remove-unit', unit: 'keel-agent.service', path: '/etc/systemd/system/keel-agent.service' },
      { op: 'remove-directory', path: '/var/lib/keel/crypto' },
      { op: 'unmerge-extensions', names: ['keel-agent', 'keel-node'] },
      { op: 'reload-systemd' },
    ])
  })
})

describe('the keel-approver of a server', () => {
  const wanted = wantedOf(server)
  const unit = { active: 'active', enabled: 'enabled', needsReload: false }
  const running: FilesFacts = {
    ...converged(wanted),
    parts: { ...converged(wanted).parts, keelApprover: { program: true, approver: unit, token: unit } },
  }

  it('is on no agent', () => {
    expect(wantedOf(flatcar).parts.keelApprover).toBeUndefined()
  })

  it.each([
    ['/etc/keel/approver.json', 'keel-approver.service'],
    ['/etc/keel/approver-token.sh', 'keel-approver-token.service'],
  ])('restarts for another %s, and nothing else does', (path, restarted) => {
    const state = running.paths[path]
    if (state?.kind !== 'file') throw new Error(`${path} is no file`)
    const changed = { ...running, paths: { ...running.paths, [path]: { ...state, sha256: '0'.repeat(64) } } }
    expect(planHost(wanted, changed, sources)).toEqual([
      { op: 'write-file', path, why: 'content' },
      { op: 'run-unit', unit: restarted, by: 'restart' },
    ])
  })
})

function broken(facts: FilesFacts, path: string): readonly FilesFacts[] {
  const state = facts.paths[path]
  if (state?.kind !== 'file') throw new Error(`${path} is no file`)
  return [{ sha256: '0'.repeat(64) }, { mode: '0666' }, { owner: 'nobody' }, { group: 'nogroup' }].map((change) => ({
    ...facts,
    paths: { ...facts.paths, [path]: { ...state, ...change } },
  }))
}

function anyFacts(wanted: FilesRendered, paths: readonly string[]): fc.Arbitrary<FilesFacts> {
  const state: fc.Arbitrary<PathState> = fc.oneof(
    fc.constant({ kind: 'none' } as const),
    fc.constant({ kind: 'link', target: '/elsewhere' } as const),
    fc.record({
      kind: fc.constant('file' as const),
      mode: fc.constantFrom('0600', '0644'),
      owner: fc.constantFrom('root', 'ada'),
      group: fc.constant('root'),
      sha256: fc.constantFrom('0'.repeat(64), 'a'.repeat(64)),
    }),
  )
  return fc
    .record({
      states: fc.array(state, { minLength: paths.length, maxLength: paths.length }),
      active: fc.constantFrom('active', 'activating', 'inactive', 'failed'),
      enabled: fc.constantFrom('enabled', 'disabled', ''),
      needsReload: fc.boolean(),
      restartPending: fc.boolean(),
      unconfirmed: fc.boolean(),
      owned: fc.subarray([
        '/etc/old',
        '/var/lib/old/',
        '/etc/systemd/system/k3s-old.service',
        ...wanted.files.map(({ path }) => path),
      ]),
      source: fc.constantFrom('s1', 'a1', 'older'),
      data: fc.boolean(),
      table: fc.constantFrom('loaded', 'differs', 'none'),
    })
    .map(({ states, active, enabled, needsReload, restartPending, unconfirmed, owned, source, data, table }) => ({
      ...withServices(emptyFacts(wanted.host, wanted.services), { active, enabled, needsReload }),
      paths: Object.fromEntries(paths.map((path, index) => [path, states[index] ?? { kind: 'none' }])),
      credentials: Object.fromEntries(wanted.credentials.map(({ id }) => [id, { kind: 'intact', source } as const])),
      parts: {
        ...emptyFacts(wanted.host, wanted.services).parts,
        firewall: { nft: true, table, unit: { active, enabled, needsReload }, addresses: [] },
      },
      generation: { owned, restartPending, unconfirmed },
      past: { server: data, agent: false },
    }))
}

describe('what a change does to k3s', () => {
  const wanted = wantedOf(server)
  const facts = converged(wanted)
  const lastOf = (changed: FilesFacts) => planHost(wanted, changed, sources).at(-1)

  it('restarts it for what it reads at its start', () => {
    expect(
      lastOf({ ...facts, paths: { ...facts.paths, '/etc/rancher/k3s/config.yaml': { kind: 'none' } } }),
    ).toMatchObject({
      op: 'restart-unit',
      when: 'always',
    })
  })
  it('leaves it alone for a manifest, which it watches itself', () => {
    expect(
      lastOf({ ...facts, paths: { ...facts.paths, '/var/lib/rancher/k3s/server/manifests/a.yaml': { kind: 'none' } } }),
    ).toMatchObject({ op: 'write-file' })
  })
  it('leaves it to the host whether a re-encrypted token is another one', () => {
    const rekeyed = planHost(wanted, facts, sourcesOf({ 'k3s-server-token': 's1', 'k3s-agent-token': 'a2' }))
    expect(rekeyed).toEqual([
      { op: 'store-credential', id: 'k3s-agent-token', why: 're-encrypted' },
      { op: 'restart-unit', unit: 'k3s.service', when: 'value-changed', why: 'k3s-agent-token is re-encrypted' },
    ])
  })
  it('carries on a restart that an interrupted deploy owes', () => {
    expect(lastOf({ ...facts, generation: { ...facts.generation, restartPending: true } })).toMatchObject({
      op: 'restart-unit',
      when: 'always',
    })
  })
  it('carries on where an earlier deploy did not see k3s healthy, however little there is left to do', () => {
    const unfinished = { ...facts, generation: { ...facts.generation, unconfirmed: true } }
    expect(planHost(wanted, unfinished, sources)).toEqual([{ op: 'finish-deploy', unit: 'k3s.service' }])
    // what is still starting is not told to start again
    expect(planHost(wanted, withServices(unfinished, { active: 'activating' }), sources)).toEqual([
      { op: 'finish-deploy', unit: 'k3s.service' },
    ])
  })
  it('leaves it alone for the firewall, which is loaded by itself', () => {
    const load = (changed: FilesFacts) => planHost(wanted, changed, sources)
    const [gone, differs] = withFirewalls(facts)
    expect(gone && load(gone)).toEqual([{ op: 'load-firewall', unit: 'keel-firewall.service', why: 'gone' }])
    expect(differs && load(differs)).toEqual([{ op: 'load-firewall', unit: 'keel-firewall.service', why: 'differs' }])
    expect(load({ ...facts, paths: { ...facts.paths, '/etc/keel/firewall.nft': { kind: 'none' } } })).toEqual([
      { op: 'write-file', path: '/etc/keel/firewall.nft', why: 'missing' },
      { op: 'load-firewall', unit: 'keel-firewall.service', why: 'changed' },
    ])
  })
  it('does not say of a new host that the rules of its firewall have changed', () => {
    expect(planHost(wanted, emptyFacts(wanted.host, wanted.services), sources)).toContainEqual({
      op: 'load-firewall',
      unit: 'keel-firewall.service',
      why: 'new',
    })
  })
  it('loads the firewall before it starts k3s', () => {
    const order = planHost(wanted, emptyFacts(wanted.host, wanted.services), sources).map(({ op }) => op)
    expect(order.indexOf('load-firewall')).toBeGreaterThan(order.lastIndexOf('reload-systemd'))
    expect(order.indexOf('load-firewall')).toBeLessThan(order.indexOf('start-unit'))
  })
  it('places the CA only where k3s has no data', () => {
    const operations = (server: boolean) =>
      planHost(wanted, { ...facts, past: { server, agent: false } }, sources).map(({ op }) => op)
    expect(operations(false)).toEqual(['place-ca'])
    expect(operations(true)).toEqual([])
  })
})

describe('one difference', () => {
  const told = (host: typeof server, change: (facts: FilesFacts) => Partial<FilesFacts>) => {
    const wanted = wantedOf(host)
    const facts = converged(wanted)
    return planHost(wanted, { ...facts, ...change(facts) }, sources).map((operation) => {
      const { op, ...rest } = operation
      return [op, ...Object.values(rest).flat()].join(' ')
    })
  }
  const at = (path: string, change: Partial<PathState> | { kind: 'none' }) => (facts: FilesFacts) => ({
    paths: { ...facts.paths, [path]: { ...facts.paths[path], ...change } as PathState },
  })
  const had = (path: string) => (facts: FilesFacts) => ({ generation: { ...facts.generation, owned: [path] } })
  const config = '/etc/rancher/k3s/config.yaml'
  const unit = '/etc/systemd/system/k3s-agent.service'
  const link = '/usr/local/bin/k3s'
  const program = `/usr/local/lib/keel/k3s-${'a'.repeat(16)}`
  const merged = wantedOf(flatcar).extensions[0]?.program.path ?? expect.unreachable()
  const image = '/opt/extensions/k3s/k3s-v1.36.3+k3s1-x86-64.raw'
  const other = { sha256: 'f'.repeat(64) }

  it.each<
    [
      what: string,
      host: typeof server,
      change: (facts: FilesFacts) => Partial<FilesFacts>,
      operations: readonly string[],
    ]
  >([
    ['another mode of a file', agent, at(config, { mode: '0666' }), [`write-file ${config} mode`]],
    ['another owner of a file', agent, at(config, { owner: 'ada' }), [`write-file ${config} owner`]],
    ['another group of a file', agent, at(config, { group: 'ada' }), [`write-file ${config} owner`]],
    [
      'another content',
      agent,
      at(config, other),
      [`write-file ${config} content`, `restart-unit k3s-agent.service always changed: ${config}`],
    ],
    [
      'a link in place of a file',
      agent,
      at(config, { kind: 'link', target: '/x' }),
      [`write-file ${config} kind`, `restart-unit k3s-agent.service always changed: ${config}`],
    ],
    [
      'no file',
      agent,
      at(config, { kind: 'none' }),
      [`write-file ${config} missing`, `restart-unit k3s-agent.service always changed: ${config}`],
    ],
    [
      'another content of a file that k3s does not read',
      agent,
      at('/etc/motd', other),
      ['write-file /etc/motd content'],
    ],
    [
      'another content of k3s’s unit',
      agent,
      at(unit, other),
      [`write-file ${unit} content`, 'reload-systemd', `restart-unit k3s-agent.service always changed: ${unit}`],
    ],
    [
      'another program',
      agent,
      at(program, other),
      [
        `push-artifact k3s v1.36.3+k3s1 ${program} content`,
        `restart-unit k3s-agent.service always changed: ${program}`,
      ],
    ],
    [
      'another mode of the program',
      agent,
      at(program, { mode: '0700' }),
      [`push-artifact k3s v1.36.3+k3s1 ${program} mode`],
    ],
    ['no program', agent, at(program, { kind: 'none' }), [`push-artifact k3s v1.36.3+k3s1 ${program} missing`]],
    [
      'no link to the program',
      agent,
      at(link, { kind: 'none' }),
      [`set-link ${link} ${program} missing`, `restart-unit k3s-agent.service always changed: ${link}`],
    ],
    [
      'a link to another one',
      agent,
      at(link, { target: '/x' }),
      [`set-link ${link} ${program} content`, `restart-unit k3s-agent.service always changed: ${link}`],
    ],
    [
      'a file in its place',
      agent,
      at(link, { kind: 'file', ...other }),
      [`set-link ${link} ${program} kind`, `restart-unit k3s-agent.service always changed: ${link}`],
    ],
    [
      'a damaged credential',
      agent,
      ({ credentials }) => ({ credentials: { ...credentials, 'k3s-agent-token': { kind: 'damaged' } } }),
      [
        'store-credential k3s-agent-token damaged',
        'restart-unit k3s-agent.service value-changed k3s-agent-token is damaged',
      ],
    ],
    [
      'a re-encrypted one',
      agent,
      ({ credentials }) => ({ credentials: { ...credentials, 'k3s-agent-token': { kind: 'intact', source: 'x' } } }),
      [
        'store-credential k3s-agent-token re-encrypted',
        'restart-unit k3s-agent.service value-changed k3s-agent-token is re-encrypted',
      ],
    ],
    ['a file of an earlier generation', agent, had('/etc/issue'), ['remove-path /etc/issue']],
    [
      'one that k3s reads',
      agent,
      had('/etc/rancher/k3s/config.yaml.d/x.yaml'),
      [
        'remove-path /etc/rancher/k3s/config.yaml.d/x.yaml',
        'restart-unit k3s-agent.service always changed: /etc/rancher/k3s/config.yaml.d/x.yaml',
      ],
    ],
    ['a folder of an earlier generation', agent, had('/etc/keel/old/'), ['remove-directory /etc/keel/old']],
    [
      'a unit of an earlier generation',
      agent,
      had('/etc/systemd/system/old.service'),
      ['remove-unit old.service /etc/systemd/system/old.service', 'reload-systemd'],
    ],
    [
      'a unit elsewhere',
      agent,
      had('/srv/etc/systemd/system/old.service'),
      ['remove-path /srv/etc/systemd/system/old.service'],
    ],
    [
      'a folder of a unit',
      agent,
      had('/etc/systemd/system/old.service.d'),
      ['remove-path /etc/systemd/system/old.service.d', 'reload-systemd'],
    ],
    [
      'an extension that is not merged',
      flatcar,
      at(merged, { kind: 'none' }),
      ['merge-extensions k3s', 'restart-unit k3s-agent.service always its program was merged again'],
    ],
    [
      'an extension of another program',
      flatcar,
      at(merged, other),
      ['merge-extensions k3s', 'restart-unit k3s-agent.service always its program was merged again'],
    ],
    [
      'another image',
      flatcar,
      at(image, other),
      [
        `push-artifact k3s v1.36.3+k3s1 ${image} content`,
        'merge-extensions k3s',
        `restart-unit k3s-agent.service always changed: ${image}`,
      ],
    ],
    [
      'no image',
      flatcar,
      at(image, { kind: 'none' }),
      [
        `push-artifact k3s v1.36.3+k3s1 ${image} missing`,
        'merge-extensions k3s',
        'restart-unit k3s-agent.service always its program was merged again',
      ],
    ],
    [
      'a link to another image',
      flatcar,
      at('/etc/extensions/k3s.raw', { target: '/x' }),
      [
        `set-link /etc/extensions/k3s.raw ${image} content`,
        'merge-extensions k3s',
        'restart-unit k3s-agent.service always changed: /etc/extensions/k3s.raw',
      ],
    ],
  ])('%s', (_what, host, change, operations) => expect(told(host, change)).toEqual(operations))
})
