import type { FileStatus } from '../files.ts'
import { joinPath } from '../go/clean-path.ts'
import type { Path } from '../report.ts'
import {
  type ButaneConfig,
  file,
  type IgnitionConfig,
  type IgnitionFile,
  type IgnitionLink,
  link,
} from '../schema/config.ts'
import { emptyStruct } from '../schema/fields-of.ts'
import { bytesOfText } from '../text.ts'
import { embed } from './data-url.ts'
import { LocalFileError, resolveLocal } from './local-files.ts'
import type { Translation } from './translation.ts'

type Storage = IgnitionConfig['storage']
type Tree = ButaneConfig['storage']['trees'][number]

/**
 * Storage with the files and links of local directories, after those that the config lists. Directories themselves are
 * not added.
 */
export function addTrees(storage: Storage, trees: readonly Tree[], translation: Translation): Storage {
  const planter = new Planter(storage, translation)
  for (const [index, tree] of trees.entries()) {
    const origin = ['storage', 'trees', index]
    if (translation.files.missing !== undefined) {
      translation.report.error(origin, translation.files.missing.message)
      break
    }
    planter.plant(tree, origin)
  }
  return { ...storage, files: planter.files, links: planter.links }
}

class Planter {
  readonly files: IgnitionFile[]
  readonly links: IgnitionLink[]
  readonly #directories: ReadonlySet<string>
  readonly #fileAt: Map<string, number>
  readonly #linkAt: Map<string, number>
  readonly #translation: Translation

  constructor({ files, links, directories }: Storage, translation: Translation) {
    this.files = [...files]
    this.links = [...links]
    this.#directories = new Set(directories.map(({ path }) => path))
    this.#fileAt = new Map(files.map(({ path }, index) => [path, index]))
    this.#linkAt = new Map(links.map(({ path }, index) => [path, index]))
    this.#translation = translation
  }

  plant({ local, path }: Tree, origin: Path): void {
    const { files } = this.#translation
    const root = files.attempt((directory) => {
      const resolved = resolveLocal(local, directory)
      if (directory.stat(resolved) !== 'directory')
        throw new LocalFileError('`local` names no directory; a tree is copied from one')
      return resolved
    })
    if (root instanceof LocalFileError) this.#translation.report.error(origin, root.message)
    else this.#walk(root, path || '/', origin)
  }

  /** Depth first, names in the order of their bytes. After an error the walk continues. */
  #walk(source: string, destination: string, origin: Path): void {
    const { files, report } = this.#translation
    const status = files.attempt((directory) => directory.lstat(source))
    if (status instanceof LocalFileError) {
      report.error(origin, status.message)
      return
    }
    if (status.kind !== 'directory') {
      const problem = this.#plantNode(status, source, joinPath(destination), origin)
      if (problem !== undefined) report.error(origin, problem.message)
      return
    }
    const names = files.attempt((directory) => directory.list(source))
    if (names instanceof LocalFileError) {
      report.error(origin, names.message)
      return
    }
    for (const name of [...names].sort(byBytes)) this.#walk(joinPath(source, name), joinPath(destination, name), origin)
  }

  #plantNode(status: FileStatus, source: string, destination: string, origin: Path): LocalFileError | undefined {
    if (status.kind === 'file') return this.#plantFile(status, source, destination, origin)
    if (status.kind === 'link') return this.#plantLink(source, destination, origin)
    return new LocalFileError(`${source} is a device, pipe or socket, which a tree can't hold`)
  }

  #plantFile(
    { executable }: FileStatus,
    source: string,
    destination: string,
    origin: Path,
  ): LocalFileError | undefined {
    const { files, origins, compress } = this.#translation
    const index = this.#fileAt.get(destination) ?? this.files.length
    const listed = this.files[index]
    if (listed?.contents.source || (listed === undefined && this.#isTaken(destination))) return taken
    const node = listed ?? { ...emptyFile, path: destination }
    this.files[index] = node
    this.#fileAt.set(destination, index)
    const path = ['storage', 'files', index]
    if (listed === undefined) origins.addWhole(path, origin)
    const contents = files.attempt((directory) => directory.readFile(source))
    if (contents instanceof LocalFileError) return contents
    const embedded = embed(contents, node.contents.compression, compress)
    origins.add([...path, 'contents'], origin)
    origins.add([...path, 'contents', 'source'], origin)
    if (embedded.compression !== undefined) origins.add([...path, 'contents', 'compression'], origin)
    if (node.mode === undefined) origins.add([...path, 'mode'], origin)
    this.files[index] = {
      ...node,
      contents: {
        ...node.contents,
        source: embedded.source,
        compression: embedded.compression ?? node.contents.compression,
      },
      mode: node.mode ?? (executable ? 0o755n : 0o644n),
    }
    return undefined
  }

  #plantLink(source: string, destination: string, origin: Path): LocalFileError | undefined {
    const { files, origins } = this.#translation
    const index = this.#linkAt.get(destination) ?? this.links.length
    const listed = this.links[index]
    if (listed?.target || (listed === undefined && this.#isTaken(destination))) return taken
    const node = listed ?? { ...emptyLink, path: destination }
    this.links[index] = node
    this.#linkAt.set(destination, index)
    const path = ['storage', 'links', index]
    if (listed === undefined) origins.addWhole(path, origin)
    const target = files.attempt((directory) => directory.readLink(source))
    if (target instanceof LocalFileError) return target
    origins.add([...path, 'target'], origin)
    this.links[index] = { ...node, target }
    return undefined
  }

  #isTaken(path: string): boolean {
    return this.#directories.has(path) || this.#fileAt.has(path) || this.#linkAt.has(path)
  }
}

const taken = new LocalFileError('matching filesystem node has existing contents or different type')
const emptyFile = emptyStruct(file) as IgnitionFile
const emptyLink = emptyStruct(link) as IgnitionLink

function byBytes(one: string, other: string): number {
  return Buffer.compare(bytesOfText(one), bytesOfText(other))
}
