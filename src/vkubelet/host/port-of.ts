import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import { type Listener, listenersIn } from '../forward/listeners.ts'
import { cgroupOf } from './cgroup-of.ts'
import { mainProcess } from './look-at.ts'

/**
 * Where one of some units listens on a port. A port that another program of the host has is not theirs, and nobody who may
 * forward a port of a Pod gets to it.
 */
export async function portOf(units: readonly string[], port: number): Promise<Listener | undefined> {
  const texts = await Promise.all(['tcp', 'tcp6'].map((name) => unlessGone(readFile(`/proc/net/${name}`, 'utf8'))))
  const listeners = texts.flatMap((text) => listenersIn(text ?? '')).filter((one) => one.port === port)
  if (listeners.length === 0) return undefined
  const byLink = new Map(listeners.map((one) => [`socket:[${one.inode}]`, one]))
  for (const pid of await processesOf(units)) {
    const folder = `/proc/${pid}/fd`
    for (const name of (await unlessGone(readdir(folder))) ?? []) {
      const found = byLink.get((await unlessGone(readlink(join(folder, name)))) ?? '')
      if (found !== undefined) return found
    }
  }
  return undefined
}

async function processesOf(units: readonly string[]): Promise<readonly number[]> {
  const all = await Promise.all(
    units.map(async (unit) => {
      const main = await mainProcess(unit)
      if (main === undefined) return []
      const folders = (await unlessGone(cgroupOf(main))) ?? []
      // in systemd's own hierarchy, whatever the others are
      return processesIn(folders.find(({ path }) => path.endsWith(`/${unit}`))?.folder, main)
    }),
  )
  return [...new Set(all.flat())]
}

/** All processes of a cgroup; without one, the main process alone. */
export async function processesIn(folder: string | undefined, main: number): Promise<readonly number[]> {
  const text = folder === undefined ? undefined : await unlessGone(readFile(join(folder, 'cgroup.procs'), 'utf8'))
  return text === undefined
    ? [main]
    : text.split('\n').flatMap((line) => (/^[1-9]\d*$/.test(line) ? [Number(line)] : []))
}

async function unlessGone<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'ENODEV', 'EACCES')) return undefined
    throw error
  }
}
