import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { carriedFolder, copyCarried } from '../../carried.ts'
import type { Work } from '../work.ts'
import { type Build, ensureBuilt } from './ensure-built.ts'
import { goEnvironment } from './go-environment.ts'

/** Go sources that keel carries, and how to build a program of them. */
export interface Sources extends Pick<Build, 'name' | 'program' | 'note' | 'failure'> {
  /** Relative to the package. */
  readonly path: string
  readonly command: (sources: string, into: string) => readonly string[]
}

/**
 * A program of keel's own sources, cached by their hash.
 * @returns the path of the program
 * @throws KeelError `failure`; `lab-busy` (exit 5)
 */
export function buildSources({ path, command, ...build }: Sources, work: Work): Promise<string> {
  return withSources(path, work.cache, async (sources) =>
    ensureBuilt(
      {
        ...build,
        key: await digestOf(sources),
        command: (into) => command(sources, into),
        env: goEnvironment,
      },
      work,
    ),
  )
}

/** The single executable has the sources in memory. Go gets a copy, which is removed after the build. */
async function withSources<T>(path: string, cache: string, use: (sources: string) => Promise<T>): Promise<T> {
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
