import type { WantedFile, WantedLink } from '../../desired/host-state.ts'
import { sha256 } from '../../model/digest.ts'
import type { OnceStep } from '../../model/distribution/once-step.ts'
import { hasUnit, ofNode, type Service } from '../../model/distribution/service.ts'
import { fileBytes } from '../../model/file-bytes.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { type AnyPart, eachPart } from '../../parts/by-part.ts'
import type { WantedDirectory } from '../../parts/part.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { Facts, FilesFacts } from '../../probes/facts.ts'
import type { PathState } from '../../probes/host/path-states.ts'
import type { FilesRendered, PlacedArtifact, Rendered } from '../../targets/rendered.ts'
import { ownedDirectories } from '../../targets/rendered.ts'
import { ofKind } from '../of-kind.ts'
import { type Difference, type Operation, operationsOf } from '../operation.ts'
import { isNewContent } from './new-content.ts'
import { planExtensions, unmerges } from './plan-extensions.ts'
import { planSystem } from './plan-system.ts'
import { type Upgrade, upgradeOf } from './plan-upgrade.ts'
import { outdatedProcess, outdatedText } from './running-version.ts'
import { isUp, stateOf } from './service-state.ts'

/**
 * What a host would be made from now. `credentials`: by id (`credentialSource`). `tree`: a digest of the files that its
 * system is built from.
 */
export type Sources =
  | { readonly kind: 'files'; readonly credentials: Readonly<Record<string, string>> }
  | { readonly kind: 'system'; readonly tree: string }

/**
 * What has to happen on one host, in the order in which it happens. Empty exactly when the host is what it should be.
 * Pure.
 */
export function planHost(wanted: Rendered, facts: Facts, sources: Sources): readonly Operation[] {
  switch (wanted.kind) {
    case 'files':
      return planFiles(wanted, ofKind(facts, 'files'), ofKind(sources, 'files').credentials)
    case 'system':
      return planSystem(wanted, ofKind(facts, 'system'), ofKind(sources, 'system').tree)
  }
}

function planFiles(
  wanted: FilesRendered,
  facts: FilesFacts,
  sources: Readonly<Record<string, string>>,
): readonly Operation[] {
  const artifacts = wanted.artifacts.flatMap((artifact) =>
    ifDiffers(differenceOfArtifact(artifact, facts.paths), (why) => pushArtifact(artifact, why)),
  )
  const directories = wanted.directories.flatMap((directory) =>
    ifDiffers(differenceOfDirectory(directory, stateAt(facts, directory.path)), (why) => makeDirectory(directory, why)),
  )
  const files = wanted.files.flatMap((file) =>
    ifDiffers(differenceOfFile(file, stateAt(facts, file.path)), (why) => writeFile(file, why)),
  )
  const links = wanted.links.flatMap((link) =>
    ifDiffers(differenceOfLink(link, stateAt(facts, link.path)), (why) => setLink(link, why)),
  )
  const [toImages, others] = partition(links, ({ path }) => wanted.extensions.some(({ link }) => link === path))
  // before anything that k3s reads: if systemd refuses the image, nothing else has changed
  const programs = [...artifacts, ...toImages, ...planExtensions(wanted, facts, [...artifacts, ...toImages])]
  const credentials = wanted.credentials.flatMap(({ id }) => storeCredential(id, facts, sources))
  const certificates = eachPart(wanted.parts, (part, placed) => part.certify?.(placed, facts.parts[part.name]))
  const removals = dropped(wanted, facts)
  const changes = [
    ...programs,
    ...directories,
    ...certificates,
    ...credentials,
    ...onceOperations(wanted, facts),
    ...files,
    ...others,
    ...removals,
    ...unmerges(removals),
  ]
  const operations = [...changes, ...serviceOperations(wanted, facts, changes)]
  return operations.length === 0 && facts.generation.unconfirmed
    ? [{ op: 'finish-deploy', unit: ofNode(wanted.services).unit }]
    : operations
}

function onceOperations({ once }: FilesRendered, facts: Facts): readonly Operation[] {
  return once.filter((step) => isDue(step, facts)).map(({ kind }): Operation => ({ op: kind }))
}

function isDue({ kind }: OnceStep, { past }: Facts): boolean {
  switch (kind) {
    case 'place-ca':
      return !past.server
  }
}

