import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../../src/artifacts/bytes-of.ts'
import { localArtifact, sysextHash } from '../../../src/artifacts/local-artifact.ts'
import type { Artifact } from '../../../src/desired/host-state.ts'
import type { Sha256 } from '../../../src/model/brands.ts'
import { k3sImage } from '../../../src/sysext/k3s-image.ts'
import { sizeOf } from '../../../src/sysext/pieces.ts'
import { squashfs } from '../../../src/sysext/squashfs.ts'
import { manyFiles } from '../../support/samples/squashfs-trees.ts'

const sha256 = (pieces: readonly (Uint8Array | object)[]) => {
  const hash = createHash('sha256')
  for (const piece of pieces) if (piece instanceof Uint8Array) hash.update(piece)
  return hash.digest('hex')
}

// the bytes are a promise: an image that was pinned on one machine is made on another. A change of these hashes means
// that everybody pins again
describe('an image is the same to the byte everywhere', () => {
  it.each([
    [
      'k3s for amd64',
      k3sImage(Buffer.from('#!/bin/sh\necho k3s\n'), 'amd64'),
      'a478ed8b5a7a51444791afad6d72094dda406347c54b1bbbd189e9c738e179f5',
    ],
    [
      'k3s for arm64',
      k3sImage(Buffer.from('#!/bin/sh\necho k3s\n'), 'arm64'),
      'd84ef0cd68b4a779db1f7f13cc564c2c0dd9c68a4314ceb6217a142c51438a0b',
    ],
    ['hundreds of files', squashfs(manyFiles()), '2179b6860b5d555fc2f5ddc93289e76de82e91e0a5c187277edb0c2925ce539a'],
  ])('%s', (_what, pieces, hash) => {
    expect(sha256(pieces)).toBe(hash)
    expect(sizeOf(pieces) % 4096).toBe(0)
  })

  it('whatever the order in which its entries are given', () => {
    const file = (text: string) => ({ kind: 'file', mode: 0o644, content: Buffer.from(text) }) as const
    const a = squashfs({ kind: 'directory', entries: { b: file('2'), a: file('1') } })
    const b = squashfs({ kind: 'directory', entries: { a: file('1'), b: file('2') } })
    expect(sha256(a)).toBe(sha256(b))
  })
})

/** The first bytes of a program for a machine, as elf(5) has them. */
function elf(machine: number): Buffer {
  const header = Buffer.alloc(64)
  header.writeUInt32BE(0x7f454c46)
  header.writeUInt16LE(machine, 18)
  return header
}

async function program(bytes: Uint8Array): Promise<Artifact> {
  const file = join(await mkdtemp(join(tmpdir(), 'keel-sysext-')), 'k3s')
  writeFileSync(file, bytes)
  const sha = createHash('sha256').update(bytes).digest('hex') as Sha256
  return { name: 'k3s', version: 'v1', arch: 'amd64', url: `file://${file}`, sha256: sha }
}

describe('the image made of a pinned program', () => {
  it('has the hash that was pinned for it, and the program in it', async () => {
    const from = await program(elf(62))
    const hash = await sysextHash(from, {})
    const { pieces, size } = await localArtifact({ from, form: 'sysext', sha256: hash }, {})
    const blocks: Buffer[] = []
    for await (const block of bytesOf(pieces)) blocks.push(Buffer.from(block))
    const bytes = Buffer.concat(blocks)
    expect(bytes.length).toBe(size)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
    expect(bytes.includes(elf(62))).toBe(true)
  })

  it('is refused where the lock file names another', async () => {
    const from = await program(elf(62))
    const asked = { from, form: 'sysext', sha256: '0'.repeat(64) as Sha256 } as const
    await expect(localArtifact(asked, {})).rejects.toMatchObject({ code: 'image-hash' })
  })

  it('is not made of a program for another architecture', async () => {
    await expect(sysextHash(await program(elf(183)), {})).rejects.toMatchObject({ code: 'artifact-arch', exit: 2 })
    await expect(sysextHash(await program(elf(40)), {})).rejects.toThrow(/another architecture/)
  })

  it('is never in memory as a whole: the program stays where it is, however large', () => {
    const pieces = k3sImage({ file: '/k3s', size: 2 ** 30 }, 'amd64')
    expect(sizeOf(pieces)).toBeGreaterThan(2 ** 30)
    expect(sizeOf(pieces.filter((piece) => piece instanceof Uint8Array))).toBeLessThan(16 * 1024)
  })
})
