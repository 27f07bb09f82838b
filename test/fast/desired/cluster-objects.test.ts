import { expect, it } from 'vitest'
import { clusterObjectsOf } from '../../../src/desired/cluster-objects.ts'
import { manifestOf } from '../../../src/model/kubernetes/cluster-object.ts'
import { manifestText } from '../../../src/model/kubernetes/manifest-text.ts'
import { agentCluster } from '../../support/samples/cluster-objects.ts'
import { sampleCluster } from '../../support/samples/sample-cluster.ts'

// regenerate with `npx vitest run --project fast -u`, then review the diff like code
it.each(['split', 'one-role'] as const)('the keel-agent’s rights in the API: %s', async (rbac) => {
  const text = manifestText(clusterObjectsOf(agentCluster(rbac)).map(manifestOf))
  await expect(text).toMatchFileSnapshot(`../../golden/cluster/keel-agent-${rbac}.yaml`)
})

it('are none where no node carries it', () => {
  expect(clusterObjectsOf(sampleCluster([]))).toEqual([])
})
