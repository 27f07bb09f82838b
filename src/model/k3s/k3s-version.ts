import { ExitCode, KeelError } from '../../errors.ts'
import type { K3sVersion } from '../brands.ts'

/** The Kubernetes 1.x minors whose k3s flags keel knows (k3s-flags.json). */
export const KNOWN_MINORS: readonly number[] = [33, 34, 35, 36]

/**
 * The version of a new inventory, and of one that names none: of the newest minor that keel knows and upstream supports
 * (support-window.ts). keel's own tests run this one.
 */
export const DEFAULT_VERSION = 'v1.36.3+k3s1'

/** The build metadata is free, so that you can name a build of your own (`+lookalike`). */
const FORM = /^v1\.(\d{1,3})\.(\d{1,3})(-[a-z0-9.-]+)?\+[a-z0-9][a-z0-9.-]*$/

/**
 * @throws KeelError `k3s-version` (exit 2): not of the form `v1.36.3+k3s1`, or a minor whose flags keel does not know.
 */
export function parseK3sVersion(text: string): K3sVersion {
  const match = FORM.exec(text)
  if (match === null) throw refused(text, 'the form is v1.36.3+k3s1: the version of Kubernetes, then the build of k3s')
  if (!KNOWN_MINORS.includes(Number(match[1]))) {
    throw refused(text, `keel knows the flags of ${KNOWN_MINORS.map((minor) => `1.${minor}`).join(', ')}`)
  }
  return text as K3sVersion
}

/**
 * The Kubernetes minor of a k3s version, from keel or from a host: 34 for `v1.36.3+k3s1`. Undefined if it is not a
 * version.
 */
export function minorOf(version: string): number | undefined {
  const minor = /^v1\.(\d+)\./.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

function refused(text: string, why: string): KeelError {
  return new KeelError({
    code: 'k3s-version',
    found: `'${text}' is not a version that keel can deploy`,
    why,
    exit: ExitCode.Usage,
  })
}
