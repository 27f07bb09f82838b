import type { Host } from '../../model/cluster.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import type { HostNote } from '../plan.ts'

/**
 * A NixOS host's k3s is its nixpkgs's: if that has another patch version than the inventory, keel notes it, and how to
 * get the right one. No fault, as patches of one minor may run beside each other; of another minor the module's own
 * assertion speaks. Pure.
 * @param has as its k3s says itself: `v1.36.3+k3s1`; undefined where there is none to ask
 */
export function otherPatch({ name, nixos }: Host, wanted: string, has: string | undefined): HostNote | undefined {
  if (nixos === undefined || has === undefined || has === wanted || minorOf(has) !== minorOf(wanted)) return undefined
  const update =
    nixos.source.kind === 'flake' ? '`nix flake update nixpkgs`' : `\`nix-channel --update\` ${place(nixos.build)}`
  return {
    code: 'nixos-other-patch',
    at: name,
    found: `the host has k3s ${has}, but hosts/cluster has ${wanted}`,
    why: 'on NixOS k3s comes from nixpkgs: keel builds that version, and pins no program',
    todo: `${update}, or set services.k3s.package; then \`keel deploy ${name}\``,
  }
}

function place(build: NonNullable<Host['nixos']>['build']): string {
  return { local: 'here', target: 'on it', host: 'where it is built' }[build.on]
}
