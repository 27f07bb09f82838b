import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleAgent } from '../../../scripts/bundle.ts'

const FILE = 'dist/keel-agent.js'

/**
 * The globalSetup in vitest for tests that run keel from its sources: it carries the agent's bundle, also where nobody
 * has built keel.
 */
export async function setup(): Promise<void> {
  if (!existsSync(fileURLToPath(new URL(`../../../${FILE}`, import.meta.url)))) await bundleAgent(FILE)
}
