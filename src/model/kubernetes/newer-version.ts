/** Whether a version of Kubernetes is newer than another one: `v1.36.4`, or `v1.36.3+k3s2` with the build of k3s. */
export function isNewerVersion(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0)
}

/** Of `v1.36.3+k3s2`: 1, 36, 3, 2. */
function numbers(version: string): readonly number[] {
  return (/^v(\d+)\.(\d+)\.(\d+)(?:.*\+k3s(\d+))?/.exec(version) ?? []).slice(1).map((number) => Number(number ?? 0))
}
