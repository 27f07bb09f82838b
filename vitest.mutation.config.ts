import { defineConfig } from 'vitest/config'
import config from './vitest.config.ts'

const { projects: _, ...shared } = config.test ?? {}

/** Tests that judge other folders, or run keel as a whole: they are slow, and a mutant that survives runs every test that reaches it. */
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
const beside = [...folders, 'inventory/write/editors.test.ts', 'secrets/commands.test.ts']

export default defineConfig({
  ...config,
  test: {
    ...shared,
    include: ['test/fast/**/*.test.ts'],
    exclude: beside.map((path) => `test/fast/${path}{,/**}`),
    testTimeout: 60_000,
    // as the fast tests run: a mutant takes one process, not one for each file
    isolate: false,
  },
})
