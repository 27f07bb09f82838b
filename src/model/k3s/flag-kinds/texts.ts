import { isDnsLabel, isDnsName, isSubdomain } from '../../addresses/dns-name.ts'
import { readIp } from '../../addresses/ip.ts'
import { parseCleanPath, parseFileOwner } from '../../host-paths/host-file-path.ts'
import { type Kind, matching, parsedBy, type Refusal } from './kind.ts'

export const path: Kind = parsedBy('an absolute path on the host', parseCleanPath)
export const group: Kind = parsedBy('a group by name or number', parseFileOwner)

const named = (allowed: string, is: (text: string) => boolean): Kind => ({
  allowed,
  read: (text) => (is(text) ? text : { why: `k3s takes ${allowed}` }),
})
export const namespace: Kind = named('a namespace: a-z, 0-9 and - inside, 63 characters at most', isDnsLabel)
export const objectName: Kind = named("a Secret's name: a-z, 0-9, - and . inside, 253 characters at most", isSubdomain)
export const nodeDnsName: Kind = named('DNS names in small letters', isSubdomain)

/**
 * Containerd's names of plugins (containerd/identifiers). The host's own configuration may have more than those of k3s.
 */
export const plugin: Kind = matching(
  'a name of containerd: letters, digits, . _ - inside',
  /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/,
  76,
)

/** distribution/reference: a name, with an optional registry, tag and digest. */
export const image: Kind = matching(
  'the name of a container image: registry.example/name:1.2',
  /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/,
  512,
)

/** A socket in a form that kubelet and k3s accept: `unix:///run/x.sock`, or its path. */
export const socket: Kind = {
  allowed: "a socket's path, or unix:// and the path",
  read(text) {
    const bare = text.replace(/^unix:\/\//, '')
    const read = path.read(bare)
    return typeof read === 'string' ? text : { ...read, why: "k3s takes a socket's path, or unix:// and the path" }
  },
}

/** The place of a registry, in the form that images use: no scheme, an optional port and folder. */
export const registry: Kind = {
  allowed: 'a registry as images name it: registry.example:5000',
  read(text) {
    const [place = '', ...folders] = text.split('/')
    if (isHostAndPort(place) && folders.every((folder) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(folder))) return text
    return schemeOf(text) ?? { why: 'k3s takes a registry in the form that images use: registry.example:5000' }
  },
}

/** minio-go accepts host and port. It fails with a scheme or a path. */
export const s3Endpoint: Kind = {
  allowed: 'a host, perhaps with a port: s3.example:9000',
  read: (text) =>
    isHostAndPort(text) ? text : (schemeOf(text) ?? { why: 'k3s takes a host, perhaps with a port: s3.example:9000' }),
}

/** minio-go, s3utils.CheckValidBucketName. */
export const bucket: Kind = {
  allowed: "a bucket's name: 3 to 63 letters, digits, . _ : or - inside",
  read(text) {
    const isName =
      /^[A-Za-z0-9][A-Za-z0-9._:-]{1,61}[A-Za-z0-9]$/.test(text) &&
      !/\.\.|\.-|-\./.test(text) &&
      readIp(text) === undefined
    return isName ? text : { why: "k3s takes a bucket's name: 3 to 63 letters, digits, . _ : or - inside" }
  },
}

/** `none`, or a URL with scheme and host (pkg/etcd/s3, GetClient). */
export const proxy: Kind = {
  allowed: "'none', or a URL: http://proxy.example:3128",
  read(text) {
    const [, place] = /^https?:\/\/([^/?#@\s]+)\/?$/.exec(text) ?? []
    if (text === 'none' || (place !== undefined && isHostAndPort(place))) return text
    if (/^[a-z]+:\/\/[^/]*@/.test(text)) return { why: 'the inventory would contain a login in clear text' }
    return { why: "k3s takes 'none', or a URL: http://proxy.example:3128" }
  },
}

/**
 * apimachinery, util/net, PortRange.Set: `from-to`, `from+more` or one port. 0 is not a port, and some programs read
 * 06443 as another number.
 */
export const portRange: Kind = {
  allowed: 'a range of ports from 1 to 65535: 30000-32767, 30000+2767',
  read(text) {
    const [, from, sign, second] = /^([1-9]\d{0,4})(?:([-+])(0|[1-9]\d{0,4}))?$/.exec(text) ?? []
    const low = Number(from)
    const high = sign === undefined ? low : Number(second) + (sign === '+' ? low : 0)
    return low <= high && high <= 65_535 ? text : { why: `k3s takes ${portRange.allowed}` }
  },
}

/** klog: `file=2,pattern*=4`. */
export const verbosities: Kind = matching(
  'file=level, more of them after commas',
  /^[^=,\s]+=\d{1,9}(,[^=,\s]+=\d{1,9})*$/,
)

/** A part of a file name. */
export const fileName: Kind = matching("a file's name: letters, digits, . _ -", /^[A-Za-z0-9][A-Za-z0-9._-]*$/, 100)

/** Paths, or certificates in base64, separated by blanks: pkg/etcd/s3, loadEndpointCAs. */
export const certificates: Kind = {
  allowed: 'a path on the host, or a certificate in base64',
  read(text) {
    const wrong = text
      .split(' ')
      .find((one) => !/^[A-Za-z0-9+/]{64,}={0,2}$/.test(one) && typeof path.read(one) !== 'string')
    return wrong === undefined ? text : { why: 'k3s takes a path on the host, or a certificate in base64' }
  },
}

/** Any text on one line. */
export const words: Kind = matching('a text', /./s)

/** `registry.example`, `registry.example:5000`, `[fd00::5]:5000`. */
export function isHostAndPort(text: string): boolean {
  const [, bracketed, plain = '', port = '1'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([1-9]\d{0,4}))?$/.exec(text) ?? []
  if (Number(port) > 65_535) return false
  return bracketed === undefined
    ? isDnsName(plain) || readIp(plain) !== undefined
    : readIp(bracketed)?.includes(':') === true
}

function schemeOf(text: string): Refusal | undefined {
  const [, bare] = /^[a-z][a-z0-9+.-]*:\/\/([^/@]+)\/?$/i.exec(text) ?? []
  return bare === undefined || !isHostAndPort(bare)
    ? undefined
    : { why: 'no scheme belongs before it', todo: `write '${bare}'` }
}
