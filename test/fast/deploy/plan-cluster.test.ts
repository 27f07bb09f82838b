import { describe, expect, it } from 'vitest'
import { emptyLock } from '../../../src/artifacts/lock-file.ts'
import { planCluster } from '../../../src/deploy/plan-cluster.ts'
import type { K3sVersion } from '../../../src/model/brands.ts'
import { runningText } from '../../support/facts-text.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { sampleCluster, sampleHost } from '../../support/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const maia = sampleHost({ name: 'maia' })

describe('a version that is not pinned yet', () => {
  const lock = emptyLock
  const at = (version: string) => sampleCluster([ocean, maia], { version: version as K3sVersion })

  it('and skips a minor is refused before anybody pins it', async () => {
    const { request, open } = fakeFleet(at('v1.36.0+k3s1'), { ocean: runningText('server'), maia: 'off' }, { lock })
    await expect(planCluster(request)).rejects.toMatchObject({ faults: [{ code: 'version-skips', at: 'ocean' }], exit: 1 })
    expect([...open]).toEqual([])
  })

  it.each([
    ['and is the next minor', 'v1.35.0+k3s1', runningText('server')],
    ['where nobody answers', 'v1.36.0+k3s1', 'off'],
  ])('%s has to be pinned', async (_what, version, answer) => {
    const { request, open } = fakeFleet(at(version), { ocean: answer, maia: 'off' }, { lock })
    await expect(planCluster(request)).rejects.toMatchObject({ code: 'not-pinned', exit: 2 })
    expect([...open]).toEqual([])
  })
})
