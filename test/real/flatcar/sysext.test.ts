import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { k3sImage } from '../../../src/sysext/k3s-image.ts'
import type { Piece } from '../../../src/sysext/pieces.ts'
import { type Directory, squashfs } from '../../../src/sysext/squashfs.ts'
import { manyFiles } from '../../support/samples/squashfs-trees.ts'

describe('squashfs-tools read what keel writes', () => {
  it('a tree that meets every limit of the format', async () => {
    const tree = manyFiles()
    const folder = await unpacked(squashfs(tree))
    expect(read(folder, tree)).toEqual(tree)
    const others = (await execa('find', [folder, '-mindepth', '1'])).stdout.split('\n')
    expect(others).toHaveLength(countOf(tree) - 1)
  })

  it('the image of k3s: its program, its names, and what systemd-sysext asks for', async () => {
    const image = await written(k3sImage(Buffer.from('#!/bin/sh\n'), 'arm64'))
    const { stdout } = await execa('unsquashfs', ['-lln', image])
    expect(stdout.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 26 1970-01-01 00:00 squashfs-root',
      'drwxr-xr-x 0/0 39 1970-01-01 00:00 squashfs-root/usr',
      'drwxr-xr-x 0/0 42 1970-01-01 00:00 squashfs-root/usr/lib',
      'drwxr-xr-x 0/0 44 1970-01-01 00:00 squashfs-root/usr/lib/extension-release.d',
      '-rw-r--r-- 0/0 54 1970-01-01 00:00 squashfs-root/usr/lib/extension-release.d/extension-release.k3s',
      'drwxr-xr-x 0/0 26 1970-01-01 00:00 squashfs-root/usr/local',
      'drwxr-xr-x 0/0 66 1970-01-01 00:00 squashfs-root/usr/local/bin',
      'lrwxrwxrwx 0/0 3 1970-01-01 00:00 squashfs-root/usr/local/bin/crictl -> k3s',
      'lrwxrwxrwx 0/0 3 1970-01-01 00:00 squashfs-root/usr/local/bin/ctr -> k3s',
      '-rwxr-xr-x 0/0 10 1970-01-01 00:00 squashfs-root/usr/local/bin/k3s',
      'lrwxrwxrwx 0/0 3 1970-01-01 00:00 squashfs-root/usr/local/bin/kubectl -> k3s',
    ])
    const release = await execa('unsquashfs', ['-cat', image, 'usr/lib/extension-release.d/extension-release.k3s'])
    expect(release.stdout).toBe('ID=_any\nARCHITECTURE=arm64\nEXTENSION_RELOAD_MANAGER=1')
  })
})

async function written(pieces: readonly Piece[]): Promise<string> {
  const image = join(await mkdtemp(join(tmpdir(), 'keel-squashfs-')), 'image.raw')
  writeFileSync(image, Buffer.concat(pieces.filter((piece) => piece instanceof Uint8Array)))
  return image
}

async function unpacked(pieces: readonly Piece[]): Promise<string> {
  const image = await written(pieces)
  await execa('unsquashfs', ['-quiet', '-no-progress', '-d', `${image}.d`, image])
  return `${image}.d`
}

/** What is on the disk where a tree names something. */
function read(folder: string, { entries }: Directory): Directory {
  const found = Object.entries(entries).map(([name, entry]) => {
    const path = join(folder, name)
    if (entry.kind === 'directory') return [name, read(path, entry)] as const
    if (entry.kind === 'link') return [name, { kind: 'link', target: readlinkSync(path) }] as const
    const bytes = readFileSync(path)
    // comparing megabytes one by one takes seconds
    const content = entry.content instanceof Uint8Array && bytes.equals(entry.content) ? entry.content : bytes
    return [name, { kind: 'file', mode: statSync(path).mode & 0o7777, content }] as const
  })
  return { kind: 'directory', entries: Object.fromEntries(found) }
}

function countOf({ entries }: Directory): number {
  return Object.values(entries).reduce((sum, entry) => sum + (entry.kind === 'directory' ? countOf(entry) : 1), 1)
}
