import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

/** vitest's globalSetup of the tests that run keel as its users do: from a build of what is being tested. */
export async function setup(): Promise<void> {
  await execa(process.execPath, ['scripts/build.ts'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
}
