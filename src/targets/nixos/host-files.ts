import type { HostState } from '../../desired/host-state.ts'
import type { HostFile } from '../../model/cluster.ts'
import { joinText, type NixValue, nix, nixText } from '../../templates/nix-text.ts'
import { sh } from '../../templates/shell-quote.ts'
import { etcName } from './etc.ts'
import { composedPath } from './start-scripts.ts'
import { vipFiles } from './vip.ts'

/** Files under /etc as `environment.etc`; the others are put in their places at each switch. */
export function hostFiles(state: HostState): { readonly environment?: NixValue } {
  const etc = {
    ...Object.fromEntries([...state.declared.files, ...(state.keelAgent?.files ?? [])].filter(isInEtc).map(etcFile)),
    ...k3sFiles(state),
    ...vipFiles(state),
  }
  return Object.keys(etc).length === 0 ? {} : { environment: { etc } }
}

/** The script for what does not lie under /etc; undefined where there is nothing. */
export function placeFiles({ declared }: HostState): NixValue | undefined {
  const elsewhere = declared.files.filter((file) => !isInEtc(file))
  if (elsewhere.length === 0) return undefined
  return {
    deps: ['users', 'groups'],
    text: joinText(
      elsewhere.map(
        ({ path, content, mode, owner, group }) =>
          nixText`install -D ${sh`-m ${mode} -o ${owner} -g ${group}`} -- ${nix`pkgs.writeText "file" ${content}`} ${sh`${path}`}\n`,
      ),
    ),
  }
}

function k3sFiles({ declared, credentials }: HostState): Readonly<Record<string, NixValue>> {
  const composed = new Set(credentials.map(({ id }) => id))
  return {
    ...(declared.registries === undefined || composed.has('k3s-registries')
      ? {}
      : { 'rancher/k3s/registries.yaml': { text: `${JSON.stringify(declared.registries, null, 2)}\n` } }),
    ...(composed.has('k3s-secret-flags')
      ? { 'rancher/k3s/config.yaml.d/90-keel-secrets.yaml': { source: composedPath('k3s-secret-flags') } }
      : {}),
  }
}

function isInEtc({ path }: HostFile): boolean {
  return path.startsWith('/etc/')
}

function etcFile({ path, content, mode, owner, group }: HostFile): readonly [string, NixValue] {
  const isPlain = mode === '0644' && owner === 'root' && group === 'root'
  return [etcName(path), { text: content, ...(isPlain ? {} : { mode, user: owner, group }) }]
}
