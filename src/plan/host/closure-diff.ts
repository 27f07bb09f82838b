/** A path of a Nix store: `/nix/store/HASH-NAME`. */
export interface StorePath {
  readonly path: string
  readonly bytes: number
}

/** Below it a package whose versions stay counts as unchanged: as `nix store diff-closures` has it. */
const NOTABLE_BYTES = 8 * 1024

/**
 * What changes between two closures: a line for the whole, then one for each package whose versions or size differ, as
 * `nix store diff-closures` writes it (which needs both closures in one store): `∅` for no version, `ε` for one without
 * a number. Pure.
 */
export function closureDiff(before: readonly StorePath[], after: readonly StorePath[]): readonly string[] {
  const [old, next] = [packagesOf(before), packagesOf(after)]
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted()
  const lines = names.flatMap((name) => packageLine(name, old.get(name) ?? none, next.get(name) ?? none))
  const [was, is] = [sizeOf(before), sizeOf(after)]
  const whole = `closure: ${mebibytes(was)} → ${mebibytes(is)}`
  return lines.length === 0 ? [`${whole}, the same packages`] : [whole, ...lines.map((line) => `  ${line}`)]
}

interface Package {
  readonly versions: readonly string[]
  readonly bytes: number
}
const none: Package = { versions: [], bytes: 0 }

function packagesOf(closure: readonly StorePath[]): ReadonlyMap<string, Package> {
  const found = Map.groupBy(closure.map(parse), ({ name }) => name)
  return new Map(
    [...found].map(([name, paths]) => [
      name,
      { versions: [...new Set(paths.map(({ version }) => version))].toSorted(), bytes: sizeOf(paths) },
    ]),
  )
}

/**
 * The version begins at the first dash that no letter follows (Nix manual, builtins.parseDrvName); an output's name at
 * the end is none.
 */
function parse({ path, bytes }: StorePath): {
  readonly name: string
  readonly version: string
  readonly bytes: number
} {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/^[0-9a-z]{32}-/, '')
  const plain = base.replace(/-([a-z]+|lib32|lib64)$/, '')
  const [, name = plain, version = ''] = /^(.*?)-([^A-Za-z].*)$/.exec(plain) ?? []
  return { name, version, bytes }
}

function packageLine(name: string, old: Package, next: Package): string[] {
  const removed = old.versions.filter((version) => !next.versions.includes(version))
  const added = next.versions.filter((version) => !old.versions.includes(version))
  const delta = next.bytes - old.bytes
  const hasNewVersion = removed.length > 0 || added.length > 0
  if (!hasNewVersion && Math.abs(delta) < NOTABLE_BYTES) return []
  const versions = hasNewVersion ? `${listed(removed)} → ${listed(added)}` : undefined
  const size = Math.abs(delta) < NOTABLE_BYTES ? undefined : `${delta > 0 ? '+' : ''}${(delta / 1024).toFixed(1)} KiB`
  return [`${name}: ${[versions, size].filter((part) => part !== undefined).join(', ')}`]
}

function listed(versions: readonly string[]): string {
  return versions.length === 0 ? '∅' : versions.map((version) => version || 'ε').join(', ')
}

function sizeOf(paths: readonly { readonly bytes: number }[]): number {
  return paths.reduce((sum, { bytes }) => sum + bytes, 0)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}
