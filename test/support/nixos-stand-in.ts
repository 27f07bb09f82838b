import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabCluster } from './lab-cluster.ts'
import type { LabHost } from './lab-host.ts'

const folder = '/usr/local/lib/nixos-stand-in'
const model = new URL('../nixos/', import.meta.url).pathname

/**
 * Makes a lab's Debian host a stand-in for a NixOS one: Nix is in the lab's root already; here come a nixos-rebuild that evaluates with it
 * (test/nixos/standin), k3s where a store would have it, and a system without k3s that it boots. No proof of `nix copy`, of building, or of closures.
 */
export async function becomeNixos(host: LabHost, { lab }: LabCluster): Promise<void> {
  const root = `/proc/${await host.firstProcess()}/root`
  await cp(model, join(root, folder), { recursive: true })
  await cp(lab.k3s.path, join(root, folder, 'k3s'))
  const { version } = lab.k3s
  await host.sh(
    `rm -f /etc/os-release; sed 's/^ID=.*/ID=nixos/' /usr/lib/os-release > /etc/os-release
mkdir -p /nix/store/stand-in-age/bin /nix/store/stand-in-k3s/bin
ln -s /usr/bin/age /nix/store/stand-in-age/bin/age
# as a store has them, so that a script finds what its own PATH names and nothing else
for package in bash coreutils findutils grep:gnugrep sed:gnused systemd iproute2 openssl; do
  mkdir -p "/nix/store/made-up-\${package#*:}/bin"
  dpkg -L "\${package%:*}" | grep -E '^(/usr)?/s?bin/.' | xargs -r ln -sft "/nix/store/made-up-\${package#*:}/bin"
done
chgrp nogroup /nix/store; chmod 1775 /nix/store
mv ${folder}/k3s /nix/store/stand-in-k3s/bin/k3s
chmod 0755 /nix/store/stand-in-k3s/bin/k3s
ln -s /nix/store/stand-in-k3s/bin/k3s /usr/local/bin/k3s
ln -s ${folder}/standin/nixos-rebuild /usr/local/bin/nixos-rebuild
cat > ${folder}/standin/machine.nix
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
    `{ k3s = "/nix/store/stand-in-k3s"; age = "/nix/store/stand-in-age"; k3sVersion = "${version.slice(1)}"; }\n`,
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
