import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { containerdConfig } from '../../../src/desired/distribution/kubeadm/containerd-config.ts'
import { flannelImages } from '../../../src/desired/distribution/kubeadm/flannel/flannel-images.ts'
import { containerdSupport } from '../../../src/model/kubeadm/containerd-support.ts'

// test/real/kubeadm/containerd.test.ts has Debian's containerd read the first of these
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

describe('docs/kubeadm.md has', () => {
  const page = readFileSync(new URL('../../../docs/kubeadm.md', import.meta.url), 'utf8')

  it('the configuration of 1.x', () => {
    const [, ...settings] = containerdConfig({ version: '1.7.28' }, 36).split('\n')
    expect(page).toContain(`\`\`\`toml\n${settings.join('\n')}\`\`\`\n`)
  })

  it.each([34, 35, 36])('the releases of containerd for 1.%i', (kubernetes) => {
    const support = containerdSupport([1, 6, 0], kubernetes)
    expect(support).toMatchObject({ kind: 'untested' })
    const [row] = page.split('\n').filter((line) => line.startsWith(`| 1.${kubernetes} `))
    expect(row?.split('|')[2]?.trim()).toBe(support.kind === 'untested' ? support.tested.join(', ') : undefined)
  })

  it('the images of flannel', () => {
    for (const image of Object.values(flannelImages)) expect(page).toContain(`\`${image.replace(/.*\//, '')}\``)
  })
})
