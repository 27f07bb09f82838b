import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

/**
 * The globalSetup in vitest for tests that run keel like its users: it builds the code under test. scripts/test.ts
 * makes one build for all of them.
 */
export async function setup(): Promise<void> {
  if (process.env.KEEL_IS_BUILT === 'yes') return
  await execa(process.execPath, ['scripts/build.ts'], { cwd: fileURLToPath(new URL('../../..', import.meta.url)) })
}
