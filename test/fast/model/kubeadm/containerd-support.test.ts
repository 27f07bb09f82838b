import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ContainerdSupport,
  type ContainerdVersion,
  containerdSupport,
  pauseImageFor,
  readContainerdVersion,
} from '../../../../src/model/kubeadm/containerd-support.ts'

const supported: ContainerdSupport = { kind: 'supported' }
const tested34 = ['1.6.39', '1.7.28', '2.0.6', '2.1.3']
const tested35 = ['1.7.28', '2.1.5', '2.2.0']
const tested36 = ['2.2.0', '2.3.0']

describe('a containerd and a Kubernetes', () => {
  it.each<[string, number, ContainerdSupport]>([
    ['1.5.18', 34, { kind: 'too-old', needs: '1.6.0', why: expect.stringContaining('CRI v1') }],
    ['1.6.20~ds1', 34, { kind: 'untested', tested: tested34, breaksFrom: 37 }],
    ['1.6.38', 34, { kind: 'untested', tested: tested34, breaksFrom: 37 }],
    ['1.6.39', 34, supported],
    ['v2.1.3', 34, supported],
    ['2.1.2', 34, { kind: 'untested', tested: tested34 }],
    ['2.3.0', 34, supported],
    ['1.6.39', 35, { kind: 'untested', tested: tested35, breaksFrom: 37 }],
    ['1.7.28', 35, supported],
    ['2.0.9', 35, { kind: 'untested', tested: tested35 }],
    ['2.1.5', 36, { kind: 'untested', tested: tested36 }],
    ['1.7.24~ds1', 36, { kind: 'untested', tested: tested36, breaksFrom: 37 }],
    ['2.2.0', 36, supported],
    ['v2.4.1', 36, supported],
    ['1.7.28', 37, { kind: 'too-old', needs: '2.0.0', why: expect.stringContaining('RuntimeConfig') }],
    ['2.0.0', 37, supported],
    ['1.5.18', 25, supported],
  ])('containerd %s, Kubernetes 1.%i', (text, kubernetes, support) => {
    expect(containerdSupport(readContainerdVersion(text) ?? expect.unreachable(), kubernetes)).toEqual(support)
  })

  const version = fc.tuple(fc.nat(3), fc.nat(9), fc.nat(60)) satisfies fc.Arbitrary<ContainerdVersion>
  it('a later patch is never worse', () => {
    const rank = { 'too-old': 0, untested: 1, supported: 2 }
    fc.assert(
      fc.property(version, fc.integer({ min: 30, max: 38 }), ([major, minor, patch], kubernetes) => {
        const [one, later] = [patch, patch + 1].map((of) => containerdSupport([major, minor, of], kubernetes).kind)
        expect(rank[later ?? 'too-old']).toBeGreaterThanOrEqual(rank[one ?? 'supported'])
      }),
    )
  })

  it.each([
    ['1.6.20~ds1', [1, 6, 20]],
    ['v2.1.5', [2, 1, 5]],
    ['2.0.0-rc.1', [2, 0, 0]],
    ['1.7.28-1~deb13u1', [1, 7, 28]],
    ['1.7', undefined],
    ['1.7.2.3', undefined],
    ['main', undefined],
    ['', undefined],
  ])('reads %j', (text, read) => expect(readContainerdVersion(text)).toEqual(read))

  it.each([
    [34, 'registry.k8s.io/pause:3.10.1'],
    [36, 'registry.k8s.io/pause:3.10.2'],
    [99, undefined],
  ])('the pause image of 1.%i', (kubernetes, image) => expect(pauseImageFor(kubernetes)).toBe(image))
})
