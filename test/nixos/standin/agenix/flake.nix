# agenix's flake, for the stand-in.
{
  outputs = _: { nixosModules.default = ./modules/age.nix; };
}
