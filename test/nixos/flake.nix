# What of nixpkgs' flake an inventory's flake uses, for the stand-in.
{
  outputs = _: {
    lib.nixosSystem = { modules }: { config.system.build.toplevel = import ./standin/system.nix { inherit modules; }; };
  };
}
