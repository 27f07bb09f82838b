import { describe, expect, it, vi } from 'vitest'
import { noPins } from '../../../src/artifacts/pins.ts'
import { planCluster } from '../../../src/deploy/plan-cluster.ts'
import type { K3sVersion } from '../../../src/model/brands.ts'
import type { RunResult } from '../../../src/ssh/transport.ts'
import { fakeFleet } from '../../support/hosts/fake-fleet.ts'
import { factsText, runningText } from '../../support/samples/facts-text.ts'
import { sampleCluster, sampleHost, sampleK3s } from '../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const maia = sampleHost({ name: 'maia' })

describe('a version that is not pinned yet', () => {
  const pins = noPins
  const at = (version: string) =>
    sampleCluster([ocean, maia], { distribution: sampleK3s({ version: version as K3sVersion }) })

  it('and skips a minor is refused before anybody pins it', async () => {
    const { request, open } = fakeFleet(at('v1.38.0+k3s1'), { ocean: runningText('server'), maia: 'off' }, { pins })
    await expect(planCluster(request)).rejects.toMatchObject({
      faults: [{ code: 'version-skips', at: 'ocean' }],
      exit: 1,
    })
    expect([...open]).toEqual([])
  })

  it.each([
    ['and is the next minor', 'v1.37.0+k3s1', runningText('server')],
    ['where nobody answers', 'v1.38.0+k3s1', 'off'],
  ])('%s has to be pinned', async (_what, version, answer) => {
    const { request, open } = fakeFleet(at(version), { ocean: answer, maia: 'off' }, { pins })
    await expect(planCluster(request)).rejects.toMatchObject({ code: 'not-pinned', exit: 2 })
    expect([...open]).toEqual([])
  })
})

describe('a host that is off', () => {
  const nova = sampleHost({ name: 'nova' })
  const cluster = sampleCluster([ocean, maia, nova])

  it('is a fault of its own, beside the plan of the others', async () => {
    const { request, open } = fakeFleet(cluster, { ocean: runningText('server'), maia: runningText('agent') })
    const planned = await planCluster(request)
    expect(planned.plan.hosts.map(({ host }) => host)).toEqual(['ocean', 'maia'])
    expect(planned.plan.unreachable).toEqual([{ code: 'ssh-timeout', at: 'nova', found: 'no answer' }])
    expect(planned.unreachable).toMatchObject([{ at: 'nova', exit: 6 }])
    expect(planned.goOn).toEqual([])
    await planned[Symbol.asyncDispose]()
    expect([...open]).toEqual([])
  })

  it('is waited for while the plan of the others is shown', async () => {
    vi.useFakeTimers()
    try {
      const answer = Promise.withResolvers<void>()
      const { request } = fakeFleet(cluster, { ocean: runningText('server'), maia: runningText('agent') })
      const { connect } = request
      const waiting: (readonly string[])[] = []
      const partial: string[][] = []
      const planned = planCluster({
        ...request,
        connect: async (target) => {
          if (target.name === 'nova') await answer.promise
          return connect(target)
        },
        onWaiting: (names) => void waiting.push(names),
        onPartial: (plan) => void partial.push(plan.hosts.map(({ host }) => host)),
      })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(partial).toEqual([['ocean', 'maia']])
      expect(waiting.at(-1)).toEqual(['nova'])
      answer.resolve()
      expect((await planned).unreachable.map(({ at }) => at)).toEqual(['nova'])
      expect(waiting.at(-1)).toEqual([])
    } finally {
      vi.useRealTimers()
    }
  })

  it('that is a server has the others asked whether there is a majority', async () => {
    const servers = ['ocean', 'two', 'three'].map((name) =>
      sampleHost({ name, role: 'server', firstServer: name === 'ocean' }),
    )
    const answers = { ocean: runningText('server'), two: runningText('server'), maia: runningText('agent') }
    const { request, told } = fakeFleet(sampleCluster([...servers, maia]), answers, {
      selected: [...servers.slice(2), maia],
    })
    const planned = await planCluster(request)
    expect(planned.goOn).toEqual([])
    expect(new Set(told.map(({ host }) => host))).toEqual(new Set(['ocean', 'two', 'maia']))
    const alone = fakeFleet(sampleCluster([...servers, maia]), { ...answers, two: 'off' })
    expect((await planCluster(alone.request)).goOn).toMatchObject([{ code: 'skip-quorum', at: 'two' }])
  })
})

