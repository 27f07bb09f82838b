import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { refuseNoProgram } from '../../../src/artifacts/program-arch.ts'
import type { Arch } from '../../../src/model/cluster.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { makeVariant } from '../inventory/variant.ts'

/** A whole program that a real linker has made. */
const real = readFileSync(realpathSync('/bin/sh'))
const here: Arch = process.arch === 'x64' ? 'amd64' : 'arm64'

function changed(edit: (bytes: Buffer) => void): Buffer {
  const bytes = elfProgram()
  edit(bytes)
  return bytes
}

function checked(bytes: Uint8Array | string, arch: Arch): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keel-own-program-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'k3s'), bytes)
  return refuseNoProgram(join(folder, 'k3s'), arch)
}

describe('a file that a user pins in place of k3s', () => {
  test.each<[what: string, bytes: Uint8Array | string, found: string]>([
    ['an empty file', '', 'no program: an empty file'],
    ['a web page', '\n<!DOCTYPE html><html><body>404 Not Found</body></html>', 'no program: a web page'],
    ['a script', '#!/bin/sh\necho k3s version v1.36.3+k3s1\n', 'no program: a script'],
    ['a compressed program', Buffer.from([0x1f, 0x8b, 8, 0, ...Buffer.alloc(40)]), 'no program: an archive'],
    ['another text', 'Not Found, and nothing else', 'no program: it has no ELF header'],
    ['less than a header', elfProgram().subarray(0, 40), 'the start of a program, and no more'],
    [
      'a header alone',
      elfProgram().subarray(0, 64),
      'a program that is cut off: it has more than the 64 bytes that are here',
    ],
    ['a small program without its last byte', elfProgram().subarray(0, -1), 'a program that is cut off'],
    ['a real one without its last byte', real.subarray(0, -1), 'a program that is cut off'],
    ['half of a real one', real.subarray(0, real.length / 2), 'a program that is cut off'],
    ['a segment past the end', changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 96)), 'a program that is cut off'],
    [
      'program headers past the end',
      changed((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 32)),
      'a program that is cut off',
    ],
    [
      '65535 sections that are not there',
      changed((bytes) => bytes.writeUInt16LE(0xffff, 60)),
      'a program that is cut off',
    ],
    ['an object file', changed((bytes) => bytes.writeUInt16LE(1, 16)), 'an ELF file that is not a program'],
    ['no program headers', changed((bytes) => bytes.writeUInt16LE(0, 56)), 'an ELF file with nothing to run'],
    [
      'a program of 32 bits',
      changed((bytes) => bytes.writeUInt8(1, 4)),
      'a program of 32 bits, or for a big-endian machine',
    ],
  ])('%s is refused', async (_what, bytes, found) => {
    await expect(checked(bytes, here)).rejects.toMatchObject({
      code: 'pin-program',
      exit: 2,
      found: expect.stringContaining(found),
    })
  })

  test('a whole program of another architecture is refused by its name', async () => {
    await expect(checked(elfProgram('k3s', 'arm64'), 'amd64')).rejects.toMatchObject({ code: 'artifact-arch', exit: 2 })
    await expect(
      checked(
        changed((bytes) => bytes.writeUInt16LE(40, 18)),
        'amd64',
      ),
    ).rejects.toThrow(/another architecture/)
  })

  test.each<[string, Uint8Array, Arch]>([
    ['a real one', real, here],
    ['one for this machine', elfProgram(), 'amd64'],
    ['one that can’t run here', elfProgram('k3s', 'arm64'), 'arm64'],
    ['one with more behind its end', Buffer.concat([elfProgram(), Buffer.alloc(100)]), 'amd64'],
  ])('%s is taken', async (_what, bytes, arch) => expect(await checked(bytes, arch)).toBeUndefined())

  test('keel pin names the file and changes nothing', async () => {
    const directory = makeVariant({ write: { k3s: '<html>404</html>' } })
    const { exit, err } = await keel(directory, ['pin', '--file', 'amd64=k3s'])
    expect([exit, err]).toEqual([2, expect.stringContaining(`${join(directory, 'k3s')}: no program: a web page`)])
  })
})
