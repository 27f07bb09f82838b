import { expect, test } from 'vitest'
import { clusterObjectsOf } from '../../../src/desired/cluster-objects.ts'
import { OSES, ROLES } from '../../../src/model/cluster.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const system = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const

test.each(OSES.flatMap((os) => ROLES.map((role) => ({ os, role }))))(
  'tags change nothing on a $os $role',
  ({ os, role }) => {
    const [plain, tagged] = [[], ['rack1', 'gpu']].map((tags) => {
      const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'], tags })
      const maia = sampleHost({ name: 'maia', os, role, tags, ...(os === 'nixos' ? { nixos: system } : {}) })
      const cluster = sampleCluster([ocean, maia])
      return [renderedOf(cluster, maia, sampleSurroundings), clusterObjectsOf(cluster)]
    })
    expect(tagged).toEqual(plain)
  },
)
