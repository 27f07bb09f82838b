import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineNix } from '../../../src/lab/nixos/stand-in.ts'
import type { LabHost } from '../lab/lab-host.ts'

const model = new URL('../../nixos/', import.meta.url).pathname

/** Lets Nix build on the host of a lab: as root, and with the programs of the host. */
export async function becomeBuilder(host: LabHost): Promise<void> {
  await host.sh(
    `mkdir -p /etc/nix; printf '%s\\n' 'build-users-group =' 'sandbox = false' 'substitute = false' > /etc/nix/nix.conf`,
  )
}

/** A flake beside hosts/, like one of a user. Its inputs are stand-ins inside it, so real Nix needs no network. */
export function writeFlake(inventory: string, names: readonly string[], k3sVersion: string): void {
  vendorNixpkgs(join(inventory, 'nixpkgs'), k3sVersion)
  const configurations = names.map(
    (name) => `    nixosConfigurations.${name} = nixpkgs.lib.nixosSystem {
      modules = [ agenix.nixosModules.default ./hosts/${name}/configuration.nix ./hosts/${name}/k3s.nix ];
    };
`,
  )
  writeFileSync(
    join(inventory, 'flake.nix'),
    `{
  inputs.nixpkgs.url = "path:./nixpkgs";
  inputs.agenix.url = "path:./nixpkgs/standin/agenix";
  outputs = { nixpkgs, agenix, ... }: {
${configurations.join('')}  };
}
`,
  )
}

/** The nixpkgs of the stand-in in a folder. */
function vendorNixpkgs(nixpkgs: string, k3sVersion: string): void {
  cpSync(model, nixpkgs, { recursive: true })
  writeFileSync(join(nixpkgs, 'machine.nix'), machineNix(k3sVersion))
}

/**
 * Nix on this machine with a store of the test, which Nix sees as `/nix/store`, and the nixos-rebuild of the stand-in:
 * the environment of an admin.
 * @param home a folder of the test; the store is removed together with it
 */
export function adminsNix(home: string, k3sVersion: string): Readonly<Record<string, string>> {
  const [bin, nixpkgs] = [join(home, 'bin'), join(home, 'nixpkgs')]
  vendorNixpkgs(nixpkgs, k3sVersion)
  mkdirSync(bin, { recursive: true })
  writeFileSync(
    join(bin, 'nixos-rebuild'),
    `#!/bin/sh\nSTAND_IN_ETC=${home}/etc exec ${nixpkgs}/standin/nixos-rebuild "$@"\n`,
    {
      mode: 0o755,
    },
  )
  return {
    HOME: home,
    PATH: `${bin}:${process.env.PATH}`,
    NIX_REMOTE: join(home, 'nix'),
    NIX_PATH: `nixpkgs=${nixpkgs}:agenix=${nixpkgs}/standin/agenix`,
    // programs of this machine replace a stdenv
    NIX_CONFIG: 'build-users-group =\nsubstitute = false\nsandbox-paths = /bin /usr /lib /lib64?\n',
  }
}
