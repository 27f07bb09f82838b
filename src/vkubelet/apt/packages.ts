import { lstat, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemctl } from '../host/systemctl.ts'
import { aptMessage } from '../images/apt-message.ts'
import { type AptPolicy, aptPolicy } from '../images/apt-policy.ts'
import { installWords, policyWords, updateWords } from '../images/apt-words.ts'
import { chooseVersion } from '../images/choose-version.ts'
import { type DefaultCommand, defaultCommand, mainUnit, unitsOfPackage } from '../images/default-command.ts'
import type { PackageImage } from '../images/image-name.ts'
import { APT_UNIT, type AptCalls } from './apt-calls.ts'
import { type Login, makeAptFolders, type Source } from './apt-folders.ts'
import type { Ended } from './run-once.ts'

/** Milliseconds for which the lists of packages count as new. */
const FRESH = 6 * 3_600_000

interface Places {
  /** On a file system in memory. */
  readonly folder: string
  /** Where systemd looks for units of packages: their own texts, also of those that are masked. */
  readonly unitFolders: readonly string[]
  /** Of units that an administrator has written, and of masks. */
  readonly ownUnits: string
  /** Of apt's lists: its time is that of the last update, also of one by hand. */
  readonly lists: string
}

export const hostPlaces: Places = {
  folder: '/run/keel-vkubelet/apt',
  unitFolders: ['/usr/lib/systemd/system', '/lib/systemd/system'],
  ownUnits: '/etc/systemd/system',
  lists: '/var/lib/apt/lists',
}

interface Wanted {
  readonly calls: AptCalls
  readonly repositories: readonly Source[]
  readonly logins: () => Promise<ReadonlyMap<string, Login>>
  readonly places: Places
}

/** Why a package could not be installed, in words for the Event: no secret is in them. */
export class InstallError extends Error {}

/** The packages of this host. Its caller sees to it that one thing happens at a time. */
export class Packages {
  readonly #wanted: Wanted
  /** Milliseconds of the last update that went well, by the file of the source; '' is all. */
  readonly #updated = new Map<string, number>()

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  /** @returns the version; undefined: it is not installed, or not completely */
  async installed(name: string): Promise<string | undefined> {
    const words = ['dpkg-query', '--show', `--showformat=\${db:Status-Abbrev}\t\${Version}\n`, '--', name]
    const { stdout } = await this.#wanted.calls.read(words)
    // policy 5.6.14 and dpkg-query(1): wanted, and installed, without an error
    return /^[ih]i \t(\S+)$/m.exec(stdout)?.[1]
  }

