import type { HostState } from '../../desired/host-state.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import type { NixValue } from '../../templates/nix-text.ts'

const serverFolder = { path: k3sPaths.server, mode: '0700' }

/**
 * Folders of keel's own get their mode at each switch; those that others make later only where they are missing
 * (tmpfiles.d(5), "Mode"). NixOS makes a manifest's link before k3s has a folder for it: tmpfiles would make that one
 * readable for everybody.
 */
export function folders({ parts: { keelAgent }, manifests, role }: HostState): { readonly tmpfiles?: NixValue } {
  const hidden = keelAgent?.hiddenFolders ?? []
  const manifestFolders =
    role === 'server' && manifests.length > 0 && !hidden.some(({ path }) => path === serverFolder.path) ? [serverFolder] : []
  const rules = [
    ...(keelAgent === undefined ? [] : [`d ${keelAgent.state.path} ${keelAgent.state.mode} root root -`]),
    ...[...hidden, ...manifestFolders].map(({ path, mode }) => `d ${path} :${mode} root root -`),
  ]
  return rules.length === 0 ? {} : { tmpfiles: { rules } }
}
