import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { packFile } from '../../../src/artifacts/pack-file.ts'
import { writeImage } from '../../../src/artifacts/write-image.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { kubernetesImage } from '../../../src/sysext/kubernetes-image.ts'
import { likeAProgram } from '../../support/samples/like-a-program.ts'

/** The image of Kubernetes, with contents at the limits of its blocks, as others read it. */
const folder = mkdtempSync(join(tmpdir(), 'keel-packed-'))
const image = join(folder, 'image.raw')
const BLOCK = 1 << 17
const contents = {
  kubelet: likeAProgram(3 * BLOCK + 1),
  // a block of noise between two that become smaller
  kubeadm: Buffer.concat([Buffer.alloc(BLOCK), noise(BLOCK), Buffer.alloc(BLOCK, 'kubeadm ')]),
  kubectl: likeAProgram(BLOCK),
  bridge: Buffer.alloc(12, 'bridge'),
  empty: Buffer.alloc(0),
}

function noise(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes / 32 }, (_, index) => sha256(`${index}`)).join(''), 'hex')
}

async function packed(name: keyof typeof contents) {
  const file = join(folder, name)
  writeFileSync(file, contents[name])
  return packFile({ file, size: contents[name].length }, `${file}.lz4`)
}

beforeAll(async () => {
  const programs = {
    kubelet: await packed('kubelet'),
    kubeadm: await packed('kubeadm'),
    kubectl: await packed('kubectl'),
  }
  const plugins = { bridge: await packed('bridge'), empty: await packed('empty') }
  await writeImage(kubernetesImage({ version: 'v1.36.3', cniVersion: 'v1.9.1', programs, plugins }, 'amd64'), image)
})

const places: readonly (readonly [keyof typeof contents, string])[] = [
  ['kubelet', 'usr/bin/kubelet'],
  ['kubeadm', 'usr/bin/kubeadm'],
  ['kubectl', 'usr/bin/kubectl'],
  ['bridge', 'usr/local/bin/cni/bridge'],
  ['empty', 'usr/local/bin/cni/empty'],
]
const sums = places.map(([name, path]) => `${sha256(contents[name])}  ${path}`)
const paths = places.map(([, path]) => path)

describe('an image with compressed programs', () => {
  it('has, for unsquashfs, the programs that went in', async () => {
    await execa('unsquashfs', ['-quiet', '-no-progress', '-d', `${image}.d`, image])
    const { stdout } = await execa('sha256sum', paths, { cwd: `${image}.d` })
    expect(stdout.split('\n')).toEqual(sums)
  })

  it('has them for the kernel', async () => {
    const script = `mount -o loop,ro ${image} /mnt && cd /mnt && sha256sum ${paths.join(' ')}`
    const { stdout } = await execa('unshare', ['--mount', 'sh', '-c', script])
    expect(stdout.split('\n')).toEqual(sums)
  })

  it('is about as small as one that mksquashfs makes with LZ4, with blocks of the same size', async () => {
    const theirs = join(folder, 'theirs.raw')
    await execa('mksquashfs', [
      `${image}.d`,
      theirs,
      '-comp',
      'lz4',
      '-all-root',
      '-no-fragments',
      '-no-progress',
      '-quiet',
    ])
    expect(statSync(image).size).toBeLessThan(statSync(theirs).size * 1.1)
    expect(readFileSync(theirs).readUInt32LE(12), 'its block size').toBe(BLOCK)
  })
})
