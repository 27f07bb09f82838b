import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { execa } from 'execa'
import { MODES } from '../../src/carried.ts'
import { LICENCES_FILE } from '../licences.ts'
import { carriedFiles } from './carried-files.ts'
import { unpackNode } from './node-program.ts'
import type { Target } from './target.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where Node's program says whether it has a script of its own (Node's documentation, Single executable applications). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * keel as one program: Node, and in it, as Node's own support for this wants it, a script and assets. The same sources
 * give the same bytes. Beside it are its checksum and the licences of what is in it.
 * @param out exists
 * @returns the path of the program; dist/ is built
 */
export async function makeExecutable(target: Target, out: string): Promise<string> {
  const program = join(out, `keel-${target.platform}-${target.arch}`)
  const work = await mkdtemp(join(out, '.making-'))
  try {
    await Promise.all([unpackNode(target, work), writeBlob(work)])
    const isMac = target.platform === 'darwin'
    const node = join(work, 'node')
    const segment = isMac ? ['--macho-segment-name', 'NODE_SEA'] : []
    await execa('postject', [node, 'NODE_SEA_BLOB', join(work, 'blob'), '--sentinel-fuse', FUSE, ...segment], {
      preferLocal: true,
      localDir: root,
    })
    // macOS starts no program whose signature is missing or does not fit
    if (isMac) await execa('codesign', ['--force', '--sign', '-', node])
    await chmod(node, 0o755)
    const digest = createHash('sha256').update(await readFile(node))
    await writeFile(`${program}.sha256`, `${digest.digest('hex')}  keel-${target.platform}-${target.arch}\n`)
    const licences = await Promise.all(
      [join(root, 'dist', LICENCES_FILE), join(work, 'LICENSE')].map((path) => readFile(path, 'utf8')),
    )
    await writeFile(join(out, LICENCES_FILE), licences.join(`\n${'='.repeat(79)}\nNode.js\n\n`))
    await rename(node, program)
    return program
  } finally {
    await rm(work, { recursive: true })
  }
}

/** What Node finds in itself when it starts. For every machine the same, so without V8's compiled code. */
async function writeBlob(work: string): Promise<void> {
  const modes = carriedFiles(root)
  await writeFile(join(work, MODES), JSON.stringify(modes))
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/executable/main.ts'],
    outfile: join(work, 'main.cjs'),
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  })
  const config = {
    // relative, because Node keeps the name
    main: 'main.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    // as the first line of bin/keel.js; the warning is about the way in which main.ts imports
    execArgv: ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'],
    // keel's options are keel's, and NODE_OPTIONS, which can name a script to run first, is for others
    execArgvExtension: 'none',
    assets: {
      [MODES]: join(work, MODES),
      ...Object.fromEntries(Object.keys(modes).map((path) => [path, join(root, path)])),
    },
  }
  await writeFile(join(work, 'sea.json'), JSON.stringify(config))
  await execa(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: work })
}
