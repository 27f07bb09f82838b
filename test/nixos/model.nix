# A strict model of NixOS for one machine: modules → what they define, and what the k3s and agenix modules make of it.
{
  release,
  modules,
  withAgenix ? true,
  k3sVersion ? "1.36.3+k3s1",
  nodeVersion ? "24.11.1",
  # where the package lies
  k3s ? null,
  # a derivation-like for a text: where there is no store, its path is made up
  writeText ? name: text: { type = "derivation"; inherit name text; outPath = "/nix/store/${builtins.substring 0 32 (builtins.hashString "sha256" text)}-${name}"; },
  # a package with one program; where there is no store, its path is made up
  writeShellScriptBin ? name: text: writeText name "#!/bin/bash\n${text}",
}:
let
  lib = import ./lib.nix;
  options = import ./options.nix { inherit release withAgenix; };
  program = name: { type = "derivation"; inherit name; outPath = "/nix/store/made-up-${name}"; };
  package = version: {
    type = "derivation";
    name = "k3s-${version}";
    inherit version;
    outPath = if k3s == null then "/nix/store/made-up-k3s-${version}" else k3s;
  };
  # aliases.nix: a minor version that nixpkgs had once, and one that it never had is missing
  gone = lib.optionals (k3sVersion != "1.31.14+k3s1") [ { name = "k3s_1_31"; value = throw "model: k3s_1_31 was removed from nixpkgs: end of life"; } ];
  pkgs = builtins.listToAttrs gone // {
    k3s = package k3sVersion;
    "k3s_${builtins.replaceStrings [ "." ] [ "_" ] (lib.versions.majorMinor k3sVersion)}" = package k3sVersion;
    inherit writeText writeShellScriptBin;
    writeShellScript = name: text: writeText name "#!/bin/bash\n${text}" // { isProgram = true; };
    bash = program "bash";
    coreutils = program "coreutils";
    gnused = program "gnused";
    iproute2 = program "iproute2";
    openssl = program "openssl";
    systemd = program "systemd";
    nodejs-slim_24 = program "nodejs-slim_24" // { version = nodeVersion; };
  };

  # as the k3s, logind and agenix modules compute them
  computed =
    loc: otherwise:
    let
      name = builtins.elemAt loc 2;
      secret = config.age.secrets.${name};
    in
    if builtins.length loc == 4 && lib.hasPrefix "age.secrets." (builtins.concatStringsSep "." loc) then
      {
        inherit name;
        path = "${config.age.secretsDir}/${secret.name}";
        group = "0";
      }
      .${builtins.elemAt loc 3} or otherwise
    else if loc == [ "age" "identityPaths" ] then
      if config.services.openssh.enable then
        map (key: key.path) (builtins.filter (key: builtins.elem key.type [ "rsa" "ed25519" ]) config.services.openssh.hostKeys)
      else
        [ ]
    else if builtins.length loc == 4 && lib.hasPrefix "environment.etc." (builtins.concatStringsSep "." loc) && builtins.elemAt loc 3 == "source" then
      pkgs.writeText "etc-${baseNameOf name}" config.environment.etc.${name}.text
    else if builtins.length loc == 4 && builtins.elemAt loc 0 == "environment" && builtins.elemAt loc 1 == "etc" then
      { user = "+${toString config.environment.etc.${name}.uid}"; group = "+${toString config.environment.etc.${name}.gid}"; }.${builtins.elemAt loc 3} or otherwise
    else if loc == [ "services" "k3s" "package" ] then
      pkgs.k3s
    else if loc == [ "networking" "firewall" "backend" ] then
      if config.services.firewalld.enable then "firewalld" else if config.networking.nftables.enable then "nftables" else "iptables"
    else if loc == [ "system" "path" ] then
{
        type = "derivation";
        name = "system-path";
        outPath = "/nix/store/${builtins.substring 0 32 (builtins.hashString "sha256" (builtins.unsafeDiscardStringContext (toString config.environment.systemPackages)))}-system-path";
      }
    else
      otherwise;

  load =
    module:
    let
      made = if builtins.isPath module || builtins.isString module then import module else module;
      body = if builtins.isFunction made then made { inherit config lib pkgs; options = options.asAttrs; } else made;
    in
    map load' (body.imports or [ ]) ++ [ (body.config or (removeAttrs body [ "imports" ])) ];
  load' = module: lib.mkMerge (load module);

  merged = import ./merge.nix { inherit options computed; } (builtins.concatMap load modules);
  config = merged.value;
  command = import ./k3s-command.nix { inherit config release; };
  firewall = import ./firewall.nix { inherit config lib; };

  byService = config.systemd.sysusers.enable || config.services.userborn.enable;
  snippets =
    [ "specialfs" "users" "groups" "etc" "var" "binsh" "usrbinenv" "hostname" "modprobe" ]
    ++ lib.optionals (withAgenix && config.age.secrets != { } && !byService) [ "agenixNewGeneration" "agenixInstall" "agenixChown" "agenix" ]
    ++ builtins.attrNames config.system.activationScripts;
  loose = builtins.concatLists (
    lib.mapAttrsToList (_: script: builtins.filter (name: !(builtins.elem name snippets)) (script.deps or [ ])) config.system.activationScripts
  );
  # with sysusers and userborn a service makes users, after the activation (switch-to-configuration)
  early = lib.optionals byService (
    builtins.filter (name: builtins.any (made: builtins.elem made (config.system.activationScripts.${name}.deps or [ ])) [ "users" "groups" ]) (
      builtins.attrNames config.system.activationScripts
    )
  );
  nixosInit = config.system.nixos-init.enable or false;

  # setup-etc.pl: `+` and a number, or a name that getpwnam knows, or root; build-composefs-dump.py: the numbers
  accounts = { root = 0; app = 990; };
  ownerOf = number: name: if config.system.etc.overlay.enable then number else if lib.hasPrefix "+" name then lib.toInt (lib.removePrefix "+" name) else accounts.${name} or 0;
  etcOwners = builtins.mapAttrs (_: entry: {
    uid = ownerOf entry.uid entry.user;
    gid = ownerOf entry.gid entry.group;
  }) (lib.filterAttrs (_: entry: entry.mode != "symlink") config.environment.etc);

  # systemd.nix, makeJobScript
  jobScript = text: (if config.systemd.enableStrictShellChecks or false then "#!/bin/bash\nset -o errexit\nset -o nounset\nset -o pipefail\n" else "#!/bin/bash\nset -e\n") + text;
  jobScripts = builtins.mapAttrs (_: service: map jobScript (builtins.filter (text: text != "") [ service.preStart service.script ])) config.systemd.services;

  # agenix's unit is there on the other kind of system only
  namesUnit = service: builtins.elem "agenix-install-secrets.service" (service.after ++ service.wants ++ service.requires ++ service.bindsTo);
  strays = if byService then [ ] else builtins.filter (name: namesUnit config.systemd.services.${name}) (builtins.attrNames config.systemd.services);
  assertions =
    config.assertions
    ++ command.assertions
    ++ [
      { assertion = withAgenix && config.age.secrets != { } -> config.age.identityPaths != [ ]; message = "age.identityPaths must be set, or openssh enabled"; }
      { assertion = loose == [ ]; message = "activation scripts depend on ${builtins.concatStringsSep ", " loose}, which no release has"; }
      { assertion = builtins.all (word: builtins.match "\"?--(agent-)?token([= ].*)?" word == null) command.words; message = "a flag would put a secret's value into the world-readable store"; }
      { assertion = strays == [ ]; message = "${builtins.concatStringsSep ", " strays} wait for agenix-install-secrets.service, which is not there"; }
      { assertion = early == [ ]; message = "activation scripts need users that this system makes after them: ${builtins.concatStringsSep ", " early}"; }
      { assertion = nixosInit -> config.system.activationScripts == { }; message = "activation scripts are a no-op with nixos-init"; }
      { assertion = nixosInit -> config.system.etc.overlay.enable && byService; message = "nixos-init can only be used with the overlay, and userborn or sysusers"; }
    ]
    ++ firewall.assertions;
  failed = builtins.filter ({ assertion, ... }: !assertion) assertions;

  # JSON would copy a path into the store, and lose what a derivation holds
  show =
    value:
    if builtins.isPath value then
      { path = toString value; }
    else if builtins.isList value then
      map show value
    else if builtins.isAttrs value && value.type or "" == "derivation" then
      { inherit (value) name; } // (if value ? text then { inherit (value) text; } else { })
    else if builtins.isAttrs value then
      builtins.mapAttrs (_: show) value
    else
      value;
in
if failed != [ ] then
  throw "model: ${(builtins.head failed).message}"
else
  {
    defined = show merged.shown;
    inherit (command) words kubeletConfig;
    warnings = config.warnings ++ command.warnings;
    inherit command;
    secrets = if withAgenix then builtins.mapAttrs (_: secret: show { inherit (secret) file path owner mode; }) config.age.secrets else { };
    inherit config etcOwners jobScripts;
    firewall = { inherit (firewall) backend start table zone; };
  }
