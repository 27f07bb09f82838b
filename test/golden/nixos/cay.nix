{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # public; its key comes from agenix
  caCertificate = pkgs.writeText "server-ca.crt" ''
    -----BEGIN CERTIFICATE-----
    QUFBQQ==
    -----END CERTIFICATE-----
  '';
in
{
  config =
    if !(options ? age) then
      throw "hosts/cay/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
    else
      {
        age.secrets = {
          k3s-server-token = {
            file = ../../secrets/k3s-server-token.age;
            owner = "root";
            group = "root";
            mode = "0400";
          };
          k3s-agent-token = {
            file = ../../secrets/k3s-agent-token.age;
            owner = "root";
            group = "root";
            mode = "0400";
          };
          k3s-server-ca-key = {
            file = ../../secrets/k3s-server-ca-key.age;
            owner = "root";
            group = "root";
            mode = "0400";
          };
        };
        services = {
          k3s = lib.mkMerge [
            {
              enable = true;
              role = "server";
              package =
                let
                  found = builtins.tryEval (pkgs.k3s_1_36 or pkgs.k3s);
                in
                lib.mkDefault (if found.success then found.value else pkgs.k3s);
              tokenFile = config.age.secrets.k3s-server-token.path;
              # k3s data was damaged by ordinary shutdowns (nixpkgs#255783)
              gracefulNodeShutdown.enable = lib.mkDefault true;
              extraFlags = [
                "--cluster-cidr=10.42.0.0/16"
                "--cluster-domain=cluster.local"
                "--service-cidr=10.43.0.0/16"
                "--tls-san=cay.example"
              ];
            }
            (if options.services.k3s ? agentTokenFile then
              { agentTokenFile = config.age.secrets.k3s-agent-token.path; }
            else
              { extraFlags = [ "--agent-token-file=${config.age.secrets.k3s-agent-token.path}" ]; })
            (if options.services.k3s ? nodeName then
              { nodeName = "cay"; }
            else
              { extraFlags = [ "--node-name=cay" ]; })
          ];
          # the grace period above (30 s by default) is cut off by logind otherwise
          logind =
            if options.services.logind ? settings then
              { settings.Login.InhibitDelayMaxSec = lib.mkDefault 30; }
            else
              { extraConfig = lib.mkBefore "InhibitDelayMaxSec=30\n"; };
        };
        systemd.services = {
          k3s = {
            after = lib.optional agenixIsService "agenix-install-secrets.service";
            wants = lib.optional agenixIsService "agenix-install-secrets.service";
            preStart = ''
              umask 077
              # what k3s is started with, for a comparison after the next switch
              keep() {
                if [ ! -s "$2" ]; then
                  echo "$2 is missing or empty: agenix could not decrypt it with this host's key" >&2
                  exit 1
                fi
                cat -- "$2" > "/run/keel-k3s/$1"
              }
              keep k3s-server-token ${config.age.secrets.k3s-server-token.path}
              keep k3s-agent-token ${config.age.secrets.k3s-agent-token.path}
              # the cluster's CA, before the first start only
              if [ ! -e /var/lib/rancher/k3s/server/db ]; then
                install -d -m 0755 /var/lib/rancher/k3s
                install -d -m 0700 /var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/tls
                install -m 0600 -- ${config.age.secrets.k3s-server-ca-key.path} /var/lib/rancher/k3s/server/tls/server-ca.key
                install -m 0644 -- ${caCertificate} /var/lib/rancher/k3s/server/tls/server-ca.crt
              fi
            '';
            serviceConfig = {
              RuntimeDirectory = "keel-k3s";
              RuntimeDirectoryMode = "0700";
            };
          };
          # what the activation script below does elsewhere
          keel-k3s-secrets = lib.mkIf agenixIsService {
            description = "Restart k3s if the value of one of its secrets is another";
            wantedBy = [ "multi-user.target" ];
            wants = [ "agenix-install-secrets.service" ];
            after = [
              "agenix-install-secrets.service"
              "k3s.service"
            ];
            restartTriggers = lib.mapAttrsToList (_: secret: secret.file) config.age.secrets;
            serviceConfig = {
              Type = "oneshot";
              RemainAfterExit = true;
            };
            script = ''
              changed() {
                [ -e "/run/keel-k3s/$1" ] && [ -s "$2" ] && [ "$(< "$2")" != "$(< "/run/keel-k3s/$1")" ]
              }
              if changed k3s-server-token ${config.age.secrets.k3s-server-token.path} ||
                changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path}; then
                systemctl try-restart --no-block k3s.service
              fi
            '';
          };
        };
        system.activationScripts.keel-k3s-secrets = lib.mkIf (!agenixIsService) {
          deps = [ "agenix" ];
          text = ''
            changed() {
              [ -e "/run/keel-k3s/$1" ] && [ -s "$2" ] && [ "$(< "$2")" != "$(< "/run/keel-k3s/$1")" ]
            }
            if changed k3s-server-token ${config.age.secrets.k3s-server-token.path} ||
              changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path}; then
              echo k3s.service >> /run/nixos/activation-restart-list
            fi
          '';
        };
        assertions = [
          {
            assertion = lib.versions.majorMinor config.services.k3s.package.version == "1.36";
            message = "hosts/cay/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
        ];
      };
}
