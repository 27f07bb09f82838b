import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { type Image, imageArchive, type TarEntry } from '../images/image-archive.ts'
import { labImages } from '../images/images.ts'
import type { Kubernetes } from './kubernetes.ts'
import { rootTools } from './root-tools.ts'

/** What is in the images. */
export interface ImageParts {
  /** The programs of Kubernetes and etcd in one file: the name by which it was started says which one it is. */
  readonly kubernetes: Uint8Array
  readonly coredns: Uint8Array
  readonly flanneld: Uint8Array
  readonly installConf: Uint8Array
  /** flannel's CNI plugin. */
  readonly flannel: Uint8Array
  /** The lab's own program, which can be the first process of a Pod. */
  readonly tiny: Uint8Array
  /** Debian's iptables, nft and cp. */
  readonly tools: readonly TarEntry[]
}

/** The programs of the images that kubeadm runs. `etcd` has a second one, which upstream's image also has. */
const PROGRAMS = {
  'kube-apiserver': ['kube-apiserver'],
  'kube-controller-manager': ['kube-controller-manager'],
  'kube-scheduler': ['kube-scheduler'],
  'kube-proxy': ['kube-proxy'],
  etcd: ['etcd', 'etcdctl'],
} as const

/**
 * The images that kubeadm and flannel's manifest name, with upstream's names and tags, so that no host pulls any.
 * @param tags as kubeadm and the manifest have them
 * @throws Error for an image that keel does not know
 */
export function kubernetesImages(tags: readonly string[], parts: ImageParts): readonly Image[] {
  const file = (path: string, content: Uint8Array) => ({ path, content, mode: 0o755 })
  const accounts = {
    path: 'etc/passwd',
    content: Buffer.from('root:x:0:0::/:\nnobody:x:65534:65534::/:\n'),
    mode: 0o644,
  }
  const names = Object.values(PROGRAMS).flat()
  const kubernetes: readonly TarEntry[] = [
    accounts,
    file('usr/local/bin/kubernetes', parts.kubernetes),
    ...names.map((name) => ({ path: `usr/local/bin/${name}`, target: 'kubernetes' })),
  ]
  const images: Readonly<Record<string, Omit<Image, 'tag'>>> = {
    'kube-apiserver': { layers: [kubernetes] },
    'kube-controller-manager': { layers: [kubernetes] },
    'kube-scheduler': { layers: [kubernetes] },
    'kube-proxy': { layers: [kubernetes, parts.tools] },
    etcd: { layers: [kubernetes] },
    coredns: { layers: [[accounts, file('coredns', parts.coredns)]], entrypoint: ['/coredns'] },
    pause: { layers: [[accounts, file('tiny', parts.tiny)]], entrypoint: ['/tiny', 'pause'], user: '65535:65535' },
    flannel: {
      layers: [
        parts.tools,
        [accounts, file('opt/bin/flanneld', parts.flanneld), file('opt/bin/install-conf', parts.installConf)],
      ],
      entrypoint: ['/opt/bin/flanneld'],
    },
    'flannel-cni-plugin': { layers: [parts.tools, [accounts, file('flannel', parts.flannel)]] },
  }
  return tags.map((tag) => {
    const image = images[basename(tag).replace(/:.*$/, '')]
    if (image === undefined) throw new Error(`keel makes no image ${tag} for its lab`)
    return { tag, ...image }
  })
}

/** The images in flannel's manifest. */
export function imagesIn(manifest: string): readonly string[] {
  const found = [...manifest.matchAll(/^\s*(?:- )?image: *(\S+)$/gm)].map(([, image = '']) => image)
  return [...new Set(found)]
}

/**
 * One archive of all images that a host of such a lab has: those of Kubernetes and flannel, and the lab's own. In the
 * cache, beside the programs.
 * @param tiny the lab's own program
 * @returns its path, and the names of the images
 */
export async function ensureKubernetesImages(
  kubernetes: Kubernetes,
  { root, tiny, arch }: { readonly root: string; readonly tiny: string; readonly arch: Arch },
): Promise<{ readonly path: string; readonly tags: string[] }> {
  const tags = [...kubernetes.images, ...imagesIn(await readFile(kubernetes.flannel, 'utf8'))]
  const own = await readFile(tiny)
  const lab = labImages(own)
  // the names of root and folder are hashes of their contents
  const key = JSON.stringify([basename(root), sha256(own), kubernetesImages(tags, noParts)])
  const path = join(kubernetes.folder, `images-${sha256(key).slice(0, 16)}.tar`)
  if (!existsSync(path)) {
    const program = (name: string) => readFile(join(kubernetes.folder, 'programs', name))
    const parts: ImageParts = {
      kubernetes: await program('kubernetes'),
      coredns: await program('coredns'),
      flanneld: await program('flanneld'),
      installConf: await program('install-conf'),
      flannel: await program('flannel'),
      tiny: own,
      tools: await rootTools(root),
    }
    await writeFile(`${path}.${process.pid}`, imageArchive([...kubernetesImages(tags, parts), ...lab], arch))
    await rename(`${path}.${process.pid}`, path)
  }
  return { path, tags: [...tags, ...lab.map(({ tag }) => tag)] }
}

const nothing = new Uint8Array()
const noParts: ImageParts = {
  kubernetes: nothing,
  coredns: nothing,
  flanneld: nothing,
  installConf: nothing,
  flannel: nothing,
  tiny: nothing,
  tools: [],
}
