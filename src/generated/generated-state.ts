import { ExitCode, type Fault, FaultsError } from '../errors.ts'
import type { FileChange } from '../files/transaction/file-change.ts'
import type { Origin } from '../templates/generated-text.ts'

/** The state of a file that keel generates: `current`, or another one. */
export type GeneratedState = 'none' | 'current' | 'outdated' | Exclude<Origin, 'generated'>

/** A generated file of an inventory. */
export interface GeneratedFileState {
  readonly file: string
  readonly state: GeneratedState
  /** The command that brings it up to date. */
  readonly change: FileChange
}

/** @param before the contents of the file; undefined if there is none @param text the text that keel generates now */
export function stateOf(before: string | undefined, text: string, originOf: (text: string) => Origin): GeneratedState {
  if (before === undefined) return 'none'
  if (before === text) return 'current'
  const origin = originOf(before)
  return origin === 'generated' ? 'outdated' : origin
}

/** @throws FaultsError `render-edited` (exit 2) for files that differ from what keel wrote, unless forced */
export function refuseEditedFiles(files: readonly GeneratedFileState[], force: boolean): void {
  const faults = files.filter(isEdited).map((file) => editedFault(file))
  if (faults.length > 0 && !force) throw new FaultsError(faults, ExitCode.Usage)
}

export function isEdited({ state }: Pick<GeneratedFileState, 'state'>): boolean {
  return state === 'edited' || state === 'foreign'
}

/** @param source the place to which the contents of the file belong */
export function editedFault({ file, state }: GeneratedFileState, source = 'hosts/'): Fault {
  return {
    code: 'render-edited',
    at: file,
    found: state === 'foreign' ? 'this file was not written by keel' : 'this file was edited by hand',
    why: 'keel would overwrite changes that are not in the inventory',
    todo: `copy your changes from it into ${source}, then \`keel render --force\``,
  }
}

/** The existing files that differ from the inventory. plan warns about them, and deploy refuses. */
export function staleFiles(files: readonly GeneratedFileState[]): readonly Fault[] {
  return files.filter(({ state }) => state !== 'none' && state !== 'current').map(staleFault)
}

/** keel deploys only what people could review. @throws FaultsError `render-stale`, `render-edited` (exit 2) */
export function refuseStaleFiles(files: readonly GeneratedFileState[]): void {
  const faults = staleFiles(files)
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Usage)
}

function staleFault(file: GeneratedFileState): Fault {
  if (file.state !== 'outdated') return editedFault(file)
  return {
    code: 'render-stale',
    at: file.file,
    found: 'the inventory has changed since this file was written',
    why: 'people review this file in git, and it would describe another machine than the real one',
    todo: 'run `keel render`, and review the changes',
  }
}
