import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { whyNotMade } from '../units/mount-point.ts'

/** Folders that are a unit's own (sandbox-settings.ts): nothing is made on the host there. */
const OF_UNIT = /^\/(run|tmp|var\/(run|tmp)|dev|proc|sys)(\/|$)/

/** @returns why a container can't have a mount at a path now; undefined where it can */
export async function lacksMountPoint(path: string): Promise<string | undefined> {
  if (OF_UNIT.test(path)) return undefined
  for (let there = path; ; there = dirname(there)) {
    if ((await lstat(there).catch(() => undefined)) === undefined) continue
    const real = await realpath(there).catch(() => undefined)
    // systemd would make what it leads to
    if (real === undefined) return `${there} on the host is a link that leads nowhere`
    return there === path ? undefined : whyNotMade(join(real, path.slice(there.length)))
  }
}
