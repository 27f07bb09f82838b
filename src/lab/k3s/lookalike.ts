import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { carriedFolder, copyCarried } from '../../carried.ts'
import { KeelError } from '../../errors.ts'
import { type Build, ensureBuilt } from '../machine/ensure-built.ts'
import type { Work } from '../work.ts'

/**
 * The look-alike of k3s, built from test/lookalike/ and cached by the hash of its sources.
 * @returns the path of the program
 * @throws KeelError `lab-no-k3s` without Go, or with the end of the output of the build; `lab-busy` (exit 5)
 */
export function ensureLookalike(work: Work): Promise<string> {
  return fromSources(
    'lookalike',
    'k3s',
    (sources, into) => ['bash', join(sources, 'build.sh'), join(into, 'k3s')],
    work,
    'building the look-alike of k3s; this takes minutes the first time',
  )
}

/**
 * The lab's one program for container images, built from the same sources. It is static, and the build takes a second.
 */
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
  return fromSources('tiny', 'tiny', build, work)
}

async function fromSources(
  name: string,
  program: string,
  command: (sources: string, into: string) => readonly string[],
  work: Work,
  note?: string,
): Promise<string> {
  return withSources(work.cache, async (sources) => {
    const build: Build = {
      name,
      key: await digestOf(sources),
      program,
      ...(note === undefined ? {} : { note }),
      command: (into) => command(sources, into),
      env: { CGO_ENABLED: '0' },
      failure: (output) =>
        new KeelError({
          code: 'lab-no-k3s',
          found: `the look-alike of k3s could not be built:\n${output}`,
          why: 'the lab takes k3s from KEEL_LAB_K3S, else from its release page, else it builds the look-alike',
          todo: 'install Go 1.26 or newer with access to its modules, or set KEEL_LAB_K3S to a k3s binary',
        }),
    }
    return ensureBuilt(build, work)
  })
}

/** The single executable has the sources in memory. Go gets a copy, which is removed after the build. */
async function withSources<T>(cache: string, use: (sources: string) => Promise<T>): Promise<T> {
  const path = 'test/lookalike'
  const folder = carriedFolder(path)
  if (folder !== undefined) return use(folder)
  const copy = await mkdtemp(join(cache, 'sources-'))
  try {
    await copyCarried(path, copy)
    return await use(copy)
  } finally {
    await rm(copy, { recursive: true })
  }
}

/** 16 hex digits that depend on the path and content of every file. */
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
