import { describe, expect, it } from 'vitest'
import { containerdConfig } from '../../../src/desired/distribution/kubeadm/containerd-config.ts'

// test/real/kubeadm/containerd-config.test.ts has Debian's containerd read the first of these
describe('the configuration of a containerd that keel manages', () => {
  it.each([
    ['1.x', '1.6.20~ds1'],
    ['2.0', 'v2.0.6'],
    ['2.1', 'v2.1.5'],
  ])('%s', async (name, version) => {
    await expect(containerdConfig({ version }, 36)).toMatchFileSnapshot(`../../golden/containerd/${name}.toml`)
  })

  it('names no pause image for a Kubernetes whose image keel does not know', () => {
    for (const version of ['1.7.28', '2.2.0']) expect(containerdConfig({ version }, 99)).not.toMatch(/pause|sandbox/)
  })

  it('of a version that nobody can read is none', () => {
    expect(() => containerdConfig({ version: 'main' }, 36)).toThrow('no version of containerd: main')
  })
})
