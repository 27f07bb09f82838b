import { defineConfig } from 'vitest/config'
import { templateModule } from './scripts/handlebars.ts'

/** `fast` needs nothing but npm; `real` drives real programs (age, sshd, nix); `lab` boots hosts, one file at a time. */
export default defineConfig({
  resolve: { alias: { keel: new URL('./src/index.ts', import.meta.url).pathname } },
  plugins: [
    {
      name: 'as scripts/bundle.ts does',
      enforce: 'pre',
      transform: (code, id) => {
        if (id.endsWith('.hbs')) return { code: templateModule(code), map: null }
        return /src\/templates\/.*\.(sh|txt)$/.test(id)
          ? { code: `export default ${JSON.stringify(code)}`, map: null }
          : undefined
      },
    },
  ],
  test: {
    // an inventory is loaded by node itself, as a user's is, and not through vite's transforms
    server: { deps: { external: [/\/native-import\.ts$/] } },
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/fast/**/*.test.ts'], testTimeout: 20_000 } },
      { extends: true, test: { name: 'real', include: ['test/real/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/build-keel.ts',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
