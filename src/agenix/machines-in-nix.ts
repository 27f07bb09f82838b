import type { Role } from '../model/cluster.ts'
import type { RepositoryFile } from './repository-files.ts'

/** A machine that a repository configures. */
export interface Machine {
  /** From its k3s module; absent if the module does not say it in plain text. */
  readonly role?: Role
}

/**
 * The usual places of a machine's configuration in a repository: `hosts/ocean/default.nix`, `machines/ocean.nix`,
 * `nixos/hosts/ocean/k3s.nix`.
 */
const FOLDER = /(?:^|\/)(?:hosts?|machines?|systems?|nodes?|servers?|nixos)\/([^/]+?)(?:\.nix$|\/)/gi
const NOT_A_MACHINE = /^(default|common|shared|modules?|lib|profiles?|hosts?|machines?|optional|global|features)$/i
const HOST_NAME = /\bhostName\s*=\s*(?:\w+\.mkDefault\s+)?"([A-Za-z0-9.-]{1,63})"/g
const CONFIGURATION = /\bnixosConfigurations\.(?:"([A-Za-z0-9._-]{1,63})"|([A-Za-z0-9_-]{1,63}))/g
const ROLE = /\brole\s*=\s*"(server|agent)"/

/**
 * The machines that the .nix files of a repository configure, by name. This is a guess from paths and plain text; Nix
 * evaluates nothing.
 */
export function machinesInNix(files: Iterable<RepositoryFile>): ReadonlyMap<string, Machine> {
  const machines = new Map<string, Machine>()
  for (const { path, text } of files) {
    const folders = [...path.matchAll(FOLDER)].map(([, name = '']) => name)
    const said = [...text.matchAll(HOST_NAME)].map(([, name = '']) => name)
    const configured = [...text.matchAll(CONFIGURATION)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const own = [...folders, ...said].filter((name) => !NOT_A_MACHINE.test(name))
    for (const name of configured) machines.set(name, machines.get(name) ?? {})
    const role = text.includes('k3s') ? ROLE.exec(text)?.[1] : undefined
    for (const name of own) {
      const before = machines.get(name)
      machines.set(name, role === 'server' || role === 'agent' ? { role } : (before ?? {}))
    }
  }
  return machines
}
