import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Split, so that a verb pays only for what it imports; minified, because parsing is most of a CLI's start-up.
const root = fileURLToPath(new URL('..', import.meta.url))
await rm(`${root}dist`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts', 'src/index.ts', 'src/butane/index.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  sourcemap: true,
  sourcesContent: false,
  loader: { '.hbs': 'text' },
  // ssh2 looks for its native addon beside its own files
  external: ['ssh2'],
  // CommonJS dependencies inside an ES module need a require
  banner: { js: "import { createRequire as keelRequire } from 'node:module'; const require = keelRequire(import.meta.url);" },
  logLevel: 'warning',
})
