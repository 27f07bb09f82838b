import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/model/digest.ts'
import { kubernetesImage } from '../../../src/sysext/kubernetes-image.ts'
import { kubeadmDropIn, kubeletService, placeCniPlugins, upholdsKubelet } from '../../../src/sysext/kubernetes-units.ts'

describe('the units in the image', () => {
  it.each([
    ['kubelet.service', kubeletService],
    ['10-kubeadm.conf', kubeadmDropIn],
    ['10-kubelet-service.conf', upholdsKubelet],
    ['place-cni-plugins', placeCniPlugins],
  ])('%s', async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../golden/sysext/${name}`)
  })
})

// as for the images in squashfs.test.ts: a change of this hash means that everybody pins again
it('the image is the same to the byte everywhere', () => {
  const program = (text: string) => ({
    packed: Buffer.from(text),
    size: 200_000,
    blocks: [
      { bytes: text.length - 3, isRaw: false },
      { bytes: 3, isRaw: true },
    ],
  })
  const programs = { kubelet: program('kubelet'), kubeadm: program('kubeadm'), kubectl: program('kubectl') }
  const plugins = { bridge: Buffer.from('bridge'), loopback: Buffer.from('loopback') }
  const pieces = kubernetesImage({ version: 'v1.36.3', cniVersion: 'v1.9.1', programs, plugins }, 'amd64')
  const bytes = Buffer.concat(pieces.filter((piece) => piece instanceof Uint8Array))
  expect(bytes.length % 4096).toBe(0)
  expect(sha256(bytes)).toBe('d08de387a5c303a7de236ee0b8229daac550874685d4a8ac33a4584b14cb3dbc')
})