  /**
   * Installs what an image means, and masks the units of the package, so that only Pods run it. They are masked before
   * they are there; a package that was on the host already keeps its units as they are.
   * @throws InstallError
   */
  async install(image: PackageImage): Promise<void> {
    const { calls, repositories, logins, places } = this.#wanted
    const known = await logins().catch(() => {
      throw new InstallError('the logins of the repositories cannot be read on the host')
    })
    const secrets = [...known.values()].map(({ password }) => password)
    const messageOf = ({ exitCode, stdout, stderr }: Ended) => aptMessage(stderr || stdout, exitCode, secrets)
    const folders = await foldersOf(places, repositories, known)
    await this.#settle()
    const policy = async () => aptPolicy((await calls.read(policyWords(folders, image.name))).stdout, image.name)
    let found = await policy()
    let failure = ''
    if (await this.#isStale(image, found)) {
      const source = repositories.find(({ name }) => name === image.repository)?.source
      const began = Date.now()
      const ended = await calls.update(updateWords(folders, source))
      // one dead mirror is no reason against a package that another one has
      if (ended.exitCode === 0) this.#updated.set(source ?? '', began)
      else failure = ` (${messageOf(ended)})`
      found = await policy()
    }
    const choice = chooseVersion(image, found, repositories)
    if (choice.kind === 'none') throw new InstallError(`${choice.message}${failure}`)
    const before = await this.installed(image.name)
    if (before === choice.version) return
    const isNew = before === undefined
    const own = `${image.name}.service`
    if (isNew && !(await isThere(own, places))) await mask([own])
    const { version } = choice
    const words = installWords(folders, { name: image.name, version, isDowngrade: image.version !== undefined })
    const ended = await calls.install(words)
    // apt also fails for a package of somebody else that is broken, and this one is there all the same
    if ((await this.installed(image.name)) !== version) throw new InstallError(messageOf(ended))
    if (isNew) await mask(await this.#unitsOf(image.name))
  }

  /** What the package runs by its own unit. */
  async commandOf(name: string): Promise<DefaultCommand> {
    const unit = mainUnit(name, await this.#unitsOf(name))
    if (unit === undefined)
      return {
        kind: 'none',
        message: `the package ${name} does not have one service of its own: set \`command\` in the Pod`,
      }
    for (const folder of this.#wanted.places.unitFolders) {
      const text = await readFile(join(folder, unit), 'utf8').catch(() => undefined)
      if (text !== undefined) return defaultCommand(unit, text)
    }
    return { kind: 'none', message: `the host does not have ${unit} of the package ${name}` }
  }

  async #unitsOf(name: string): Promise<readonly string[]> {
    return unitsOfPackage((await this.#wanted.calls.read(['dpkg', '--listfiles', name])).stdout)
  }

  /**
   * After a crash or a kill dpkg is in the middle of something, which another installation would stumble over. A package
   * that stays broken is no reason against another one.
   */
  async #settle(): Promise<void> {
    const { calls } = this.#wanted
    await untilInactive(APT_UNIT)
    const { exitCode, stdout } = await calls.read(['dpkg', '--audit'])
    if (exitCode === 0 && stdout.trim() === '') return
    await calls.install(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'])
  }

  async #isStale({ version, repository }: PackageImage, policy: AptPolicy | undefined): Promise<boolean> {
    const offers = policy?.offers.filter(({ uris }) => uris.length > 0) ?? []
    if (offers.length === 0 || (version !== undefined && !offers.some((one) => one.version === version))) return true
    const { repositories, places } = this.#wanted
    const own = repositories.find(({ name }) => name === repository)
    const ofOwn = own?.uris.map((uri) => uri.replace(/\/+$/, ''))
    if (ofOwn !== undefined && !offers.some(({ uris }) => uris.some((uri) => ofOwn.includes(uri)))) return true
    if (version !== undefined) return false
    const listed = await stat(places.lists).catch(() => undefined)
    const last = Math.max(listed?.mtimeMs ?? 0, this.#updated.get('') ?? 0, this.#updated.get(own?.source ?? '') ?? 0)
    return Date.now() - last > FRESH
  }
}

async function foldersOf(
  { folder }: Places,
  repositories: readonly Source[],
  logins: ReadonlyMap<string, Login>,
): Promise<Awaited<ReturnType<typeof makeAptFolders>> | undefined> {
  if (repositories.length === 0) return undefined
  try {
    return await makeAptFolders(folder, repositories, logins)
  } catch (error) {
    // never the text of a login
    throw new InstallError(
      error instanceof Error && !('code' in error) ? error.message : 'no sources for apt could be written',
    )
  }
}

/** A unit of the host with the name of a package that is not there: `ssh.service` is not of the package `ssh`. */
async function isThere(unit: string, { unitFolders, ownUnits }: Places): Promise<boolean> {
  const found = await Promise.all(
    [...unitFolders, ownUnits].map((folder) => lstat(join(folder, unit)).catch(() => undefined)),
  )
  return found.some((one) => one !== undefined)
}

/** Also of a unit that is not there yet; it stays masked when its package goes. */
async function mask(units: readonly string[]): Promise<void> {
  if (units.length > 0) await systemctl('mask', '--', ...units)
}

/** An installation that another run of the program has begun. */
async function untilInactive(unit: string): Promise<void> {
  for (;;) {
    const state = (await systemctl('show', '--property=ActiveState', '--value', '--', unit)).trim()
    if (state !== 'active' && state !== 'activating' && state !== 'deactivating') return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
