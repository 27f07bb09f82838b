import { ExitCode, KeelError } from '../../errors.ts'
import { ARCHS, type Arch } from '../cluster.ts'
import { quote } from '../names.ts'
import { systemdArch } from './systemd-arch.ts'

export const IMAGE_NAMES = ['k3s', 'kubernetes'] as const

/** A system extension image of a distribution of Kubernetes. */
export interface ImageKey {
  readonly name: (typeof IMAGE_NAMES)[number]
  readonly version: string
  readonly arch: Arch
}

const VERSIONS = {
  k3s: { form: /^v1\.\d{1,3}\.\d{1,3}(-[a-z0-9.]{1,32})?\+[a-z0-9][a-z0-9.]{0,31}$/, example: 'v1.36.3+k3s1' },
  kubernetes: { form: /^v1\.\d{1,3}\.\d{1,3}(-(alpha|beta|rc)\.\d{1,3})?$/, example: 'v1.36.3' },
} as const

/** Where a host keeps the images, as on Flatcar. */
export function imageFolder(name: ImageKey['name']): string {
  return `/opt/extensions/${name}`
}

/** `kubernetes-v1.36.3-x86-64.raw`: the form of Flatcar's sysext-bakery, which patterns of systemd-sysupdate match. */
export function imageFileName({ name, version, arch }: ImageKey): string {
  return `${name}-${version}-${systemdArch[arch]}.raw`
}

/** Undefined for a name that keel gives to no image. */
export function parseImageFileName(file: string): ImageKey | undefined {
  const [, name = '', version = '', suffix] = /^(k3s|kubernetes)-(.+)-(x86-64|arm64)\.raw$/.exec(file) ?? []
  const arch = ARCHS.find((one) => systemdArch[one] === suffix)
  const known = IMAGE_NAMES.find((one) => one === name)
  if (arch === undefined || known === undefined || !isVersionOf(known, version)) return undefined
  return { name: known, version, arch }
}

/** @throws KeelError `usage` (exit 2) for a name, a version or an architecture that no image has */
export function parseImageKey({
  image,
  version,
  arch = systemdArch.amd64,
}: {
  readonly image: string
  readonly version: string
  readonly arch?: string
}): ImageKey {
  const name = parseImageName(image)
  if (!isVersionOf(name, version)) throw refused(version, 'version', `the form of ${VERSIONS[name].example}`)
  const known = ARCHS.find((one) => systemdArch[one] === arch)
  if (known === undefined) throw refused(arch, '--arch', ARCHS.map((one) => systemdArch[one]).join(' and '))
  return { name, version, arch: known }
}

/** @throws KeelError `usage` (exit 2) */
export function parseImageName(text: string): ImageKey['name'] {
  const name = IMAGE_NAMES.find((one) => one === text)
  if (name === undefined) throw refused(text, 'image', IMAGE_NAMES.join(' and '))
  return name
}

/** Whether a text has the form of a release: `v1.36.3` of Kubernetes, `v1.36.3+k3s1` of k3s. */
export function isVersionOf(name: ImageKey['name'], text: string): boolean {
  return VERSIONS[name].form.test(text)
}

/** @throws KeelError `usage` (exit 2) */
export function parseCniVersion(text: string): string {
  if (/^v\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text)) return text
  throw refused(text, '--cni-version', 'the form of v1.9.1')
}

function refused(text: string, at: string, allowed: string): KeelError {
  return new KeelError({
    code: 'usage',
    at,
    found: `${quote(text)} is not possible here`,
    todo: `allowed: ${allowed}`,
    exit: ExitCode.Usage,
  })
}
