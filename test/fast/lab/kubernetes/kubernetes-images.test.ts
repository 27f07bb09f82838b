import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CNI_VERSION } from '../../../../src/artifacts/pin-kubernetes.ts'
import { type ImageParts, imagesIn, kubernetesImages } from '../../../../src/lab/kubernetes/kubernetes-images.ts'
import { librariesIn } from '../../../../src/lab/kubernetes/root-tools.ts'
import { DEFAULT_KUBERNETES } from '../../../../src/model/kubeadm/kubernetes-version.ts'

const text = (content: string) => new TextEncoder().encode(content)
const parts: ImageParts = {
  kubernetes: text('kubernetes'),
  coredns: text('coredns'),
  flanneld: text('flanneld'),
  installConf: text('install-conf'),
  flannel: text('flannel'),
  tiny: text('tiny'),
  tools: [{ path: 'usr/sbin/iptables', target: 'xtables-nft-multi' }],
}
/** What `kubeadm config images list --kubernetes-version v1.36.3` prints. */
const listed = [
  'registry.k8s.io/kube-apiserver:v1.36.3',
  'registry.k8s.io/kube-controller-manager:v1.36.3',
  'registry.k8s.io/kube-scheduler:v1.36.3',
  'registry.k8s.io/kube-proxy:v1.36.3',
  'registry.k8s.io/coredns/coredns:v1.14.2',
  'registry.k8s.io/pause:3.10.2',
  'registry.k8s.io/etcd:3.6.8-0',
]

describe('the images of a kubeadm lab', () => {
  test('have upstream’s names, and the program that each name promises', () => {
    const images = kubernetesImages(listed, parts)
    expect(images.map(({ tag }) => tag)).toEqual(listed)
    const programs = images.map(({ tag, layers }) => {
      const paths = layers.flat().map(({ path }) => path)
      const name = /([^/:]+):/.exec(tag)?.[1] ?? ''
      return [name, paths.some((path) => path.endsWith(`/${name}`) || path === name)]
    })
    // the first process of a Pod is the lab's own program
    expect(programs.filter(([, isThere]) => !isThere)).toEqual([['pause', false]])
  })

  test('share the one layer of Kubernetes, which a host then has once', () => {
    const images = kubernetesImages(listed, parts)
    const first = images.filter(({ tag }) => /kube-|etcd/.test(tag)).map(({ layers }) => layers[0])
    expect(new Set(first).size).toBe(1)
    expect(first).toHaveLength(5)
  })

  test('only those whose program calls iptables have Debian’s', () => {
    const tags = [...listed, 'ghcr.io/flannel-io/flannel:v0.28.9']
    const images = kubernetesImages(tags, parts).filter(({ layers }) => layers.includes(parts.tools))
    expect(images.map(({ tag }) => tag)).toEqual([
      'registry.k8s.io/kube-proxy:v1.36.3',
      'ghcr.io/flannel-io/flannel:v0.28.9',
    ])
  })

  test('an image that nobody has foreseen is an error, not a lab without it', () => {
    expect(() => kubernetesImages(['registry.k8s.io/kube-dns:1'], parts)).toThrow('kube-dns:1')
  })
})

test('the images of a manifest, each once', () => {
  const manifest = `      initContainers:
      - name: install
        image: ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3
      containers:
      - image: ghcr.io/flannel-io/flannel:v0.28.9
      - name: again
        image: ghcr.io/flannel-io/flannel:v0.28.9
`
  expect(imagesIn(manifest)).toEqual([
    'ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3',
    'ghcr.io/flannel-io/flannel:v0.28.9',
  ])
})

test('the libraries that ldd names, where Debian 12 has them', () => {
  const ldd = `/usr/sbin/nft:
\tlinux-vdso.so.1 (0x00007ffd0a5f2000)
\tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f0e)
\tlibc.so.6 => /usr/lib/x86_64-linux-gnu/libc.so.6 (0x00007f0c)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f1a)
/usr/bin/cp:
\tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f0e)
`
  expect(librariesIn(ldd)).toEqual([
    '/usr/lib/x86_64-linux-gnu/libc.so.6',
    '/usr/lib/x86_64-linux-gnu/libmnl.so.0',
    '/usr/lib64/ld-linux-x86-64.so.2',
  ])
})

describe('the lab builds what keel takes by default', () => {
  const versionIn = (file: string, module: string) =>
    new RegExp(`\\b${module} (v\\S+)`).exec(
      readFileSync(new URL(`../../../kubernetes/${file}`, import.meta.url), 'utf8'),
    )?.[1]

  test('the version of Kubernetes of a new inventory', () => {
    expect(versionIn('go.mod', 'k8s.io/kubernetes')).toBe(DEFAULT_KUBERNETES)
  })

  test('the release of the CNI plugins', () => {
    expect(versionIn('addons/go.mod', 'github.com/containernetworking/plugins')).toBe(CNI_VERSION)
  })
})
