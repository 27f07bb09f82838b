import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/** Without a limit, as the kernel does for a tmpfs. */
const HALF = '50%'

/**
 * A file system in memory of its own: what is in it counts for the container that has written it, and never fills `/run`.
 * One that is there gets the limit.
 * @param limit in bytes
 */
export async function mountMemory(folder: string, limit: bigint | undefined): Promise<void> {
  const isThere = (await mountsBelow(folder)).includes(folder)
  const options = `${isThere ? 'remount,' : ''}size=${limit ?? HALF},nosuid,nodev`
  await run('mount', ['--no-mtab', '-t', 'tmpfs', '-o', options, 'keel-vkubelet', folder], { env })
}

/** Ends all that is mounted in a folder, so that nothing else than the folder is removed with it. */
export async function unmountBelow(folder: string): Promise<void> {
  // the last one first: it may be in one before it
  for (const one of (await mountsBelow(folder)).toReversed()) await run('umount', ['--no-mtab', '--', one], { env })
}

/** proc(5), mountinfo: the fifth field, in which octal codes stand for what would end it. */
async function mountsBelow(folder: string): Promise<readonly string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8')
  const points = text.split('\n').map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, plainCharacter))
  return points.filter((one) => one === folder || one.startsWith(`${folder}/`))
}

function plainCharacter(_whole: string, octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8))
}
