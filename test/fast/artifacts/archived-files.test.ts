import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { archivedFiles } from '../../../src/artifacts/archived-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-archived-'))
afterAll(() => rmSync(folder, { recursive: true }))
const LIMITS = { entries: 5, bytes: 1 << 20 }

/** What GNU tar makes of a folder, or of what is named. */
function tar(names: readonly string[], ...flags: readonly string[]): Buffer {
  return execFileSync('tar', ['-cf', '-', ...flags, ...names], {
    cwd: folder,
    maxBuffer: 8 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}
writeFileSync(join(folder, 'bridge'), 'b'.repeat(700))
writeFileSync(join(folder, 'portmap'), '')
mkdirSync(join(folder, 'more'))
writeFileSync(join(folder, 'more/inside'), 'x')
symlinkSync('bridge', join(folder, 'link'))
writeFileSync(join(folder, 'large'), Buffer.alloc(2 << 20))

async function read(bytes: Buffer, chunk = bytes.length): Promise<Record<string, string>> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  const found: [string, string][] = []
  for await (const { name, content } of archivedFiles(chunks(), LIMITS)) found.push([name, content.toString()])
  return Object.fromEntries(found)
}

describe('the files of an archive', () => {
  const plain = { bridge: 'b'.repeat(700), portmap: '' }
  it.each([
    ['by their names', tar(['bridge', 'portmap']), 4096],
    ['below ./', tar(['./bridge', './portmap']), 4096],
    ['with their folder, in tiny pieces', tar(['--no-recursion', '.', './bridge', './portmap']), 7],
    ['in the form of POSIX 1988', tar(['bridge', 'portmap'], '--format=ustar'), 512],
  ])('%s', async (_what, bytes, chunk) => {
    expect(await read(bytes, chunk)).toEqual(plain)
  })

  const changed = (change: (header: Buffer) => void) => {
    const bytes = tar(['bridge'])
    change(bytes)
    bytes.write('        ', 148)
    const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return bytes
  }
  it.each([
    ['a link', tar(['bridge', 'link']), /"link", which is not a file/],
    ['a hard link', changed((header) => header.write('1', 156)), /not a file/],
    ['a device', changed((header) => header.write('3', 156)), /not a file/],
    [
      'a long name of GNU tar',
      tar(['bridge'], '--transform=s/^/a-long-name-/;s/a-/'.concat('b'.repeat(120), '/')),
      /not a file/,
    ],
    ['a header of pax', tar(['bridge'], '--format=pax', '--pax-option=comment=x'), /not a file/],
    ['a folder', tar(['more']), /"more\/", which is not a file/],
    ['a file in a folder', tar(['more/inside']), /with the name "more\/inside"/],
    ['a path that leads out', tar(['bridge'], '-P', '--transform=s#^#../#'), /with the name "\.\.\/bridge"/],
    ['an absolute path', tar(['bridge'], '-P', '--transform=s#^#/etc/#'), /with the name "\/etc\/bridge"/],
    ['a prefix', changed((header) => header.write('ustar\x0000', 257) && header.write('up', 345)), /"up\/bridge"/],
    ['a hidden file', tar(['bridge'], '--transform=s#^#.#'), /with the name ".bridge"/],
    ['a name with a control character', changed((header) => header.write('a\nb', 0)), /with the name "a\\nb/],
    ['a name twice', tar(['bridge', './bridge'], '--hard-dereference'), /bridge twice|not a file/],
    ['more than it may', tar(['large']), /more than 1 MB/],
    ['too many entries', tar(['.', '.', '.', '.', '.', '.'], '--no-recursion'), /more than 5 entries/],
    ['a size in another base', changed((header) => header.write('\x80', 124, 'latin1')), /no tar archive/],
    ['a wrong checksum', tar(['bridge']).fill('c', 0, 1), /no tar archive/],
    ['something else', Buffer.from('<html>'.repeat(200)), /no tar archive/],
    ['nothing', Buffer.alloc(0), /cut off/],
    ['an end that is cut off', tar(['bridge']).subarray(0, 900), /cut off/],
    ['no end', tar(['bridge']).subarray(0, 512 + 1024), /cut off/],
  ])('are refused with %s', async (_what, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message)
  })
})
