import { describe, expect, it } from 'vitest'
import { flannelImages } from '../../../src/desired/distribution/kubeadm/flannel/flannel-images.ts'
import { flannelManifest } from '../../../src/desired/distribution/kubeadm/flannel/flannel-manifest.ts'
import { parseImage } from '../../../src/model/kubernetes/image.ts'
import { manifestText } from '../../../src/model/kubernetes/manifest-text.ts'

const of = (...cluster: readonly string[]) => ({ networks: { cluster, service: [], domain: 'cluster.local' } })

// test/real/kubeadm/flannel-manifest.test.ts has the checks of an API server look at these files
describe('flannel in a cluster of kubeadm', () => {
  it.each([
    ['flannel-ipv4', of('10.244.0.0/16')],
    ['flannel-ipv6', of('fd00:42::/56')],
    ['flannel-dual-stack', of('10.244.0.0/16', 'fd00:42::/56')],
  ])('%s', async (name, cluster) => {
    await expect(manifestText(flannelManifest(cluster))).toMatchFileSnapshot(`../../golden/manifests/${name}.yaml`)
  })

  it('has the same text whichever family the inventory names first', () => {
    const [one, other] = [of('10.244.0.0/16', 'fd00:42::/56'), of('fd00:42::/56', '10.244.0.0/16')]
    expect(manifestText(flannelManifest(one))).toBe(manifestText(flannelManifest(other)))
  })

  it('has images that somebody can pull again', () => {
    for (const image of Object.values(flannelImages)) expect(parseImage(image)).toBe(image)
  })
})
