import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { KeelError } from '../../../src/errors.ts'
import { imageArchive } from '../../../src/lab/images/image-archive.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureKubernetes } from '../../../src/lab/kubernetes/kubernetes.ts'
import { kubernetesImages } from '../../../src/lab/kubernetes/kubernetes-images.ts'
import { rootTools } from '../../../src/lab/kubernetes/root-tools.ts'
import { ensureBuilt } from '../../../src/lab/machine/ensure-built.ts'
import { goEnvironment } from '../../../src/lab/machine/go-environment.ts'
import { ensureRoot } from '../../../src/lab/root/root.ts'
import { rootSpec } from '../../../src/lab/root/root-spec.ts'
import type { Work } from '../../../src/lab/work.ts'
import { sha256 } from '../../../src/model/digest.ts'

/**
 * A later version of the lab's Kubernetes: the same sources, linked with another version in them, which all programs
 * print and report. So a test of an upgrade sees every program replaced, and none that works otherwise.
 */
export interface NextKubernetes {
  readonly version: string
  /** In the layout of a mirror: `keel sysext build --from`. */
  readonly releases: string
  /** An archive of the images that change with the version, and of a pause that ends when kubeadm wants it to. */
  readonly images: string
}

const sources = fileURLToPath(new URL('../../kubernetes/', import.meta.url))
const script = fileURLToPath(new URL('./link-kubernetes.sh', import.meta.url))
const pauseSource = fileURLToPath(new URL('./pause/main.go', import.meta.url))
const nothing = new Uint8Array()

/** @param by how many patches it is later. With a warm cache of Go this takes a minute, and later runs nothing. */
export async function nextKubernetes(by: number): Promise<NextKubernetes> {
  const cache = cacheDirectory(process.env)
  const work = { env: process.env, cache, note: () => undefined, signal: new AbortController().signal }
  const base = await ensureKubernetes(work)
  const version = base.version.replace(/\d+$/, (patch) => `${Number(patch) + by}`)
  const program = await ensureBuilt(
    {
      name: 'kubernetes-next',
      key: `${basename(base.folder).replace('kubernetes-', '')}-${version}`,
      program: 'kubernetes',
      command: (into) => ['bash', script, sources, base.releases, version, into],
      env: goEnvironment,
      failure: (output) => new KeelError({ code: 'no-next-kubernetes', found: output }),
    },
    work,
  )
  const folder = dirname(program)
  const pause = await buildPause(work)
  const images = join(folder, `images-${basename(dirname(pause))}.tar`)
  if (!existsSync(images)) {
    const root = await ensureRoot(rootSpec(machineArch()), work)
    const tags = base.images
      .filter((tag) => tag.endsWith(`:${base.version}`) || basename(tag).startsWith('pause:'))
      .map((tag) => tag.replace(base.version, version))
    const others = { coredns: nothing, flanneld: nothing, installConf: nothing, flannel: nothing }
    const programs = { kubernetes: await readFile(program), tiny: await readFile(pause) }
    const parts = { ...others, ...programs, tools: await rootTools(root) }
    await writeFile(`${images}.${process.pid}`, imageArchive(kubernetesImages(tags, parts), machineArch()))
    await rename(`${images}.${process.pid}`, images)
  }
  return { version, releases: join(folder, 'releases'), images }
}

/** kubeadm asks for a Pod that comes to its end before it upgrades a cluster. */
async function buildPause(work: Work): Promise<string> {
  return ensureBuilt(
    {
      name: 'pause',
      key: sha256(await readFile(pauseSource)).slice(0, 16),
      program: 'pause',
      command: (into) => ['go', 'build', '-ldflags=-s -w', '-o', join(into, 'pause'), pauseSource],
      env: goEnvironment,
      failure: (output) => new KeelError({ code: 'no-pause', found: output }),
    },
    work,
  )
}
