import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

/**
 * vitest's globalSetup of the tests that run keel as its users do: from a build of what is being tested.
 * scripts/test.ts makes one for all of them.
 */
export async function setup(): Promise<void> {
  if (process.env.KEEL_IS_BUILT === 'yes') return
  await execa(process.execPath, ['scripts/build.ts'], { cwd: fileURLToPath(new URL('../../..', import.meta.url)) })
}
