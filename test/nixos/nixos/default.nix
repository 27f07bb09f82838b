# What `<nixpkgs/nixos>` is where nixpkgs is this folder: the stand-in's system of a configuration.
{ configuration ? <nixos-config> }:
{
  system = import ../standin/system.nix { modules = [ configuration ]; };
}