describe('a host that is new to the cluster', () => {
  const cluster = sampleCluster([ocean, maia])
  const server = (members: RunResult) => (script: string) =>
    script.includes('get secrets') ? members : runningText('server')
  const known = { exitCode: 0, stdout: 'node\tmaia\npassword\tmaia\n', stderr: '' }

  it('has a server asked what the cluster remembers of its name, though only it is selected', async () => {
    const answers = { ocean: server(known), maia: factsText() }
    const { request, told } = fakeFleet(cluster, answers, { selected: [maia] })
    await using planned = await planCluster(request)
    expect(planned.plan.hosts[0]?.operations[0]).toEqual({ op: 'forget-node', node: 'maia', through: 'ocean' })
    expect(told.map(({ host }) => host)).toEqual(['maia', 'ocean', 'ocean'])
    expect([...planned.transports.keys()]).toEqual(['maia', 'ocean'])
  })

  it('is not planned where no server says what the cluster remembers', async () => {
    const answers = { ocean: server({ exitCode: 1, stdout: '', stderr: 'no quorum\n' }), maia: factsText() }
    const { request, open } = fakeFleet(cluster, answers, { selected: [maia] })
    await expect(planCluster(request)).rejects.toMatchObject({ code: 'members-unknown', at: 'ocean' })
    expect([...open]).toEqual([])
  })
})

describe('a label that the Node has not', () => {
  const edge = sampleHost({ name: 'maia', labels: { tier: 'edge' } })
  const cluster = sampleCluster([ocean, edge])
  const node = { kind: 'Node', metadata: { name: 'maia', labels: { tier: 'core' }, annotations: {} }, spec: {} }
  const list = (...items: readonly object[]) => JSON.stringify({ kind: 'List', items })
  const data = { maia: JSON.stringify({ labels: ['tier'], taints: [] }) }
  const record = list({ kind: 'ConfigMap', metadata: { name: 'keel-node-marks', namespace: 'kube-system' }, data })
  const recording = runningText('server', undefined, { 'cluster-objects': `${list()}\n${record}` })
  const planned = async (server: string) => {
    const answers = { ocean: server, maia: runningText('agent', undefined, { 'node-marks': JSON.stringify(node) }) }
    const { request } = fakeFleet(cluster, answers, { selected: [edge] })
    await using all = await planCluster(request)
    return { plan: all.plan, asked: [...all.transports.keys()] }
  }

  it('is given by the server that has keel’s record, selected or not', async () => {
    const { plan, asked } = await planned(recording)
    expect(asked).toEqual(['maia', 'ocean'])
    expect(plan.hosts[0]?.operations).toContainEqual(
      expect.objectContaining({ op: 'label-node', node: 'maia', through: 'ocean', labels: ['tier=edge'], taints: [] }),
    )
    expect(plan.refusals).toEqual([])
  })

  it('is refused where no server’s API answers', async () => {
    const { plan } = await planned(runningText('server', undefined, { 'cluster-objects': '' }))
    expect(plan.refusals.map(({ code, at }) => `${at} ${code}`)).toEqual(['maia label-blind'])
  })
})

describe('machines that the inventory has no more', () => {
  const others = 'node\tnova\netcd\tocean\netcd\tnova\nnode\t\u001b[31m'

  it.each([
    ['ocean', [ocean, maia]],
    ['ocean and agents', [ocean]],
  ])('are noted as long as the cluster has them: %s', async (_what, hosts) => {
    const members = ['asked', ...hosts.map(({ name }) => `node\t${name}`), others].join('\n')
    const answers = {
      ocean: runningText('server', undefined, { 'cluster-names': members }),
      maia: runningText('agent'),
    }
    const { plan } = await planCluster(fakeFleet(sampleCluster(hosts), answers).request)
    expect(plan.notes.map(({ code, at, found }) => [code, at, found])).toEqual([
      [
        'left-behind',
        'ocean',
        'the cluster has Node nova and etcd member nova, but the inventory has no host of that name',
      ],
    ])
  })

  it('and those that run under another name', async () => {
    const config = Buffer.from('node-name: nova\n').toString('base64')
    const answers = { ocean: runningText('server'), maia: runningText('agent', undefined, { run: `file\t${config}` }) }
    const { plan } = await planCluster(fakeFleet(sampleCluster([ocean, maia]), answers).request)
    expect(plan.notes.map(({ code, at, found }) => [code, at, found])).toEqual([
      ['renamed-host', 'maia', 'k3s ran on this host as Node nova'],
    ])
  })

  it('only one server is asked, and none that is not selected', async () => {
    const two = sampleHost({ name: 'two', role: 'server' })
    const answers = { ocean: runningText('server'), two: runningText('server'), maia: runningText('agent') }
    const { request, told } = fakeFleet(sampleCluster([ocean, two, maia]), answers)
    await planCluster(request)
    expect(told.filter(({ script }) => script.includes('probe cluster-names')).map(({ host }) => host)).toEqual([
      'ocean',
    ])
    expect(told).toHaveLength(3)
  })
})
