import { expect, it } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { serviceUnitsOf } from '../../../src/desired/distribution/access-of.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { reasonOfOwner } from '../../../src/model/host-paths/owned-paths.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../../../src/model/keel-agent/agent-program.ts'
import { keelUnits, nodeUnits } from '../../../src/model/keel-agent/helper.ts'
import { allParts, eachPart } from '../../../src/parts/by-part.ts'
import { noPrograms, type PushedPrograms } from '../../../src/parts/part.ts'
import { ownText } from '../../../src/parts/shared-text.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

/** A server with everything that a part wants, once with each manager of the address. */
const server = sampleHost({
  name: 'ocean',
  role: 'server',
  firstServer: true,
  nodeIPs: ['10.0.0.1'],
  firewall: { api: [] },
  keelAgent: true,
})
const ofK3s = (['keepalived', 'ha-vip', 'kube-vip'] as const).map((manager) => {
  const cluster = sampleCluster([server], {
    vip: { address: '10.0.0.100', interface: 'eth0', manager },
    keelAgent: { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' },
  })
  return hostStateOf(clusterStateOf(cluster), server, sampleSurroundings)
})
const withImages = sampleCluster([server], {
  distribution: sampleKubeadm,
  sysupdate: { url: 'https://images.example', keyring: 'xgIEAA==', timer: true },
})
const states = [...ofK3s, hostStateOf(clusterStateOf(withImages), server, kubeadmSurroundings)]

const programs: PushedPrograms = {
  paths: new Map([NODE_ARTIFACT, AGENT_ARTIFACT].map((name) => [name, `/usr/local/lib/keel/${name}`])),
  changes: [],
}

it('a part that plans something says when it starts: it would be planned nowhere without that', () => {
  const planned = allParts.filter((part) => part.plan !== undefined)
  expect(planned.length).toBeGreaterThan(2)
  expect(planned.filter(({ starts }) => starts === undefined).map(({ name }) => name)).toEqual([])
})

it('the list has the order of a host’s start: what comes before Kubernetes comes first', () => {
  const order = allParts.flatMap(({ starts }) => starts ?? [])
  expect(order).toEqual(order.toSorted((a, b) => Number(a === 'after') - Number(b === 'after')))
  expect(new Set(order)).toEqual(new Set(['before', 'after']))
})

it('a part’s probe prints the state of no unit that systemd was not asked about', () => {
  const asked = states.flatMap((state) =>
    eachPart(state.parts, ({ place, probe }, wanted) => {
      const placed = place?.(wanted, ownText, noPrograms).placed
      if (probe === undefined || placed === undefined) return []
      const printed = [...probe.script(placed).matchAll(/\bunit_state (\S+)/g)].map(([, unit]) => unit)
      expect(probe.units(placed)).toEqual(printed)
      return printed
    }),
  )
  expect(new Set(asked).size).toBeGreaterThan(3)
})

it('an operator can restart every service that a part places, and nothing else that keel places', () => {
  const placed = states.flatMap((state) =>
    eachPart(state.parts, ({ place }, wanted) => {
      const files = place?.(wanted, ownText, { paths: new Map(), changes: [] }).files ?? []
      return files.flatMap(({ path }) => /^\/etc\/systemd\/system\/(.*(?<!@)\.service)$/.exec(path)?.[1] ?? [])
    }),
  )
  const ofKubeadm = serviceUnitsOf({ ...sampleCluster([server]), distribution: sampleKubeadm })
  const ownOrNode = new Set<string>([...placed, ...nodeUnits, ...ofKubeadm])
  expect(keelUnits.toSorted()).toEqual([...ownOrNode].toSorted())
})

it('attack 17: no file of the inventory can have the place of one of a part', () => {
  const placed = states.flatMap((state) =>
    eachPart(state.parts, (part, wanted) => {
      const { files = [], directories = [] } = part.place?.(wanted, ownText, programs) ?? {}
      const inNixos = part.placeInNixos?.(wanted, state) ?? {}
      const found = [...files, ...directories, ...(inNixos.files ?? []), ...(inNixos.directories ?? [])].map(
        ({ path }) => path,
      )
      return [...found, ...Object.keys(inNixos.etc ?? {}).map((name) => `/etc/${name}`)].map((path) => ({
        part: part.name,
        path,
      }))
    }),
  )
  // a part that is not here is in no sample: add it above. All of kube-vip is in Pods
  const withFiles = allParts.filter(
    ({ name, place, placeInNixos }) => name !== 'kubeVip' && (place !== undefined || placeInNixos !== undefined),
  )
  expect(new Set(placed.map(({ part }) => part))).toEqual(new Set(withFiles.map(({ name }) => name)))
  expect(placed.filter(({ path }) => reasonOfOwner(path) === undefined)).toEqual([])
})
