import { ExitCode, KeelError } from '../../errors.ts'
import { parseCleanPath } from '../host-paths/host-file-path.ts'
import { reasonOfOwner, withoutAlias } from '../host-paths/owned-paths.ts'
import { isPathBelowInventory } from '../host-paths/path-below-inventory.ts'
import { parsePublicKeyring } from '../keys/openpgp-public-key.ts'
import { quote } from '../names.ts'
import { refusedText } from '../text/refused-text.ts'
import { SYSTEM_REPOSITORY } from './systemd-kubelet.ts'

/** The name of a package (Debian policy 5.6.1), with `*` for any number of characters. @throws KeelError `package-name` */
export function parsePackagePattern(text: string): string {
  if (/^[a-z0-9*][a-z0-9+.*-]{0,99}$/.test(text)) return text
  throw refusedText(
    'package-name',
    text,
    'not the name of a package',
    'a name has a-z, 0-9 and + . - inside, and * for any number of them: postgresql-*',
  )
}

/** The path of a program, with `*` for any number of characters but `/`. @throws KeelError `program-path` */
export function parseProgramPattern(text: string): string {
  const isPlain = text.length < 256 && /^(?:\/[A-Za-z0-9_+@.,*-]+)+$/.test(text) && !/\/\.\.?(\/|$)/.test(text)
  if (isPlain) return text
  throw refusedText(
    'program-path',
    text,
    'not the path of a program',
    'write it like /usr/bin/* or /opt/app/bin/server',
  )
}

/** @throws KeelError `repository-name` */
export function parseRepositoryName(text: string): string {
  if (text === SYSTEM_REPOSITORY)
    throw refusedText('repository-name', text, 'taken', 'it means the mirrors that the host itself has')
  if (/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)) return text
  throw refusedText('repository-name', text, 'not a name', 'use a-z, 0-9 and - inside, at most 40 characters')
}

/**
 * A login in the URI would be a secret in plain text. Only characters of a path, because it goes into files of apt.
 * @throws KeelError `secret-in-clear`, `repository-uri`
 */
export function parseRepositoryUri(text: string): string {
  if (/^[^/]*\/\/[^/]*@/.test(text))
    throw new KeelError({
      code: 'secret-in-clear',
      found: 'a URI with a login in it (not shown here)',
      todo: "put it into `login`, with the password as { secret: 'NAME' }",
      exit: ExitCode.Usage,
    })
  const isPlain = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~+-]+)*\/?$/.test(text) && URL.canParse(text)
  if (isPlain && !text.includes('/../') && !text.endsWith('/..')) return text
  throw refusedText(
    'repository-uri',
    text,
    'not the URI of a repository',
    'the form is https://packages.example/debian',
  )
}

/** `bookworm`, or a folder: `./`, `stable/`. @throws KeelError `repository-suite` */
export function parseSuite(text: string): string {
  const isPlain = /^[A-Za-z0-9.][A-Za-z0-9._/+-]{0,99}$/.test(text) && !/(^|\/)\.\.(\/|$)/.test(text)
  if (isPlain) return text
  throw refusedText('repository-suite', text, 'not a suite', 'write it like bookworm, or ./ for a folder')
}

/** @throws KeelError `repository-component` */
export function parseComponent(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}$/.test(text) && !text.includes('..')) return text
  throw refusedText('repository-component', text, 'not a component', 'write it like main')
}

/**
 * The text of an armoured OpenPGP public key, or the path of a file below the inventory with one.
 * @throws KeelError `repository-key`
 */
export function parseSignedBy(text: string): string {
  if (isKeyFile(text)) return text
  return readRepositoryKey(text)
}

/** Whether it names a file, and is not the key itself. */
export function isKeyFile(text: string): boolean {
  return !text.includes('\n') && isPathBelowInventory(text)
}

/** @returns the key without blanks around it @throws KeelError `repository-key` */
export function readRepositoryKey(text: string): string {
  const key = text.trim()
  try {
    if (!key.startsWith('-----BEGIN ')) throw new KeelError({ code: 'repository-key', found: 'not an armoured key' })
    parsePublicKeyring(Buffer.from(key))
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    throw new KeelError({
      code: 'repository-key',
      found: error.found,
      why: error.why ?? 'apt trusts a repository by the key that has signed it',
      todo: 'write the armoured key (`gpg --armor --export FINGERPRINT`), or the path of a file with it below the inventory: keys/packages.asc',
      exit: ExitCode.Usage,
    })
  }
  return `${key.replaceAll('\r', '')}\n`
}

/** As HTTP and apt's auth.conf take it (apt_auth.conf(5)): one word. @throws KeelError `repository-user` */
export function parseRepositoryUser(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/.test(text)) return text
  throw refusedText('repository-user', text, 'not the name of a user', 'use letters, digits and . _ @ + - inside')
}

/** Folders of which nothing may come into a Pod, and the reason; besides those that keel, Kubernetes or the kernel owns. */
const CLOSED: readonly (readonly [path: string, why: string])[] = [
  ['/', 'a Pod with the whole file system controls the host'],
  ['/run', 'it has the sockets of systemd, and the environments of other Pods'],
  ['/etc', 'keel, systemd and sshd keep what root trusts there'],
  ['/root', 'it has the keys of the administrator'],
  ['/boot', 'it has the kernel'],
  ['/usr', 'root runs the programs there'],
  ['/var/lib/systemd', 'it has the key of all credentials of the host'],
  ['/var/lib/dpkg', 'dpkg and apt run programs from there as root'],
  ['/var/lib/apt', 'dpkg and apt run programs from there as root'],
]
/** @throws KeelError `file-path`, `host-path` (exit 2) */
export function parseHostPath(text: string): string {
  const path = text === '/' ? text : parseCleanPath(text)
  const plain = withoutAlias(path)
  const closed = CLOSED.find(([one]) => plain === one || (one !== '/' && plain.startsWith(`${one}/`)))
  const why = closed?.[1] ?? reasonOfOwner(plain)
  if (why === undefined && /^[A-Za-z0-9_@.:/+=-]+$/.test(path)) return path
  throw new KeelError({
    code: 'host-path',
    found: `${quote(text)} can't be a folder that Pods see`,
    why: why ?? 'use only letters, digits and _ @ . : + = -, which need no quotes in a unit',
    todo: 'choose a folder below /srv, /data, /opt or /var/log',
    exit: ExitCode.Usage,
  })
}

/** `250m` or `0.25` of a core. @returns thousandths @throws KeelError `cpu-amount` (exit 2) */
export function parseCores(text: string): number {
  const [, milli, whole, fraction = ''] = /^(?:(\d{1,7})m|(\d{1,4})(?:\.(\d{1,3}))?)$/.exec(text) ?? []
  if (milli !== undefined) return Number(milli)
  if (whole !== undefined) return Number(whole) * 1000 + Number(fraction.padEnd(3, '0'))
  throw refusedText('cpu-amount', text, 'not an amount of CPU', "write it like '250m', '0.25' or '1'")
}

const UNITS: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }

/** `512Mi`. @returns bytes @throws KeelError `memory-amount` (exit 2) */
export function parseMemory(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})(Ki|Mi|Gi)$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 1)
  throw refusedText('memory-amount', text, 'not an amount of memory', "write it like '512Mi' or '1Gi'")
}
