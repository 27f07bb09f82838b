import { access, constants } from 'node:fs/promises'
import type { Log } from '../../agent/log.ts'
import { type AllowList, whyNotAllowed } from '../images/allow-list.ts'
import type { DefaultCommand } from '../images/default-command.ts'
import { imageOf, type PackageImage } from '../images/image-name.ts'
import { type FailedPull, failedPull, needOf, type PullPolicy, type WaitingImage, waitingFor } from '../images/pull.ts'
import { InstallError, type Packages } from './packages.ts'

/** What a container needs to know its image by. */
export interface AskedImage {
  readonly image: string
  readonly pullPolicy: PullPolicy
  /** Whether its Pod says what it runs: then the package need not. */
  readonly hasCommand: boolean
}

export type FoundImage = { readonly kind: 'ready'; readonly program: readonly string[] } | WaitingImage

/** What happened to an image, for an Event of the Pod. */
export interface ImageEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'Pulling' | 'Pulled' | 'Failed'
  readonly message: string
}

interface Wanted {
  readonly allow: AllowList
  readonly packages: Pick<Packages, 'installed' | 'install' | 'commandOf'>
  readonly log: Log
  /** An installation has ended: another look may find its program. */
  readonly changed: () => void
}

type Tell = (event: ImageEvent) => void

/** Milliseconds: how long a version that dpkg has told counts; how long an image counts as looked for. */
const KNOWN = 5_000
const LATELY = 60_000
/** After that, a failure is the first one again. */
const LONG_AGO = 600_000

