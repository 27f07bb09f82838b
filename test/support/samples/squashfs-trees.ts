import type { Directory } from '../../../src/sysext/squashfs.ts'

const text = (bytes: number) => Buffer.alloc(bytes, 'squashfs ')
const file = (bytes: number, mode = 0o644) => ({ kind: 'file', mode, content: text(bytes) }) as const
const folder = (entries: Directory['entries']): Directory => ({ kind: 'directory', entries })

/** Trees at the limits of the format: entries of a header, metadata blocks, blocks of data, empty things, names. */
export function manyFiles(): Directory {
  const numbered = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`file-${index}`, file(index, 0o600)]))
  return folder({
    many: folder(numbered),
    empty: folder({}),
    deep: folder({ a: folder({ b: folder({ c: folder({ end: file(1) }) }) }) }),
    nothing: file(0),
    block: file(2 ** 20),
    'block and one': file(2 ** 20 + 1, 0o755),
    'three blocks': file(3 * 2 ** 20),
    'ümläut ☃': { kind: 'link', target: 'three blocks' },
    Z: { kind: 'link', target: '/usr/local/bin/k3s' },
  })
}
