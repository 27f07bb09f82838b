/** A release of containerd: `[1, 7, 28]`. */
export type ContainerdVersion = readonly [major: number, minor: number, patch: number]

/**
 * The oldest patch of each minor of containerd that its developers test with a minor of Kubernetes 1.x. A later minor of
 * containerd takes that Kubernetes as well.
 * @see https://github.com/containerd/containerd/blob/main/RELEASES.md "Kubernetes Support", read on 2026-11-28
 */
const TESTED: Readonly<Record<number, readonly ContainerdVersion[]>> = {
  34: [
    [1, 6, 39],
    [1, 7, 28],
    [2, 0, 6],
    [2, 1, 3],
  ],
  35: [
    [1, 7, 28],
    [2, 1, 5],
    [2, 2, 0],
  ],
  36: [
    [2, 2, 0],
    [2, 3, 0],
  ],
}

/** What does not work, with the first minor of Kubernetes 1.x where that is so. */
const BROKEN: readonly { readonly from: number; readonly needs: ContainerdVersion; readonly why: string }[] = [
  {
    // kubernetes.io/blog/2022/11/18/upcoming-changes-in-kubernetes-1-26, "The removal of CRI v1alpha2"
    from: 26,
    needs: [1, 6, 0],
    why: 'kubelet speaks CRI v1, which containerd has since 1.6.0',
  },
  {
    // k8s.io/kubernetes cmd/kubeadm/app/preflight: a warning from 1.35, an error from 1.37
    from: 37,
    needs: [2, 0, 0],
    why: 'kubeadm asks for the cgroup driver (RuntimeConfig), which containerd answers since 2.0.0',
  },
]

export type ContainerdSupport =
  | { readonly kind: 'supported' }
  /** It works, but its developers do not test it with this Kubernetes. */
  | { readonly kind: 'untested'; readonly tested: readonly string[]; readonly breaksFrom?: number }
  | { readonly kind: 'too-old'; readonly needs: string; readonly why: string }

/** @param text as containerd says it: `1.6.20~ds1`, `v2.1.5`. Undefined if it has another form. */
export function readContainerdVersion(text: string): ContainerdVersion | undefined {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d.])/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

/** Whether a containerd runs a minor of Kubernetes 1.x (36). A minor that the table does not have is no fault. Pure. */
export function containerdSupport(version: ContainerdVersion, kubernetes: number): ContainerdSupport {
  const broken = BROKEN.find(({ from, needs }) => kubernetes >= from && isOlder(version, needs))
  if (broken !== undefined) return { kind: 'too-old', needs: textOf(broken.needs), why: broken.why }
  const row = TESTED[kubernetes] ?? []
  const newest = row.at(-1)
  if (newest === undefined) return { kind: 'supported' }
  const ofLine = row.find((one) => isSameLine(one, version))
  const isTested = ofLine === undefined ? !isOlder(version, newest) : !isOlder(version, ofLine)
  if (isTested) return { kind: 'supported' }
  const breaks = BROKEN.find(({ from, needs }) => kubernetes < from && isOlder(version, needs))
  return {
    kind: 'untested',
    tested: row.map(textOf),
    ...(breaks === undefined ? {} : { breaksFrom: breaks.from }),
  }
}

/**
 * The image of the process that holds a Pod's network, as kubeadm of a minor expects it. Undefined for a minor that the
 * table does not have.
 * @see `kubeadm config images list` of 1.34.4, 1.35.4 and 1.36.3
 */
export function pauseImageFor(kubernetes: number): string | undefined {
  const version = PAUSE[kubernetes]
  return version === undefined ? undefined : `registry.k8s.io/pause:${version}`
}

const PAUSE: Readonly<Record<number, string>> = { 34: '3.10.1', 35: '3.10.1', 36: '3.10.2' }

function isSameLine([major, minor]: ContainerdVersion, [otherMajor, otherMinor]: ContainerdVersion): boolean {
  return major === otherMajor && minor === otherMinor
}

/** Whether the first is older than the second. */
export function isOlder(one: ContainerdVersion, other: ContainerdVersion): boolean {
  const at = one.findIndex((part, index) => part !== other[index])
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0)
}

function textOf(version: ContainerdVersion): string {
  return version.join('.')
}
