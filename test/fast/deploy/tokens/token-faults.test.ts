import { describe, expect, it } from 'vitest'
import { strayAgentTokens } from '../../../../src/deploy/tokens/agent-tokens.ts'
import { unpinnedTokens } from '../../../../src/deploy/tokens/pinned-tokens.ts'
import { rotationFaults } from '../../../../src/deploy/tokens/refuse-rotation.ts'
import type { Sha256 } from '../../../../src/model/brands.ts'
import type { Operation } from '../../../../src/plan/operation.ts'
import type { RunOptions, Transport } from '../../../../src/ssh/transport.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts } from '../../../support/samples/sample-facts.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const cluster = sampleCluster([ocean])
const rendered = renderedOf(cluster, ocean, sampleSurroundings)
const { signal } = new AbortController()
const values: Readonly<Record<string, string>> = {
  'k3s-server-token': 'K10abc::server:one\n',
  'k3s-agent-token': 'K10abc::node:two\n',
}
const read = async (name: string) => Buffer.from(values[name] ?? expect.unreachable())
const stores = (...ids: string[]): readonly Operation[] =>
  ids.map((id) => ({ op: 'store-credential', id, why: 're-encrypted' }))
const planOf = (operations: readonly Operation[]) => ({ host: ocean.name, role: ocean.role, wave: 0, operations })

/** A host that answers every script so, and what it was given. */
function answering(stdout: string, exitCode = 0) {
  const given: { script: string; input: string }[] = []
  const run = async (script: string, { input }: RunOptions = {}) => {
    given.push({ script, input: input instanceof Uint8Array ? Buffer.from(input).toString() : expect.unreachable() })
    return { exitCode, stdout, stderr: '' }
  }
  const target = { name: ocean.name, address: ocean.address, hostKey: ocean.hostKey ?? expect.unreachable() }
  const transport: Transport = { target, run, close: async () => undefined }
  return { given, transport }
}

describe('a token that k3s was not started with', () => {
  const faults = (transport: Transport, operations: readonly Operation[], server = true) => {
    const facts = { ...emptyFacts(ocean.name), past: { server, agent: server } }
    return rotationFaults(cluster, { host: ocean, facts, rendered, plan: planOf(operations), transport }, read, signal)
  }

  it('is refused by its name, and the host is given each token once', async () => {
    const { given, transport } = answering('differs k3s-agent-token\nsomething else\n')
    expect(await faults(transport, stores('k3s-server-token', 'k3s-agent-token'))).toMatchObject([
      { code: 'token-would-rotate', at: 'ocean', found: expect.stringContaining('k3s-agent-token') },
    ])
    expect(given.map(({ input }) => input.split('\n').map(atob))).toEqual([[...Object.values(values), '']])
    expect(given[0]?.script).not.toMatch(/K10|SzEw/)
  })

  it('is none where the host says nothing', async () => {
    expect(await faults(answering('').transport, stores('k3s-server-token'))).toEqual([])
  })

  it.each([
    ['nothing is stored', stores(), true],
    ['k3s has never started', stores('k3s-server-token'), false],
  ])('is not asked for where %s', async (_, operations, started) => {
    const { given, transport } = answering('differs k3s-server-token\n')
    expect(await faults(transport, operations, started)).toEqual([])
    expect(given).toEqual([])
  })

  it('is not passed over where the host could not compare', async () => {
    const found = faults(answering('', 1).transport, stores('k3s-server-token'))
    await expect(found).rejects.toMatchObject({ code: 'compare-failed', at: 'ocean' })
  })
})

describe('servers with another agent token than the inventory', () => {
  const strays = (...answers: ReturnType<typeof answering>[]) =>
    strayAgentTokens(
      cluster,
      answers.map(({ transport }, index) => ({ name: `server-${index}`, rendered, transport })),
      read,
      signal,
    )

  it('are refused, each by its name', async () => {
    const [same, other] = [answering(''), answering('differs k3s-agent-token\n')]
    expect(await strays(same, other)).toMatchObject([{ code: 'agent-token-differs', at: 'server-1' }])
    expect([same, other].map(({ given }) => given.map(({ input }) => atob(input)))).toEqual(
      Array(2).fill([values['k3s-agent-token']]),
    )
    expect(same.given[0]?.script).toContain('k3s-agent-token')
    expect(same.given[0]?.script).not.toContain('k3s-server-token')
  })

  it('are not passed over where one could not compare', async () => {
    await expect(strays(answering('', 1))).rejects.toMatchObject({ code: 'compare-failed', at: 'server-0' })
  })
})

describe('a token that names another CA, or none', () => {
  const [ours, theirs] = ['a'.repeat(64) as Sha256, 'b'.repeat(64)]
  const unpinned = async (server: string, operations: readonly Operation[]) => {
    const asked: string[] = []
    const readOne = async (name: string) => {
      asked.push(name)
      return Buffer.from(name === 'k3s-server-token' ? server : `K10${ours}::node:x`)
    }
    const faults = await unpinnedTokens(cluster, [planOf([]), planOf(operations)], ours, readOne)
    return { faults: faults.map(({ code, at, found }) => ({ code, at, found })), asked }
  }
  const both = stores('k3s-server-token', 'k3s-agent-token', 's3-key')
  const fault = (found: string) => ({ code: 'token-not-pinned', at: 'secrets/k3s-server-token.age', found })

  it.each([
    ['of ours', `K10${ours}::server:x`, []],
    ['of another', `K10${theirs}::server:x`, [fault('a token of a cluster with another CA')]],
    ['without a hash', 'K10::server:x', [fault('a token that names no CA')]],
    ['a password alone', 'x', [fault('a token that names no CA')]],
    ['a password that ends as one', `xK10${ours}::server:x`, [fault('a token that names no CA')]],
  ])('%s', async (_, server, faults) => {
    expect(await unpinned(server, both)).toEqual({ faults, asked: ['k3s-server-token', 'k3s-agent-token'] })
  })

  it('is read only where a host gets it', async () => {
    expect(await unpinned('x', stores('k3s-agent-token'))).toEqual({ faults: [], asked: ['k3s-agent-token'] })
  })
})
