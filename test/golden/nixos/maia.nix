{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # to 25.05 there is no option for it
  firewallBackend = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");
in
{
  config =
    if !(options ? age) then
      throw "hosts/maia/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
    else
      {
        age.secrets.k3s-agent-token = {
          file = ../../secrets/k3s-agent-token.age;
          owner = "root";
          group = "root";
          mode = "0400";
        };
        services = {
          k3s = lib.mkMerge [
            {
              enable = true;
              role = "agent";
              package =
                let
                  found = builtins.tryEval (pkgs.k3s_1_36 or pkgs.k3s);
                in
                lib.mkDefault (if found.success then found.value else pkgs.k3s);
              tokenFile = config.age.secrets.k3s-agent-token.path;
              serverAddr = "https://10.0.0.1:6443";
              # k3s data was damaged by ordinary shutdowns (nixpkgs#255783)
              gracefulNodeShutdown.enable = lib.mkDefault true;
              extraFlags = [
                "--container-runtime-endpoint=unix:///run/containerd/containerd.sock"
                "--flannel-iface=tailscale0"
              ];
            }
            (if options.services.k3s ? nodeIP then
              { nodeIP = "100.64.0.5"; }
            else
              { extraFlags = [ "--node-ip=100.64.0.5" ]; })
            (if options.services.k3s ? nodeLabel then
              { nodeLabel = [ "example.com/tier=edge" ]; }
            else
              { extraFlags = [ "--node-label=example.com/tier=edge" ]; })
            (if options.services.k3s ? nodeName then
              { nodeName = "maia"; }
            else
              { extraFlags = [ "--node-name=maia" ]; })
            (if options.services.k3s ? nodeTaint then
              { nodeTaint = [ "example.com/region=south:NoSchedule" ]; }
            else
              { extraFlags = [ "--node-taint=example.com/region=south:NoSchedule" ]; })
            (if options.services.k3s ? selinux then
              { selinux = true; }
            else
              { extraFlags = [ "--selinux" ]; })
          ];
          # the grace period above (30 s by default) is cut off by logind otherwise
          logind =
            if options.services.logind ? settings then
              { settings.Login.InhibitDelayMaxSec = lib.mkDefault 30; }
            else
              { extraConfig = lib.mkBefore "InhibitDelayMaxSec=30\n"; };
        };
        virtualisation.containerd.enable = lib.mkDefault true;
        networking.firewall = {
          interfaces = lib.mkIf (firewallBackend == "iptables") {
            tailscale0 = {
              allowedTCPPorts = [ 10250 ];
              allowedUDPPorts = [ 8472 ];
            };
          };
          extraCommands = lib.mkIf (firewallBackend == "iptables") (lib.mkMerge [ "iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept\n" ]);
          extraInputRules = lib.mkIf (firewallBackend == "nftables") ''
            iifname "tailscale0" tcp dport 10250 accept comment "kubelet"
            iifname "tailscale0" udp dport 8472 accept comment "flannel, VXLAN"
            ip saddr { 10.42.0.0/16 } tcp dport 10250 accept comment "kubelet"
          '';
        };
        systemd.services = {
          k3s = {
            after = [
              "containerd.service"
              "tailscaled.service"
            ] ++ lib.optional agenixIsService "agenix-install-secrets.service";
            wants = [ "containerd.service" ] ++ lib.optional agenixIsService "agenix-install-secrets.service";
            preStart = ''
              umask 077
              until [ -e /sys/class/net/tailscale0 ]; do sleep 1; done
              # what k3s is started with, for a comparison after the next switch
              keep() {
                if [ ! -s "$2" ]; then
                  echo "$2 is missing or empty: agenix could not decrypt it with this host's key" >&2
                  exit 1
                fi
                cat -- "$2" > "/run/keel-k3s/$1"
              }
              keep k3s-agent-token ${config.age.secrets.k3s-agent-token.path}
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
              if changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path}; then
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
            if changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path}; then
              echo k3s.service >> /run/nixos/activation-restart-list
            fi
          '';
        };
        assertions = [
          {
            assertion = lib.versions.majorMinor config.services.k3s.package.version == "1.36";
            message = "hosts/maia/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/maia/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/maia and open the ports in zones of firewalld (`keel help nixos`).";
          }
        ];
      };
}
