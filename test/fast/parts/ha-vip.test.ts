import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import * as z from 'zod'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

/** Every key that ha-vip reads and no other. None has a default: one that is missing is 0 or empty. */
const configuration = z.strictObject({
  node_id: z.string().min(1),
  priority: z.int().min(1),
  interface: z.string().min(1),
  vip: z.union([z.ipv4(), z.ipv6()]),
  peers: z.array(z.string().regex(/^(\d+(\.\d+){3}|\[[0-9a-f:]+\]):\d+$/)),
  port: z.int().min(1).max(65_535),
  heartbeat_interval: z.int().min(1),
  election_timeout: z.int().min(2),
  tls_cert: z.string().startsWith('/'),
  tls_key: z.string().startsWith('/'),
  k8s: z.strictObject({
    enabled: z.literal(true),
    in_cluster: z.boolean(),
    api_server: z.string(),
    // a literal in the file: never rendered
    token: z.literal(''),
    ca_cert: z.string(),
  }),
})

const servers = ['a', 'b', 'c'].map((name, index) =>
  sampleHost({
    name,
    role: 'server',
    firstServer: index === 0,
    nodeIPs: [`10.0.0.${index + 1}`, `fd00::${index + 1}`],
  }),
)

describe.each(['10.0.0.100', 'fd00::100'])('ha-vip’s configuration for %s', (address) => {
  const vip = { address, manager: 'ha-vip', interface: 'eth0' } as const
  const external = servers.map((server) => {
    const { files } = filesOf(renderedOf(sampleCluster(servers, { vip }), server, { ...sampleSurroundings }))
    return parse(files.find(({ path }) => path === '/etc/ha-vip/config.yaml')?.content ?? '')
  })
  const inCluster = { ...vip, image: 'registry.example/ha-vip:1.2' }
  const manifest = hostStateOf(
    clusterStateOf(sampleCluster(servers, { vip: inCluster })),
    servers[0] ?? expect.unreachable(),
    sampleSurroundings,
  )
  const objects = parseAllDocuments(manifest.manifests[0]?.content ?? '').map((one) => one.toJS())
  const mounted: string[] = Object.values(objects.find(({ kind }) => kind === 'ConfigMap').data)

  it('has the keys that it reads, and no other, on a host and in a Pod', () => {
    const forms = [...external, ...mounted.map((text) => parse(text))].map((one) => configuration.parse(one))
    expect(forms.map(({ node_id: id, priority, peers, k8s }) => [id, priority, peers.length, k8s.in_cluster])).toEqual([
      ...[false, true].flatMap((isMounted) => [
        ['a', 1, 2, isMounted],
        ['b', 2, 2, isMounted],
        ['c', 3, 2, isMounted],
      ]),
    ])
  })

  it('asks the local API server under the cluster’s CA, where it is the host’s: an empty one would have it trust anybody', () => {
    for (const one of external) {
      const { k8s, election_timeout: timeout, heartbeat_interval: interval } = configuration.parse(one)
      expect(k8s).toMatchObject({
        api_server: 'https://127.0.0.1:6443',
        ca_cert: expect.stringContaining('server-ca.crt'),
      })
      expect(timeout).toBeGreaterThan(interval)
    }
  })
})
