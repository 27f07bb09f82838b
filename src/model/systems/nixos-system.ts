import { ExitCode, KeelError } from '../../errors.ts'
import { parseSshAddress } from '../addresses/ssh-address.ts'
import type { NixosSystem } from '../cluster.ts'
import { quote } from '../names.ts'

/**
 * `.` or `.#ocean`: the flake beside the inventory, and one of its nixosConfigurations.
 * @throws KeelError `nixos-flake` (exit 2)
 */
export function parseFlake(text: string): { readonly attribute?: string } {
  const [, attribute] = /^\.(?:#([A-Za-z_][\w.'-]*))?$/.exec(text) ?? [undefined]
  if (!/^\.(#|$)/.test(text) || (text !== '.' && attribute === undefined)) {
    throw refused(
      'nixos-flake',
      text,
      'the flake must be beside hosts/ and secrets/, because it reads what keel writes there',
      "write '.', or '.#NAME' with the name of one of its nixosConfigurations",
    )
  }
  return attribute === undefined ? {} : { attribute }
}

/** `hosts/ocean/configuration.nix`. @throws KeelError `nixos-configuration` (exit 2) */
export function parseConfiguration(text: string): string {
  const parts = text.split('/')
  if (
    !text.endsWith('.nix') ||
    parts.some((part) => !/^[A-Za-z0-9_+.-]+$/.test(part) || part === '.' || part === '..')
  ) {
    throw refused(
      'nixos-configuration',
      text,
      'keel sends it to the host together with hosts/ and secrets/',
      'write the path of a .nix file below the inventory: hosts/ocean/configuration.nix',
    )
  }
  return text
}

/** `local`, `target`, or a host that ssh can reach. @throws KeelError `nixos-build` (exit 2) */
export function parseBuild(text: string): NixosSystem['build'] {
  if (text === 'local' || text === 'target') return { on: text }
  try {
    parseSshAddress(text)
  } catch {
    throw refused('nixos-build', text, "allowed: 'local', 'target', or user@host of a build machine")
  }
  return { on: 'host', address: text }
}

function refused(code: string, text: string, why: string, todo?: string): KeelError {
  return new KeelError({
    code,
    found: `${quote(text)} is not possible here`,
    why,
    ...(todo === undefined ? {} : { todo }),
    exit: ExitCode.Usage,
  })
}
