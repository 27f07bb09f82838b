import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kubernetesDownloads } from '../../../src/artifacts/pin-kubernetes.ts'
import type { Arch } from '../../../src/model/cluster.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { elfProgram } from './elf.ts'

interface Releases {
  readonly version?: string
  readonly cniVersion?: string
  readonly arch?: Arch
  /** Programs by name instead of those that no machine can run. */
  readonly programs?: Readonly<Record<string, Buffer>>
  /** The archive of the CNI plugins instead of one with two of them. */
  readonly archive?: Buffer
}

/** Writes a mirror of the releases of Kubernetes and the CNI plugins, with the layout and lists of the real ones. */
export function kubernetesReleases(folder: string, releases: Releases = {}): void {
  const { version = 'v1.36.3', cniVersion = 'v1.9.1', arch = 'amd64', programs = {} } = releases
  for (const { name, url } of kubernetesDownloads({ version, cniVersion, arch })) {
    const isArchive = url.endsWith('.tgz')
    const bytes = isArchive
      ? (releases.archive ?? cniArchive({ bridge: elfProgram('bridge', arch), loopback: elfProgram('loopback', arch) }))
      : (programs[name] ?? elfProgram(`${name} ${version} `.repeat(20_000), arch))
    const file = join(folder, url.slice('https://'.length))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    writeFileSync(`${file}.sha256`, `${sha256(bytes)}${isArchive ? `  ${url.slice(url.lastIndexOf('/') + 1)}\n` : ''}`)
  }
}

/** As the real archive has them: below `./`, with two texts among them. */
export function cniArchive(plugins: Readonly<Record<string, Buffer>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'keel-cni-'))
  for (const [name, bytes] of Object.entries({ ...plugins, LICENSE: Buffer.from('x'), 'README.md': Buffer.from('y') }))
    writeFileSync(join(folder, name), bytes, { mode: 0o755 })
  const flags = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-czf', '-']
  const archive = execFileSync('tar', [...flags, '.'], { cwd: folder })
  rmSync(folder, { recursive: true })
  return archive
}
