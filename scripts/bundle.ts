import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Makes keel's bundle. Split, so that a verb pays only for what it imports; minified, because parsing is most of a CLI's start-up.
 * @param outdir relative to the package, in it: what is not bundled is found in its node_modules
 */
export async function bundle(outdir: string): Promise<void> {
  await rm(`${root}${outdir}`, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts', 'src/index.ts', 'src/butane/index.ts'],
    outdir,
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
}
