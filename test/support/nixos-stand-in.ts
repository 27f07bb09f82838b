import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabCluster } from './lab-cluster.ts'
import type { LabHost } from './lab-host.ts'

const folder = '/usr/local/lib/nixos-stand-in'
const model = new URL('../nixos/', import.meta.url).pathname

/** What the stand-in's nixpkgs has to know of the machines: `machine.nix` in it. */
const machineNix = (k3sVersion: string) =>
  `{ k3sVersion = "${k3sVersion}"; system = "${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux"; }\n`

/**
 * Makes a lab's Debian host a stand-in for a NixOS one: Nix is in the lab's root already; here come a nixos-rebuild that evaluates and builds with it
 * (test/nixos/standin), k3s where a store would have it, and a system without k3s that it boots. What is built is the model's system, not NixOS's.
 */
export async function becomeNixos(host: LabHost, { lab }: LabCluster): Promise<void> {
  const root = `/proc/${await host.firstProcess()}/root`
  await cp(model, join(root, folder), { recursive: true })
  await cp(lab.k3s.path, join(root, folder, 'k3s'))
  await becomeBuilder(host)
  await host.sh(
    `rm -f /etc/os-release; sed 's/^ID=.*/ID=nixos/' /usr/lib/os-release > /etc/os-release
mkdir -p /nix/store/stand-in-age/bin /nix/store/stand-in-k3s/bin
ln -s /usr/bin/age /nix/store/stand-in-age/bin/age
mv ${folder}/k3s /nix/store/stand-in-k3s/bin/k3s
chmod 0755 /nix/store/stand-in-k3s/bin/k3s
ln -s /nix/store/stand-in-k3s/bin/k3s /usr/local/bin/k3s
ln -s ${folder}/standin/nixos-rebuild /usr/local/bin/nixos-rebuild
cat > ${folder}/machine.nix
cat > /etc/systemd/system/stand-in-boot.service <<'UNIT'
[Unit]
After=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/nix/var/nix/profiles/system/bin/switch-to-configuration standin-boot
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --quiet stand-in-boot.service
echo '{ services.openssh.enable = true; }' > /root/empty.nix
nixos-rebuild switch -I nixos-config=/root/empty.nix`,
    machineNix(lab.k3s.version.slice(1)),
  )
}

/** Lets Nix build on a lab's host: as root, and with the host's own programs. */
export async function becomeBuilder(host: LabHost): Promise<void> {
  await host.sh(
    `mkdir -p /etc/nix; printf '%s\\n' 'build-users-group =' 'sandbox = false' 'substitute = false' > /etc/nix/nix.conf`,
  )
}

/** The inventory says the same, and the owner of the machine has a configuration that imports keel's module. */
export async function inventoryOfNixos({ inventory }: LabCluster, name: string): Promise<void> {
  const file = join(inventory, `hosts/${name}/host.ts`)
  const text = await readFile(file, 'utf8')
  const configuration = `hosts/${name}/configuration.nix`
  await writeFile(file, text.replace("os: 'debian',", `os: 'nixos',\n  nixos: { configuration: '${configuration}' },`))
  // graceful shutdown is off: the lab's hosts have no logind, and the look-alike's kubelet keeps its own configuration file
  await writeFile(
    join(inventory, configuration),
    `{ ... }:
{
  imports = [ <agenix/modules/age.nix> ./k3s.nix ];
  services.openssh.enable = true;
  services.k3s.gracefulNodeShutdown.enable = false;
}
`,
  )
}

/** A flake beside hosts/, as a user has one; its inputs are stand-ins that lie in it, so that real Nix needs no network. */
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

/** The stand-in's nixpkgs in a folder. */
export function vendorNixpkgs(nixpkgs: string, k3sVersion: string): void {
  cpSync(model, nixpkgs, { recursive: true })
  writeFileSync(join(nixpkgs, 'machine.nix'), machineNix(k3sVersion))
}

/**
 * Nix on this machine with a store of the test's own, which is `/nix/store` to it, and the stand-in's nixos-rebuild: the environment of an admin.
 * @param home a folder of the test's; the store is removed with it
 */
export function adminsNix(home: string, k3sVersion: string): Readonly<Record<string, string>> {
  const [bin, nixpkgs] = [join(home, 'bin'), join(home, 'nixpkgs')]
  vendorNixpkgs(nixpkgs, k3sVersion)
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'nixos-rebuild'), `#!/bin/sh\nexec ${nixpkgs}/standin/nixos-rebuild "$@"\n`, { mode: 0o755 })
  return {
    HOME: home,
    PATH: `${bin}:${process.env.PATH}`,
    NIX_REMOTE: join(home, 'nix'),
    NIX_PATH: `nixpkgs=${nixpkgs}:agenix=${nixpkgs}/standin/agenix`,
    // programs of this machine stand in for a stdenv
    NIX_CONFIG: 'build-users-group =\nsubstitute = false\nsandbox-paths = /bin /usr /lib /lib64?\n',
  }
}
