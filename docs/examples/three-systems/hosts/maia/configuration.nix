# The machine's own configuration, written by its owner; keel's module beside it is `keel render`'s.
{ ... }:
{
  imports = [
    <agenix/modules/age.nix> # nix-channel --add https://github.com/ryantm/agenix/archive/main.tar.gz agenix
    /etc/nixos/hardware-configuration.nix
    ./k3s.nix
  ];
  services.openssh.enable = true;
  networking.hostName = "maia";
  system.stateVersion = "25.11";
}
