import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { templateModule } from './handlebars.ts'
import { bundledPackages, LICENCES_FILE, licencesOf } from './licences.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** In dist/, made by `npm run build:executable` from the bundle; it stays when the bundle is made again. */
export const EXECUTABLES = 'executable'

/** Makes all that a package of keel contains, in dist/. */
export async function bundleAll(): Promise<void> {
  const packages = [...(await bundle('dist')), ...(await bundleAgent('dist/keel-agent.js'))]
  await writeLicences('dist', packages)
}

/**
 * Makes keel's bundle. Split, so that a verb pays only for what it imports; minified, because parsing is most of a
 * CLI's start-up, all but the names: a report of a bug shows them, and esbuild's `keepNames` costs a call a function.
 * @param outdir relative to the package, in it
 * @param entryPoints name in `outdir` → source, relative to the package
 * @returns the packages in it, as `bundledPackages`
 */
export async function bundle(
  outdir: string,
  entryPoints: Readonly<Record<string, string>> = {
    cli: 'src/cli.ts',
    index: 'src/index.ts',
    'butane/index': 'src/butane/index.ts',
  },
): Promise<readonly string[]> {
  await mkdir(join(root, outdir), { recursive: true })
  const old = (await readdir(join(root, outdir))).filter((name) => name !== EXECUTABLES)
  await Promise.all(old.map((name) => rm(join(root, outdir, name), { recursive: true })))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    sourcemap: true,
    sourcesContent: false,
    loader: { '.sh': 'text', '.txt': 'text' },
    metafile: true,
    // ssh2 looks there for programs of Windows', and its WebAssembly (which is in its text) for a file
    define: { __dirname: '""', __filename: '""' },
    plugins: [templates, builtins, gathered, ownKeys, withoutNative],
    alias: asModules,
    logLevel: 'warning',
  })
  const packages = bundledPackages(metafile)
  await writeLicences(outdir, packages)
  return packages
}

async function writeLicences(outdir: string, packages: readonly string[]): Promise<void> {
  const once = [...new Set(packages)].toSorted()
  await writeFile(join(root, outdir, LICENCES_FILE), await licencesOf(once, root))
}

/**
 * The keel-agent's program: one file, because it is an artifact that hosts get, and has a hash of its own.
 * @param outfile relative to the package
 * @returns the packages in it, as `bundledPackages`
 */
export async function bundleAgent(outfile: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/on-host.ts'],
    outfile,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    metafile: true,
    // ws looks for two packages that make it faster: node itself has the one, and this is the other
    define: { 'process.env.WS_NO_BUFFER_UTIL': '""', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    plugins: [builtins],
    alias: { ...asModules, bufferutil: './src/vkubelet/server/unmask.ts' },
    logLevel: 'warning',
  })
  return bundledPackages(metafile)
}

/** The half that is not used stays out, and the other half starts sooner. */
const asModules = { yaml: './node_modules/yaml/browser/dist/index.js' }

const templates: Plugin = {
  name: 'templates',
  setup({ onLoad }) {
    onLoad({ filter: /\.hbs$/ }, async ({ path }) => ({ contents: templateModule(await readFile(path, 'utf8')) }))
  },
}

/**
 * Node's own modules, without importing them: an import reads every property to export it, and some (`process.stdin`,
 * `fs.promises`) load a good deal of node, 10 ms of each run. Inside every file that asks, so that none becomes a file
 * of the bundle.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z]+)?$/ }, ({ path, importer, kind }) =>
      isBuiltin(path)
        ? {
            path: path.replace(/^node:/, ''),
            namespace: 'builtin',
            suffix: `?${kind} ${importer}`,
            pluginData: kind,
            sideEffects: false,
          }
        : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path, suffix, pluginData: kind }) => {
      const builtin = `process.getBuiltinModule('node:${path}')`
      // for sub-commands that are programs of their own, which keel has not: loading it takes 3 ms
      if (path === 'child_process' && suffix.includes('/commander/')) return { contents: 'export default {}' }
      if (kind === 'require-call') return { contents: `module.exports = ${builtin}` }
      const exported = Object.entries(process.getBuiltinModule(path) ?? {})
        .filter(([name]) => /^\w+$/.test(name) && name !== 'default')
        .map(([name, value]) =>
          CALLED_LATE.includes(path) && typeof value === 'function' && /^[a-z]/.test(name)
            ? `export const ${name} = (...args) => ${builtin}.${name}(...args)`
            : `export const ${name} = /* @__PURE__ */ (() => ${builtin}.${name})()`,
        )
      return { contents: [`export default /* @__PURE__ */ (() => ${builtin})()`, ...exported].join('\n') }
    })
  },
}

/**
 * Loaded when one of their functions is called, for most of keel imports one of them and few commands call it: 2 to 5
 * ms each.
 */
const CALLED_LATE: readonly string[] = ['crypto', 'fs/promises', 'net']

/**
 * What every run loads is a file or two of the bundle, and what `keel render` loads besides another one: not thirty, of
 * which each takes node half a millisecond. esbuild puts modules together that the same entries reach, and an entry is
 * whatever is imported with `import()`: so each of those reaches all that cli.ts does, and most reach all that render
 * does, which most verbs need anyway.
 */
const gathered: Plugin = {
  name: 'gathered',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' ? { path: join(resolveDir, path), namespace: 'loaded-later' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'loaded-later' }, ({ path }) => {
      const reached = ['src/cli.ts', ...(APART.test(path) ? [] : ['src/commands/render.ts'])]
      return {
        contents: [...reached.map((file) => `import './${file}'`), `export * from '${path}'`].join('\n'),
        resolveDir: root,
      }
    })
  },
}

/** The command line and the help, and the one verb that needs no inventory. */
const APART = /\/(command-line|butane|help(\/[a-z-]+)?)\.ts$/

/**
 * age-encryption's kinds of keys, none of which keel asks for, as it has its own: the curves behind them are half of
 * what the library loads.
 */
const ownKeys: Plugin = {
  name: 'own-keys',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/recipients\.js$/ }, ({ path, importer, resolveDir }) =>
      importer.includes('/age-encryption/') ? { path: join(resolveDir, path), namespace: 'unasked' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'unasked' }, async ({ path }) => {
      const names = Object.keys(await import(path))
      return { contents: names.map((name) => `export const ${name} = undefined`).join('\n') }
    })
  },
}

/**
 * ssh2's two native parts, which it does without: node's own crypto has the ciphers. So the package installs without a
 * compiler, and without what it would download to compile (Node's headers).
 */
const withoutNative: Plugin = {
  name: 'without-native',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: 'native' }))
    onLoad({ filter: /./, namespace: 'native' }, () => ({ contents: "throw new Error('not bundled')" }))
  },
}