function serviceOperations(
  wanted: FilesRendered,
  facts: FilesFacts,
  changes: readonly Operation[],
): readonly Operation[] {
  const { services } = wanted
  const upgrade = upgradeOf(wanted, facts, changes)
  const units = [...facts.services, ...eachPart(facts.parts, (part, seen) => part.units?.(seen))]
  const unitChanges = changes.some(
    (change) =>
      ('path' in change && change.path.startsWith('/etc/systemd/system/')) ||
      change.op === 'remove-unit' ||
      (change.op === 'merge-extensions' &&
        wanted.extensions.some(({ name, hasUnits }) => hasUnits === true && change.names.includes(name))),
  )
  return [
    ...(unitChanges || units.some(({ needsReload }) => needsReload) ? [{ op: 'reload-systemd' } as const] : []),
    ...readersOf(wanted, changes),
    ...partOperations('before', wanted, facts, changes),
    ...services.flatMap((service) => [
      ...(stateOf(service, facts).enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit: service.unit } as const]),
      ...(startOfUpgrade(service, upgrade, wanted, facts) ?? startOrRestart(service, wanted, facts, changes)),
    ]),
    ...partOperations('after', wanted, facts, changes),
  ]
}

/** The units besides the services that read what changes, once each: containerd reads two files. */
function readersOf({ files, services }: FilesRendered, changes: readonly Operation[]): readonly Operation[] {
  const isWritten = (path: string) => changes.some((change) => change.op === 'write-file' && change.path === path)
  const first = new Map<UnitName, string>()
  for (const { path, readAtStartBy: unit } of files)
    if (unit !== undefined && !hasUnit(services, unit) && isWritten(path) && !first.has(unit)) first.set(unit, path)
  return [...first].map(([unit, of]) => ({ op: 'restart-reader', unit, of }))
}

function partOperations(
  starts: NonNullable<AnyPart['starts']>,
  wanted: FilesRendered,
  facts: Facts,
  changes: readonly Operation[],
): readonly Operation[] {
  return eachPart(wanted.parts, (part, placed) =>
    part.starts === starts
      ? part.plan?.(placed, facts.parts[part.name], (path) => isNewContent(changes, path, wanted.extensions))
      : [],
  )
}

/**
 * What an upgrade leaves to do for a service; undefined: the same as without one. Its unit restarts the kubelet itself,
 * when the control plane is done.
 */
function startOfUpgrade(
  service: Service,
  upgrade: Upgrade,
  wanted: FilesRendered,
  facts: Facts,
): readonly Operation[] | undefined {
  if (upgrade.kind === 'none') return undefined
  if (service.unit === wanted.permit?.unit) return upgrade.kind === 'due' ? [upgrade.operation] : []
  const isNode = service === ofNode(wanted.services)
  return isNode && isUp(stateOf(service, facts)) ? [] : undefined
}

function startOrRestart(
  service: Service,
  wanted: FilesRendered,
  facts: Facts,
  changes: readonly Operation[],
): readonly Operation[] {
  const { unit } = service
  // `activating` is what a failing service that is started again and again shows: what changed must reach it at once
  if (!isUp(stateOf(service, facts))) return [{ op: 'start-unit', unit }]
  if (wanted.permit?.unit === unit && isNew(wanted, facts))
    return [{ op: 'restart-unit', unit, when: 'always', why: 'the data of the host is gone' }]
  if (facts.generation.restartPending)
    return [{ op: 'restart-unit', unit, when: 'always', why: 'an earlier deploy stopped before it could' }]
  const reason = changes.find((change) => restarts(service, wanted, change))
  if (reason !== undefined) return [{ op: 'restart-unit', unit, when: 'always', why: reasonText(reason) }]
  const outdated = service === ofNode(wanted.services) ? outdatedProcess(facts) : undefined
  if (outdated !== undefined) return [{ op: 'restart-unit', unit, when: 'always', why: outdatedText(outdated, facts) }]
  const credential = operationsOf(changes, 'store-credential').find(({ id }) => reads(service, wanted, id))
  if (credential === undefined) return []
  return [{ op: 'restart-unit', unit, when: 'value-changed', why: `${credential.id} is ${credential.why}` }]
}

function reasonText(change: Operation): string {
  if (change.op === 'merge-extensions') return 'its program was merged again'
  return `changed: ${'path' in change ? change.path : change.op}`
}

function restarts({ unit, programs, startFolder }: Service, wanted: FilesRendered, change: Operation): boolean {
  if (change.op === 'write-file')
    return change.why !== 'mode' && change.why !== 'owner' && find(wanted.files, change.path)?.readAtStartBy === unit
  if (change.op === 'set-link') return find(wanted.links, change.path)?.readAtStartBy === unit
  if (change.op === 'merge-extensions') return change.names.some((name) => programs.includes(name))
  // a program that was changed under the same name: what runs may be either
  if (change.op === 'push-artifact') return change.why === 'content' && programs.includes(change.name)
  const { path, except } = startFolder
  return change.op === 'remove-path' && change.path.startsWith(`${path}/`) && !except.includes(change.path)
}

