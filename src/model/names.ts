import { ExitCode, KeelError } from '../errors.ts'
import { isDnsName, isSubdomain } from './addresses/dns-name.ts'
import type { HostName, SecretName } from './brands.ts'

/** Groups that `readers` may contain without a definition. They come from the roles of the hosts. */
export const READER_GROUPS = ['admins', 'servers', 'agents', 'firstServer'] as const
export type ReaderGroup = (typeof READER_GROUPS)[number]

/** The name of a Node (RFC 1123 subdomain). It must also fit into the label kubernetes.io/hostname. */
export function parseHostName(text: string): HostName {
  if (text.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)) {
    throw refused(
      'host-name',
      text,
      'the name of a host and its Node has a-z and 0-9, with - and . inside, at most 63 characters',
    )
  }
  if (isReaderGroup(text)) throw refused('host-name', text, 'in `readers` this is the name of a group')
  refuseInherited('host-name', text)
  return text as HostName
}

export function parseSecretName(text: string): SecretName {
  if (!/^[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?$/.test(text)) {
    throw refused(
      'secret-name',
      text,
      'the name of a secret and its file has a-z and 0-9, with . _ - inside, at most 128 characters',
    )
  }
  refuseInherited('secret-name', text)
  return text as SecretName
}

export function parseAdminName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$/.test(text)) {
    throw refused('admin-name', text, 'the name of an admin has letters, digits and _ . @ -, at most 63 characters')
  }
  if (isReaderGroup(text)) throw refused('admin-name', text, 'in `readers` this is the name of a group')
  refuseInherited('admin-name', text)
  return text
}

/** A word that groups hosts on the command line (`--tag`). @throws KeelError `tag` (exit 2). */
export function parseTag(text: string): string {
  if (!/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(text)) {
    throw refused('tag', text, 'a tag has a-z and 0-9, with . _ - inside, at most 63 characters')
  }
  return text
}

/** @throws KeelError `cluster-name`. The name becomes part of names of contexts, certificates and labels. */
export function parseClusterName(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) {
    throw refused('cluster-name', text, 'the name of a cluster has a-z and 0-9, with - inside, at most 63 characters')
  }
  return text
}

/** The cluster's DNS domain. @throws KeelError `domain` (exit 2). */
export function parseDomain(text: string): string {
  if (!isSubdomain(text) || !isDnsName(`kubernetes.default.svc.${text}`)) {
    throw refused(
      'domain',
      text,
      'a DNS domain in small letters: cluster.local; 63 characters between dots, 230 in all',
    )
  }
  return text
}

/**
 * Linux: IFNAMSIZ is 16 with its final zero, and dev_valid_name forbids the slash, the colon and white space. keel
 * accepts fewer characters, because the name is in units, rules, configurations and scripts. All usual names of
 * interfaces consist of these characters.
 */
export function parseInterfaceName(text: string): string {
  if (!/^[^\s/:]{1,15}$/.test(text) || text === '.' || text === '..' || text.startsWith('-')) {
    throw refused(
      'interface-name',
      text,
      'the name of a network interface has 1 to 15 characters, without white space, / or :',
    )
  }
  if (!/^[A-Za-z0-9_.@-]+$/.test(text)) {
    throw refused('interface-name', text, 'keel accepts letters, digits and _ . @ - in the name of an interface')
  }
  return text
}

/** `constructor`, `toString`: a look-up by such a name finds something in every object of JavaScript. */
function refuseInherited(code: string, text: string): void {
  if (text in {})
    throw refused(code, text, 'every object in JavaScript and TypeScript already has a property of this name')
}

export function isReaderGroup(text: string): text is ReaderGroup {
  return READER_GROUPS.some((group) => group === text)
}

function refused(code: string, text: string, why: string): KeelError {
  return new KeelError({ code, found: `${quote(text)} can't be a name here`, why, exit: ExitCode.Usage })
}

/** Text that looks like a private key or a token, and was pasted in the wrong place. */
const SECRET_LOOK = /PRIVATE KEY|AGE-SECRET-KEY-|K10[0-9a-f]{16}|::(server|node):/i

/** A text of the user in the form that messages show: short, on one line, and never one that looks like a secret. */
export function quote(text: string): string {
  if (SECRET_LOOK.test(text)) return 'something secret (not shown here)'
  const flat = text.replace(/[\x00-\x1f\x7f]/g, '?')
  return flat.length > 80 ? `'${flat.slice(0, 77)}…'` : `'${flat}'`
}
