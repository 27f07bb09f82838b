import { ExitCode, KeelError } from '../../errors.ts'
import type { K3sVersion } from '../brands.ts'

/** Kubernetes 1.x minors whose k3s flags are known (k3s-flags.json). */
const KNOWN_MINORS: readonly number[] = [33, 34, 35, 36]

/** What an inventory gets that names no version: the one that keel's own tests run. */
export const DEFAULT_VERSION = 'v1.34.4+k3s1'

/** Build metadata is free, so that a build of one's own (`+lookalike`) has a name. */
const FORM = /^v1\.(\d{1,3})\.(\d{1,3})(-[a-z0-9.-]+)?\+[a-z0-9][a-z0-9.-]*$/

/**
 * @throws KeelError `k3s-version` (exit 2): not of the form `v1.34.4+k3s1`, or a minor whose flags keel does not know.
 */
export function parseK3sVersion(text: string): K3sVersion {
  const match = FORM.exec(text)
  if (match === null) throw refused(text, "a version reads v1.34.4+k3s1: Kubernetes, then k3s's build")
  if (!KNOWN_MINORS.includes(Number(match[1]))) {
    throw refused(text, `keel knows the flags of ${KNOWN_MINORS.map((minor) => `1.${minor}`).join(', ')}`)
  }
  return text as K3sVersion
}

/** Kubernetes' minor of a k3s version, keel's or a host's: 34 of `v1.34.4+k3s1`; undefined for what is none. */
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
