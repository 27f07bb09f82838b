import { pathToFileURL } from 'node:url'
import { ExitCode, KeelError } from '../errors.ts'
import type { Env } from './env.ts'

/** Names a copy of what keel downloads, for networks from which the releases can't be reached. */
const MIRROR_VARIABLE = 'KEEL_MIRROR'

/** What keel downloads by itself begins with one of these. */
const RELEASES = [
  'https://dl.k8s.io/',
  'https://github.com/containernetworking/plugins/',
  'https://github.com/k3s-io/k3s/',
  'https://nodejs.org/dist/',
  'https://update.k3s.io/v1-release/',
] as const

/**
 * Where keel gets a file of a release: from the mirror, if there is one. The mirror has the name of the server as its
 * first folder, as `wget --force-directories` makes it: `https://dl.k8s.io/release/…` is at
 * `<mirror>/dl.k8s.io/release/…`. Other addresses come from the user and stay as they are. The lock file always has the
 * address of the release.
 * @throws KeelError `mirror` (exit 2) for a mirror that is no address
 */
export function mirrored(url: string, env: Env): string {
  return RELEASES.some((start) => url.startsWith(start)) ? inMirror(url, env) : url
}

/** The same for an `https:` address that the inventory names for all who deploy it: they may have a mirror. */
export function inMirror(url: string, env: Env): string {
  const mirror = env[MIRROR_VARIABLE]
  return mirror === undefined || mirror === '' ? url : `${checked(mirror)}/${url.slice('https://'.length)}`
}

/** An environment in which a folder of this machine is the mirror: `--from`. */
export function mirroredFrom(env: Env, folder: string | undefined): Env {
  return folder === undefined ? env : { ...env, [MIRROR_VARIABLE]: pathToFileURL(folder).href }
}

/** The message has no part of the value, because a password may be in it. */
function checked(mirror: string): string {
  const url = URL.canParse(mirror) ? new URL(mirror) : undefined
  const isPlain =
    url !== undefined &&
    ['http:', 'https:', 'file:'].includes(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === '')
  if (isPlain) return url.href.replace(/\/+$/, '')
  throw new KeelError({
    code: 'mirror',
    at: MIRROR_VARIABLE,
    found: 'this is not the address of a mirror',
    why: 'keel adds the path of a release to it',
    todo: 'write `https://…`, `http://…` or `file:///…`, without user, password, `?` and `#`',
    exit: ExitCode.Usage,
  })
}
