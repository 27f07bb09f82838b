import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KeelError } from '../../errors.ts'
import { buildSources, type Sources } from '../machine/build-sources.ts'
import type { Work } from '../work.ts'

/** Upstream's Kubernetes for clusters of kubeadm, as test/kubernetes/build.sh makes it. */
export interface Kubernetes {
  /** `v1.36.3`. */
  readonly version: string
  readonly folder: string
  /** The programs for hosts in the layout of a mirror: KEEL_MIRROR, `keel sysext build --from`. */
  readonly releases: string
  /** The manifest of flannel. */
  readonly flannel: string
  /** What `kubeadm config images list` prints. */
  readonly images: readonly string[]
}

const sources: Sources = {
  path: 'test/kubernetes',
  name: 'kubernetes',
  program: 'images',
  note: 'building upstream’s Kubernetes for clusters of kubeadm; this takes minutes the first time',
  command: (from, into) => ['bash', join(from, 'build.sh'), into],
  failure: (output) =>
    new KeelError({
      code: 'lab-no-kubernetes',
      found: `Kubernetes could not be built:\n${output}`,
      why: 'a lab for kubeadm runs upstream’s own programs, and keel builds them from their Go modules',
      todo: 'install Go 1.26 or newer with access to its modules',
    }),
}

/**
 * Upstream's Kubernetes, built from test/kubernetes/ and cached by the hash of its sources.
 * @throws KeelError `lab-no-kubernetes` without Go, or with the end of the output of the build; `lab-busy` (exit 5)
 */
export async function ensureKubernetes(work: Work): Promise<Kubernetes> {
  const list = await buildSources(sources, work)
  const folder = dirname(list)
  const releases = join(folder, 'releases')
  const [version] = await readdir(join(releases, 'dl.k8s.io/release'))
  if (version === undefined) throw new Error(`no release of Kubernetes in ${releases}`)
  const images = (await readFile(list, 'utf8')).trim().split('\n')
  return { version, folder, releases, flannel: join(folder, 'kube-flannel.yml'), images }
}
