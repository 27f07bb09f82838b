import { defineConfig } from 'vitest/config'
import config from './vitest.config.ts'

const { projects: _, ...shared } = config.test ?? {}

/**
 * Tests of other folders, or of keel as a whole. They are slow, and for a mutant that survives every test that reaches
 * it runs.
 */
const folders = [
  'architecture',
  'artifacts',
  'bench',
  'butane',
  'cli',
  'docs',
  'files',
  'fleet',
  'lab',
  'ssh',
  'sysext',
  'templates',
  'ui',
]
const beside = [...folders, 'secrets/commands.test.ts', 'secrets/add-node.test.ts']

export default defineConfig({
  ...config,
  test: {
    ...shared,
    globalSetup: 'test/support/agent/have-bundle.ts',
    include: ['test/fast/**/*.test.ts'],
    exclude: beside.map((path) => `test/fast/${path}{,/**}`),
    testTimeout: 60_000,
    // like the fast tests: a mutant needs one process, not one for each file
    isolate: false,
  },
})
