import { expect, it } from 'vitest'
import { noPins } from '../../../src/artifacts/pins.ts'
import { planCluster } from '../../../src/deploy/plan-cluster.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { DEFAULT_VERSION } from '../../../src/model/k3s/k3s-version.ts'
import { fakeFleet } from '../../support/hosts/fake-fleet.ts'
import { runningText } from '../../support/samples/facts-text.ts'
import { makeVariant } from '../inventory/variant.ts'

/** A newer keel has a newer default: an inventory that names no version must not jump with it. */
it.each([
  ['that is pinned', {}],
  ['that is not pinned yet', { pins: noPins }],
])(
  'an inventory without a version, whose cluster is two minors behind a default %s, is refused',
  async (_what, over) => {
    const { cluster } = await loadInventory(makeVariant({}))
    expect(cluster.distribution.version).toBe(DEFAULT_VERSION)
    const { request, open } = fakeFleet(cluster, { a: runningText('server', 'v1.34.4+k3s1') }, over)
    const refused = planCluster({ ...request, selected: cluster.hosts.filter(({ name }) => name === 'a') }).then(
      async (planned) => {
        await planned[Symbol.asyncDispose]()
        return planned.plan.refusals
      },
      ({ faults }) => faults,
    )
    expect(await refused).toContainEqual({
      code: 'version-skips',
      at: 'a',
      found: 'it runs Kubernetes 1.34, and the inventory wants 1.36',
      why: 'Kubernetes is upgraded one minor version at a time',
      todo: 'set version to one of 1.35, deploy, then continue from there',
    })
    expect([...open]).toEqual([])
  },
)
