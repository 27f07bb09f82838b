import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { imageArchive, tar } from '../../../../src/lab/images/image-archive.ts'
import { labImages } from '../../../../src/lab/images/images.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A reader of its own: ustar's header at each multiple of 512. POSIX.1-1988. */
function untar(archive: Uint8Array): ReadonlyMap<string, { readonly mode: number; readonly content: Uint8Array }> {
  const files = new Map<string, { mode: number; content: Uint8Array }>()
  const bytes = Buffer.from(archive)
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (from: number, length: number) =>
      bytes.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
    const sum = bytes
      .subarray(at, at + 512)
      .reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
    expect(Number.parseInt(text(148, 8), 8)).toBe(sum)
    const size = Number.parseInt(text(124, 12), 8)
    files.set(text(0, 100), {
      mode: Number.parseInt(text(100, 8), 8),
      content: bytes.subarray(at + 512, at + 512 + size),
    })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}

const manifest = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()), Layers: z.array(z.string()) }))
const config = z.object({ architecture: z.string(), rootfs: z.object({ diff_ids: z.array(z.string()) }) })

describe("the lab's images", () => {
  const archive = imageArchive(labImages(new TextEncoder().encode('a program')), 'amd64')

  test('equal programs give equal bytes', () => {
    expect(sha256(archive)).toMatchInlineSnapshot(`"a0b6930e7be36be18132ecff1b9bc1ff8ce3d05d9e43667f0051632133f831b6"`)
  })

  test('every layer and config is what its digest says', () => {
    const files = untar(archive)
    const read = (path: string) => files.get(path)?.content ?? new Uint8Array()
    const images = manifest.parse(JSON.parse(Buffer.from(read('manifest.json')).toString()))
    expect(images.flatMap(({ RepoTags }) => RepoTags)).toEqual(['localhost/pause:1', 'localhost/tiny:1'])
    for (const image of images) {
      expect(image.Config).toBe(`${sha256(read(image.Config))}.json`)
      const { architecture, rootfs } = config.parse(JSON.parse(Buffer.from(read(image.Config)).toString()))
      expect(architecture).toBe('amd64')
      expect(rootfs.diff_ids).toEqual(image.Layers.map((layer) => `sha256:${sha256(read(layer))}`))
      expect(untar(read(image.Layers[0] ?? '')).get('tiny')?.mode).toBe(0o755)
    }
  })

  test('what tar wrote is what a reader finds', () => {
    const files = fc.uniqueArray(
      fc.record({
        path: fc.stringMatching(/^[a-z/]{1,100}$/),
        content: fc.uint8Array({ maxLength: 1200 }),
        mode: fc.nat(0o7777),
      }),
      {
        selector: ({ path }) => path,
      },
    )
    fc.assert(
      fc.property(files, (entries) => {
        const found = [...untar(tar(entries))].map(([path, { mode, content }]) => ({
          path,
          mode,
          content: [...content],
        }))
        expect(found).toEqual(entries.map(({ path, mode, content }) => ({ path, mode, content: [...content] })))
      }),
    )
  })

  test('a path that ustar has no room for is refused, not cut', () => {
    expect(() => tar([{ path: 'x'.repeat(101), content: new Uint8Array(), mode: 0 }])).toThrow(RangeError)
  })
})
