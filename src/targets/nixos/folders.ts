import type { HostState } from '../../desired/host-state.ts'
import type { NixosPlacement, WantedDirectory } from '../../parts/part.ts'
import type { NixValue } from '../../templates/nix-text.ts'

/**
 * Folders of keel's own get their mode at each switch; those that others make later only where they are missing
 * (tmpfiles.d(5), "Mode"). NixOS makes a manifest's link before k3s has a folder for it: tmpfiles would make that one
 * readable for everybody.
 */
export function folders(
  { manifests, role, distribution }: HostState,
  placements: readonly NixosPlacement[],
): { readonly tmpfiles?: NixValue } {
  const serverFolder: WantedDirectory = { path: distribution.places.server, mode: '0700' }
  const ofParts = placements.flatMap(({ directories = [] }) => directories)
  const manifestFolders =
    role === 'server' && manifests.length > 0 && !ofParts.some(({ path }) => path === serverFolder.path)
      ? [serverFolder]
      : []
  const rules = [...ofParts, ...manifestFolders].map(
    ({ path, mode, owned }) => `d ${path} ${owned === true ? mode : `:${mode}`} root root -`,
  )
  return rules.length === 0 ? {} : { tmpfiles: { rules } }
}
