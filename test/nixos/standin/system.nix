# Modules → a derivation of the parts of a NixOS system that the stand-in needs: the units and the activation that the
# real modules of k3s, keepalived and agenix make of their options (their sources: see ../k3s-command.nix and
# ../model.nix; services/networking/keepalived).
{ modules }:
let
  release = "25.11";
  # written where it is set up: the k3s that this nixpkgs has
  machine = import ../machine.nix;
  k3s = "/nix/store/stand-in-k3s-${machine.k3sVersion}";
  age = "/nix/store/stand-in-age";
  lib = import ../lib.nix;
  model = import ../model.nix {
    inherit release modules k3s;
    inherit (machine) k3sVersion;
    writeText = name: text: { type = "derivation"; inherit name text; outPath = builtins.toFile name text; };
    # bash ends last: Nix kills a builder that has closed its output, as chmod does before it ends
    writeShellScriptBin = name: text: derivation {
      inherit name text;
      inherit (machine) system;
      builder = "/bin/bash";
      args = [ "-c" "/bin/mkdir -p $out/bin; printf '#!/bin/bash\\n%s' \"$text\" > $out/bin/$name; /bin/chmod 755 $out/bin/$name; :" ];
    };
  };
  inherit (model) config command;
  quote = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
  file = path: mode: text: ''
    mkdir -p "$(dirname "$out/${path}")"
    printf %s ${quote text} > "$out/${path}"
    chmod ${mode} "$out/${path}"
  '';
  lines = builtins.concatStringsSep "\n";
  value = item: if item == true then "true" else if item == false then "false" else toString item;

  service = config.systemd.services.k3s;
  isServer = config.services.k3s.role == "server";
  unit = ''
    [Unit]
    Description=k3s service (stand-in for NixOS)
    After=firewall.service network-online.target ${toString service.after}
    Wants=firewall.service network-online.target ${toString service.wants}

    [Service]
    Type=${if isServer then "notify" else "exec"}
    KillMode=process
    Delegate=yes
    Restart=always
    RestartSec=5s
    LimitNOFILE=1048576
    LimitNPROC=infinity
    LimitCORE=infinity
    TasksMax=infinity
    TimeoutStartSec=0
    EnvironmentFile=${toString config.services.k3s.environmentFile}
    ExecStartPre=/bin/bash -e ${builtins.toFile "k3s-pre-start" service.preStart}
    ExecStart=${builtins.concatStringsSep " " command.words}
    ${lines (lib.mapAttrsToList (name: item: "${name}=${value item}") service.serviceConfig)}
    # restartTriggers: ${toString (map (item: "${item}") service.restartTriggers)}
  '';

  # what NixOS gives every service, and not one program more
  defaultPath = lib.makeBinPath (map (name: "/nix/store/made-up-${name}") [ "coreutils" "findutils" "gnugrep" "gnused" "systemd" ]);
  # any other service, as nixos/lib/systemd-lib.nix prints it: a list is a setting several times
  settings = attrs: lines (lib.mapAttrsToList (name: item: lines (map (one: "${name}=${value one}") (if builtins.isList item then item else [ item ]))) attrs);
  plainUnit = service: ''
    [Unit]
    Description=${service.description}
    After=${toString service.after}
    Wants=${toString service.wants}
    ${if service.startLimitIntervalSec == null then "" else "StartLimitIntervalSec=${toString service.startLimitIntervalSec}"}
    X-Restart-Triggers=${toString (map (item: "${item}") service.restartTriggers)}
    X-Reload-Triggers=${toString (map (item: "${item}") service.reloadTriggers)}
    ${settings service.unitConfig}

    [Service]
    Environment="PATH=${defaultPath}"
    ${lines (lib.mapAttrsToList (name: item: "Environment=\"${name}=${item}\"") service.environment)}
    ${settings service.serviceConfig}
  '';
  wanted = name: map (target: "mkdir -p $out/etc/systemd/system/${target}.wants; ln -s ../${name} $out/etc/systemd/system/${target}.wants/\n");
  keepalived = config.services.keepalived;
  keepalivedConf = builtins.toFile "keepalived.conf" ''
    global_defs {
      ${keepalived.extraGlobalDefs}
    }

    ${if keepalived.vrrpInstances == { } && keepalived.vrrpScripts == { } then "" else throw "stand-in: no typed instances of keepalived"}
    ${keepalived.extraConfig}
  '';
  ofKeepalived = {
    Type = "forking";
    PIDFile = "/run/keepalived.pid";
    KillMode = "process";
    RuntimeDirectory = "keepalived";
    ExecStart = "/usr/sbin/keepalived -f ${keepalivedConf} -p /run/keepalived.pid";
    ExecReload = "/usr/bin/kill -HUP $MAINPID";
    Restart = "always";
    RestartSec = "1s";
  };
  others =
    removeAttrs config.systemd.services [ "k3s" "keepalived" ]
    // (
      if keepalived.enable then
        { keepalived = config.systemd.services.keepalived // { serviceConfig = ofKeepalived // config.systemd.services.keepalived.serviceConfig; }; }
      else
        { }
    );
  sockets = lines (
    lib.mapAttrsToList (
      name: socket:
      file "etc/systemd/system/${name}.socket" "0644" ''
        [Unit]
        Description=${socket.description}
        ${settings socket.unitConfig}

        [Socket]
        ${settings socket.socketConfig}
      ''
    ) (config.systemd.sockets or { })
  );
  timer = ''
    [Timer]
    OnActiveSec=5s
    Unit=keepalived.service
  '';

  # modules/age.nix: decrypted under a mask, moved, owned. After a failure it continues with the next one, and the new
  # generation counts all the same
  decrypt = name: secret: ''
    (umask u=r,g=,o=; ${age}/bin/age --decrypt "''${IDENTITIES[@]}" -o "$generation/${secret.name}.tmp" ${quote "${secret.file}"}) &&
      chmod ${secret.mode} "$generation/${secret.name}.tmp" && mv -f "$generation/${secret.name}.tmp" "$generation/${secret.name}" || failed=1
    [ ! -e "$generation/${secret.name}" ] || chown ${secret.owner}:${secret.group} "$generation/${secret.name}"
  '';
  # setup-etc.pl: `+` and a number, or a name that getpwnam knows, or root
  account = file: name: if lib.hasPrefix "+" name then lib.removePrefix "+" name else "$(awk -F: -v name=${quote name} '$1 == name { id = $3 } END { print id + 0 }' ${file})";
  etc = lib.mapAttrsToList (
    name: entry:
    if entry.mode == "symlink" then
      # a file that Nix writes is no program, and only a build could make it one
      "${if entry.source.isProgram or false then "chmod 0555 ${quote "${entry.source}"}; " else ""}mkdir -p ${quote (dirOf "/etc/${name}")}; ln -sfn ${quote "${entry.source}"} ${quote "/etc/${name}"}"
    else
      "install -D -m ${entry.mode} -o ${account "/etc/passwd" entry.user} -g ${account "/etc/group" entry.group} ${quote "${entry.source}"} ${quote "/etc/${name}"}"
  ) config.environment.etc;
  snippets = lib.mapAttrsToList (
    name: snippet: "# ${name}\n(\n${if builtins.isString snippet then snippet else snippet.text}\n) || failed=1"
  ) config.system.activationScripts;
  activate = ''
    #!/bin/bash
    failed=0
    IDENTITIES=()
    for identity in ${toString config.age.identityPaths}; do
      test -r "$identity" || continue
      test -s "$identity" || continue
      IDENTITIES+=(-i)
      IDENTITIES+=("$identity")
    done
    mkdir -p /run/agenix.d /run/nixos
    number=$(( $(basename "$(readlink /run/agenix || echo 0)") + 1 ))
    generation=/run/agenix.d/$number
    mkdir -p -m 0751 "$generation"
    ${lines (lib.mapAttrsToList decrypt config.age.secrets)}
    ln -sfn "$generation" /run/agenix
    [ "$number" -lt 2 ] || rm -rf "/run/agenix.d/$((number - 1))"
    ${lines etc}
    ${lines snippets}
    # systemd-tmpfiles-resetup.service
    systemd-tmpfiles --create - <<< ${quote (lines config.systemd.tmpfiles.rules)} || failed=1
    exit $failed
  '';
  # the k3s module adds its package to them; it lies on the host alone
  systemPath = ''
    mkdir -p $out/sw/bin
    ${if config.services.k3s.enable then "ln -s ${config.services.k3s.package}/bin/k3s $out/sw/bin/k3s" else ""}
    for package in $systemPackages; do
      ln -s $package/bin/* $out/sw/bin/
    done
  '';
  # the units of other services, and what pulls them in
  otherUnits = lines (
    lib.mapAttrsToList (
      name: other: file "etc/systemd/system/${name}.service" "0644" (plainUnit other) + lines (wanted "${name}.service" other.wantedBy)
    ) others
  )
  + (
    if keepalived.enable then
      file "etc/systemd/system/keepalived-boot-delay.timer" "0644" timer + lines (wanted "keepalived-boot-delay.timer" [ "multi-user.target" ])
    else
      ""
  );
  script =
    (if config.services.k3s.enable then file "etc/systemd/system/k3s.service" "0644" unit else "")
    + systemPath
    + otherUnits
    + sockets
    + "\n"
    + file "activate" "0755" activate
    + file "bin/switch-to-configuration" "0755" (builtins.readFile ./switch-to-configuration);
in
derivation {
  name = "nixos-system-stand-in-${release}";
  inherit (machine) system;
  builder = "/bin/bash";
  # not toFile, which refuses what a derivation makes: a unit names the keel-agent's program
  inherit script;
  passAsFile = [ "script" ];
  args = [ "-euc" ". $scriptPath" ];
  systemPackages = map toString config.environment.systemPackages;
  PATH = "/usr/bin:/bin";
}
