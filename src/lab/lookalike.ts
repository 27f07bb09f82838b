import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { KeelError } from '../errors.ts'
import { dieWithParent } from './die-with-parent.ts'
import { withFileLock } from './file-lock.ts'
import type { Work } from './work.ts'

/** Cold, with every module to fetch and compile, it takes 5 to 8 minutes on two cores. */
const lockSeconds = 1800

/**
 * The look-alike of k3s, built from test/lookalike/ and cached by the hash of its sources.
 * @returns the path of the program
 * @throws KeelError `lab-no-k3s` without Go, or with the end of the build's output; `lab-busy` (exit 5)
 */
export function ensureLookalike(work: Work): Promise<string> {
  return ensureBuilt('lookalike', 'k3s', work, (sources, into) => ['bash', join(sources, 'build.sh'), join(into, 'k3s')])
}

/** The lab's one program for container images, from the same sources: static, and built in a second. */
export function ensureTiny(work: Work): Promise<string> {
  const build = (sources: string, into: string) => [
    'go',
    'build',
    '-C',
    sources,
    '-trimpath',
    '-buildvcs=false',
    '-ldflags=-s -w',
    '-o',
    join(into, 'tiny'),
    './cmd/tiny',
  ]
  return ensureBuilt('tiny', 'tiny', work, build)
}

async function ensureBuilt(
  name: string,
  program: string,
  { cache, note, signal }: Work,
  build: (sources: string, into: string) => readonly string[],
): Promise<string> {
  const sources = lookalikeSources()
  const directory = join(cache, `${name}-${await digestOf(sources)}`)
  if (existsSync(directory)) return join(directory, program)
  return withFileLock(join(cache, `${name}.lock`), lockSeconds, async () => {
    if (existsSync(directory)) return join(directory, program)
    if (name === 'lookalike') note('building the look-alike of k3s; this takes minutes the first time')
    for (const entry of await readdir(cache))
      if (entry.startsWith(`building-${name}-`)) await rm(join(cache, entry), { recursive: true })
    const building = await mkdtemp(join(cache, `building-${name}-`))
    const [first, ...args] = dieWithParent(build(sources, building))
    const built = await execa(first, args, {
      reject: false,
      all: true,
      stdin: 'ignore',
      cancelSignal: signal,
      env: { CGO_ENABLED: '0' },
    })
    signal.throwIfAborted()
    if (built.failed) {
      throw new KeelError({
        code: 'lab-no-k3s',
        found: `the look-alike of k3s could not be built:\n${built.all.trimEnd().split('\n').slice(-8).join('\n')}`,
        why: 'the lab takes k3s from KEEL_LAB_K3S, else from its release page, else it builds the look-alike',
        todo: 'install Go 1.24 or newer with access to its modules, or set KEEL_LAB_K3S to a k3s binary',
      })
    }
    await rename(building, directory)
    return join(directory, program)
  })
}

/** test/lookalike/ of the package that this module belongs to: beside src/, and beside dist/ when bundled. */
function lookalikeSources(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return join(directory, 'test', 'lookalike')
}

/** 16 hex digits of every file's path and content. */
async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort())
    hash
      .update(`${file.slice(directory.length)}\0`)
      .update(await readFile(file))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}
