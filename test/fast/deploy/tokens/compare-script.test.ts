import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { compareScript, tokensAtRisk } from '../../../../src/deploy/tokens/compare-script.ts'
import { clusterStateOf } from '../../../../src/desired/cluster-state.ts'
import { k3sPlaces } from '../../../../src/desired/distribution/k3s/access.ts'
import { hostStateOf } from '../../../../src/desired/host-state-of.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import { renderNixos } from '../../../../src/targets/nixos/render.ts'
import { renderHost } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, filesOf } from '../../../support/samples/sample-facts.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-compare-'))
afterAll(() => rmSync(root, { recursive: true }))
beforeEach(() => {
  rmSync(root, { recursive: true })
  for (const folder of ['run/keel-k3s', 'run/agenix', 'var/lib/rancher/k3s/server'])
    mkdirSync(join(root, folder), { recursive: true })
})

const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true })
const agent = sampleHost({
  name: 'maia',
  os: 'nixos',
  nixos: { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } },
})
const debian = sampleHost({ name: 'luna' })
const cluster = sampleCluster([server, agent, debian])
const rendered = (host: typeof server) =>
  renderHost(host, hostStateOf(clusterStateOf(cluster), host, sampleSurroundings))

describe('the token of a NixOS host is compared', () => {
  const differs = (wanted: string): boolean => {
    const tokens = renderNixos(
      hostStateOf(clusterStateOf(cluster), agent, sampleSurroundings),
      agent.nixos ?? expect.unreachable(),
    ).tokens
    const script = compareScript(cluster, k3sPlaces, tokens).replaceAll(/\/(run|var)\//g, `${root}/$1/`)
    const { stdout, status } = spawnSync('bash', ['-c', script], { input: `${btoa(wanted)}\n`, encoding: 'utf8' })
    expect(status).toBe(0)
    return stdout === 'differs k3s-agent-token\n'
  }

  it.each([
    ['with what k3s was started with, wherever agenix puts it', 'run/keel-k3s'],
    ['with what agenix has decrypted, where k3s does not run', 'run/agenix'],
    ['with what a server was founded with', 'var/lib/rancher/k3s/server'],
  ])('%s', (_, folder) => {
    const name = folder.endsWith('server') ? 'agent-token' : 'k3s-agent-token'
    writeFileSync(join(root, folder, name), 'K10abc::node:one\n')
    expect([differs('K10abc::node:one'), differs('K10abc::node:two')]).toEqual([false, true])
  })

  it('with none, where there is none', () => expect(differs('K10abc::node:one')).toBe(false))
})

describe('the tokens of a Debian host are compared', () => {
  const run = (lines: readonly string[], host = server, decrypt = 'exit 1') => {
    const program = join(root, 'systemd-creds')
    writeFileSync(program, `#!/bin/bash\n${decrypt}\n`)
    chmodSync(program, 0o755)
    const tokens = filesOf(rendered(host)).credentials.filter(({ id }) => id.endsWith('token'))
    expect(tokens.map(({ id }) => id)).toEqual(
      host.role === 'server' ? ['k3s-server-token', 'k3s-agent-token'] : ['k3s-agent-token'],
    )
    const script = compareScript(cluster, k3sPlaces, tokens).replaceAll('/var/lib/rancher', `${root}/var/lib/rancher`)
    const env = { PATH: `${root}:${process.env.PATH}` }
    const { stdout } = spawnSync('bash', ['-c', script], {
      input: lines.map((line) => `${btoa(line)}\n`).join(''),
      env,
    })
    return stdout.toString()
  }

  it('each with the file in which its server keeps it', () => {
    writeFileSync(join(root, 'var/lib/rancher/k3s/server/token'), 'K10abc::server:one\n')
    writeFileSync(join(root, 'var/lib/rancher/k3s/server/agent-token'), 'K10abc::node:two\n')
    expect(run(['K10abc::server:one', 'K10abc::node:two'])).toBe('')
    expect(run(['K10abc::server:two', 'K10abc::node:two'])).toBe('differs k3s-server-token\n')
    expect(run(['K10abc::server:one', 'K10abc::node:one'])).toBe('differs k3s-agent-token\n')
  })

  it('with the credential that an agent has, under its name', () => {
    const decrypt = '[ "$1 $2" = "decrypt --name=k3s-agent-token" ] && echo K10abc::node:one'
    expect([run(['K10abc::node:one'], debian, decrypt), run(['K10abc::node:two'], debian, decrypt)]).toEqual([
      '',
      'differs k3s-agent-token\n',
    ])
  })

  it('with none, where the credential cannot be read', () => expect(run(['K10abc::node:one'], debian)).toBe(''))
})

describe('tokens at risk are those that a host gets which has started with some', () => {
  const all = ['k3s-server-token', 'k3s-agent-token', 's3-key']
  const stored = all.map((id): Operation => ({ op: 'store-credential', id, why: 're-encrypted' }))
  const built: Operation = { op: 'switch-system', why: 'sources', secrets: all, diff: [] }
  const none = { server: false, agent: false }

  it.each<
    [string, { host: typeof server; past: typeof none; operations: readonly Operation[]; found: readonly string[] }]
  >([
    [
      'a server with a datastore: both tokens',
      { host: server, past: { ...none, server: true }, operations: stored, found: all.slice(0, 2) },
    ],
    [
      'an agent that has joined: its own',
      { host: debian, past: { ...none, agent: true }, operations: stored, found: [all[1] ?? ''] },
    ],
    [
      'an agent on NixOS that has joined',
      { host: agent, past: { ...none, agent: true }, operations: [built], found: [all[1] ?? ''] },
    ],
    [
      'only what it gets',
      { host: server, past: { ...none, server: true }, operations: stored.slice(1), found: [all[1] ?? ''] },
    ],
    [
      'none where nothing is stored',
      { host: server, past: { ...none, server: true }, operations: [{ op: 'place-ca' }], found: [] },
    ],
    [
      'none on a server that was an agent',
      { host: server, past: { ...none, agent: true }, operations: stored, found: [] },
    ],
    [
      'none on an agent that was a server',
      { host: debian, past: { ...none, server: true }, operations: stored, found: [] },
    ],
  ])('%s', (_, { host, past, operations, found }) => {
    const facts = { ...emptyFacts(rendered(host).host), past }
    const plan = { host: rendered(host).host, role: host.role, wave: 0, operations }
    expect(tokensAtRisk(cluster, host, plan, rendered(host), facts).map(({ id }) => id)).toEqual(found)
  })
})
