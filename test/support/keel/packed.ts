import { cpSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const parts = [
  'package.json',
  'tsconfig.json',
  'bin',
  'schema',
  'src',
  'scripts',
  'docs',
  'README.md',
  'test/kubernetes',
  'test/lookalike',
  'test/nixos',
]

/**
 * What `npm publish` would publish. Packed from `copy`, a copy of the repository: other tests run this folder's dist
 * meanwhile.
 * @param scratch an empty folder
 * @returns the path of the package; `copy` is in `scratch`
 */
export async function packed(scratch: string): Promise<string> {
  const copy = join(scratch, 'copy')
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  await execa('npm', ['pack', '--pack-destination', scratch], { cwd: copy, preferLocal: true, localDir: root })
  return join(scratch, readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '')
}