function reads({ unit }: Service, { credentials }: FilesRendered, wanted: string): boolean {
  return credentials.some(({ id, readAtStartBy }) => id === wanted && readAtStartBy === unit)
}

function find<Item extends { readonly path: string }>(items: readonly Item[], path: string): Item | undefined {
  return items.find((item) => item.path === path)
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

function ifDiffers<One>(difference: Difference | undefined, operation: (why: Difference) => One): readonly One[] {
  return difference === undefined ? [] : [operation(difference)]
}

function stateAt(facts: FilesFacts, path: string): PathState {
  return facts.paths[path] ?? { kind: 'none' }
}

function differenceOfArtifact(
  { path, sha256, mode }: PlacedArtifact,
  paths: FilesFacts['paths'],
): Difference | undefined {
  return differenceOfContent({ sha256, mode, owner: 'root', group: 'root' }, paths[path] ?? { kind: 'none' })
}

/** How a file differs from what should be in its place, if it does. */
export function differenceOfFile(file: WantedFile, state: PathState): Difference | undefined {
  const right = [fileBytes(file), ...(file.alternatives ?? [])].map(sha256)
  const held = state.kind === 'file' ? right.find((digest) => digest === state.sha256) : undefined
  return differenceOfContent({ ...file, sha256: held ?? sha256(fileBytes(file)) }, state)
}

function differenceOfContent(
  wanted: { readonly sha256: string; readonly mode: string; readonly owner: string; readonly group: string },
  state: PathState,
): Difference | undefined {
  if (state.kind === 'none') return 'missing'
  if (state.kind !== 'file') return 'kind'
  if (state.sha256 !== wanted.sha256) return 'content'
  if (state.mode !== wanted.mode) return 'mode'
  return state.owner === wanted.owner && state.group === wanted.group ? undefined : 'owner'
}

function differenceOfLink(link: WantedLink, state: PathState): Difference | undefined {
  if (state.kind === 'none') return 'missing'
  if (state.kind !== 'link') return 'kind'
  return state.target === link.target ? undefined : 'content'
}

function differenceOfDirectory({ mode, owned }: WantedDirectory, state: PathState): Difference | undefined {
  if (state.kind === 'none') return 'missing'
  if (owned !== true) return undefined
  if (state.kind !== 'directory') return 'kind'
  return state.mode === mode ? undefined : 'mode'
}

function makeDirectory({ path, mode }: WantedDirectory, why: Difference): Operation {
  return { op: 'make-directory', path, mode, why }
}

function pushArtifact({ name, version, path }: PlacedArtifact, why: Difference): Operation {
  return { op: 'push-artifact', name, version, path, why }
}

function writeFile({ path }: WantedFile, why: Difference): Operation {
  return { op: 'write-file', path, why }
}

function setLink({ path, target }: WantedLink, why: Difference): Extract<Operation, { op: 'set-link' }> {
  return { op: 'set-link', path, target, why }
}

function storeCredential(
  id: string,
  facts: FilesFacts,
  sources: Readonly<Record<string, string>>,
): readonly Operation[] {
  const state = facts.credentials[id] ?? { kind: 'none' }
  if (state.kind === 'none') return [{ op: 'store-credential', id, why: 'missing' }]
  if (state.kind === 'damaged') return [{ op: 'store-credential', id, why: 'damaged' }]
  return state.source === sources[id] ? [] : [{ op: 'store-credential', id, why: 're-encrypted' }]
}

/** What an earlier generation put there and this one does not name. */
function dropped(wanted: FilesRendered, facts: Facts): readonly Operation[] {
  const kept = new Set([
    ...[...wanted.files, ...wanted.links, ...wanted.credentials, ...wanted.artifacts].map(({ path }) => path),
    ...ownedDirectories(wanted),
  ])
  return facts.generation.owned
    .filter((path) => !kept.has(path))
    .map((path): Operation => {
      if (path.endsWith('/')) return { op: 'remove-directory', path: path.slice(0, -1) }
      // not the file of a template: nothing runs under its name
      const unit = /^\/etc\/systemd\/system\/([^/]+(?<!@)\.(?:service|timer))$/.exec(path)?.[1]
      return unit === undefined ? { op: 'remove-path', path } : { op: 'remove-unit', unit, path }
    })
}
