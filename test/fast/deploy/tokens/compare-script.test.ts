import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { compareScript } from '../../../../src/deploy/tokens/compare-script.ts'
import { clusterStateOf } from '../../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../../src/desired/host-state-of.ts'
import { renderNixos } from '../../../../src/targets/nixos/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'

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
const cluster = sampleCluster([server, agent])

describe('the token of a NixOS host is compared', () => {
  const differs = (wanted: string): boolean => {
    const tokens = renderNixos(
      hostStateOf(clusterStateOf(cluster), agent, sampleSurroundings),
      agent.nixos ?? expect.unreachable(),
    ).tokens
    const script = compareScript(cluster, tokens).replaceAll(/\/(run|var)\//g, `${root}/$1/`)
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