/** The images of this host: what is there, and one installation at a time for what is not. */
export class HostImages {
  readonly #wanted: Wanted
  /** By container of a Pod. */
  readonly #looked = new Set<string>()
  /** By image: a hundred Pods of one image need one installation. */
  readonly #failed = new Map<string, FailedPull>()
  readonly #pulling = new Set<string>()
  /** By image: milliseconds. */
  readonly #installed = new Map<string, number>()
  /** By package: a container that waits is looked at every second. */
  readonly #known = new Map<string, { readonly at: number; readonly version: Promise<string | undefined> }>()
  /** The version that a container's image names, by the package: two of them cannot be on one host. */
  readonly #versions = new Map<string, Map<string, string>>()
  readonly #commands = new Map<string, DefaultCommand>()
  #queue: Promise<void> = Promise.resolve()

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  /**
   * What a container would run now. Never waits for an installation.
   * @param key of the container of this Pod
   */
  async find(key: string, { image, pullPolicy, hasCommand }: AskedImage, tell: Tell): Promise<FoundImage> {
    const found = imageOf(image)
    if (found === undefined)
      return waiting('InvalidImageName', `${JSON.stringify(image)} is no package, and no exec: with a path`)
    const why = whyNotAllowed(found, this.#wanted.allow)
    if (why !== undefined) return waiting('ErrImagePull', why)
    if (found.kind === 'program')
      return (await isProgram(found.path))
        ? { kind: 'ready', program: [found.path] }
        : waiting('ErrImageNeverPull', `there is no program ${found.path} on the host`)
    const other = this.#otherVersion(key, found)
    if (other !== undefined)
      return waiting('ErrImagePull', `another Pod on this host has version ${other} of ${found.name}`)
    if (this.#pulling.has(image)) {
      this.#claim(key, found)
      return waiting('ContainerCreating', `installing ${image}`)
    }
    const installed = await this.#versionOf(found.name)
    const now = Date.now()
    if (now - (this.#installed.get(image) ?? 0) < LATELY) this.#looked.add(key)
    // a newer one would replace the version that another Pod names
    const isHeld = found.version === undefined && (this.#versions.get(found.name)?.size ?? 0) > 0
    switch (needOf(found, pullPolicy, installed, isHeld || this.#looked.has(key))) {
      case 'missing':
        return waiting('ErrImageNeverPull', `${image} is not installed, and imagePullPolicy is Never`)
      case 'install': {
        const failed = this.#failed.get(image)
        if (failed !== undefined && now < failed.next) return waitingFor(image, failed, now)
        this.#claim(key, found)
        this.#pull(image, found, tell)
        return waiting('ContainerCreating', `installing ${image}`)
      }
      case 'nothing':
        this.#claim(key, found)
        return hasCommand ? { kind: 'ready', program: [] } : this.#ownProgram(found, installed ?? '')
    }
  }

  /** Containers that run have their version, also if nobody has asked for it since the program began. */
  hold(running: readonly { readonly key: string; readonly image: string }[]): void {
    for (const { key, image } of running) {
      const found = imageOf(image)
      if (found?.kind === 'package') this.#claim(key, found)
    }
  }

  /** Forgets what is known of containers that are gone. @param isThere by key */
  forget(isThere: (key: string) => boolean): void {
    for (const known of [this.#looked, ...this.#versions.values()])
      for (const key of known.keys()) if (!isThere(key)) known.delete(key)
    const now = Date.now()
    for (const [image, { next }] of this.#failed) if (now - next > LONG_AGO) this.#failed.delete(image)
    for (const [image, at] of this.#installed) if (now - at > LATELY) this.#installed.delete(image)
    for (const [name, { at }] of this.#known) if (now - at > LATELY) this.#known.delete(name)
  }

  async #versionOf(name: string): Promise<string | undefined> {
    const known = this.#known.get(name)
    if (known !== undefined && Date.now() - known.at < KNOWN) return known.version
    const version = this.#wanted.packages.installed(name)
    this.#known.set(name, { at: Date.now(), version })
    return version
  }

  async #ownProgram({ name }: PackageImage, installed: string): Promise<FoundImage> {
    const key = `${name}=${installed}`
    const known = this.#commands.get(key) ?? (await this.#wanted.packages.commandOf(name))
    this.#commands.set(key, known)
    return known.kind === 'command'
      ? { kind: 'ready', program: known.words }
      : waiting('InvalidImageName', known.message)
  }

  #otherVersion(key: string, { name, version }: PackageImage): string | undefined {
    if (version === undefined) return undefined
    return [...(this.#versions.get(name) ?? [])].find(([of, one]) => of !== key && one !== version)?.[1]
  }

  #claim(key: string, { name, version }: PackageImage): void {
    if (version === undefined) return
    const versions = this.#versions.get(name) ?? new Map<string, string>()
    this.#versions.set(name, versions.set(key, version))
  }

  /** A version that can't be had keeps nobody from another one. */
  #release({ name, version }: PackageImage): void {
    const versions = this.#versions.get(name) ?? new Map<string, string>()
    for (const [key, one] of versions) if (one === version) versions.delete(key)
  }

  #pull(image: string, found: PackageImage, tell: Tell): void {
    this.#pulling.add(image)
    this.#queue = this.#queue.then(async () => {
      const began = Date.now()
      tell({ type: 'Normal', reason: 'Pulling', message: `Installing "${image}"` })
      try {
        await this.#wanted.packages.install(found)
        this.#installed.set(image, Date.now())
        this.#failed.delete(image)
        tell({ type: 'Normal', reason: 'Pulled', message: `Installed "${image}" in ${Date.now() - began} ms` })
      } catch (error) {
        // of another error nobody knows what is in it
        const message = error instanceof InstallError ? error.message : 'the installation could not be started'
        this.#release(found)
        this.#failed.set(image, failedPull(this.#failed.get(image), message, Date.now()))
        this.#wanted.log.warn(`${image} is not installed: ${message}`)
        tell({ type: 'Warning', reason: 'Failed', message: `Failed to install "${image}": ${message}` })
      }
      this.#known.delete(found.name)
      this.#pulling.delete(image)
      this.#wanted.changed()
    })
  }
}

function waiting(reason: WaitingImage['reason'], message: string): WaitingImage {
  return { kind: 'waiting', reason, message }
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
