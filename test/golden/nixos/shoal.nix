{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # to 25.05 there is no option for it
  firewallBackend = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");
  # the keel-agent: keel's bundle, run by the Node of nixpkgs
  keelAgentNode = pkgs.nodejs-slim_24 or pkgs.nodejs-slim_22 or pkgs.nodejs-slim;
  keelAgent = pkgs.writeShellScriptBin "keel-agent" "exec ${keelAgentNode}/bin/node --jitless ${./keel-agent.mjs} \"$@\"";
in
{
  config =
    if !(options ? age) then
      throw "hosts/shoal/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
                  found = builtins.tryEval (pkgs.k3s_1_34 or pkgs.k3s);
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
              { nodeName = "shoal"; }
            else
              { extraFlags = [ "--node-name=shoal" ]; })
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
        environment = {
          etc = {
            "keel/kubeconfig" = {
              text = ''
                # Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
                apiVersion: v1
                clusters:
                  - cluster:
                      certificate-authority: /var/lib/rancher/k3s/agent/server-ca.crt
                      server: https://127.0.0.1:6444
                    name: node
                contexts:
                  - context:
                      cluster: node
                      user: keel-agent
                    name: keel-agent
                current-context: keel-agent
                kind: Config
                users:
                  - name: keel-agent
                    user:
                      client-certificate: /var/lib/rancher/k3s/agent/client-kubelet.crt
                      client-key: /var/lib/rancher/k3s/agent/client-kubelet.key
              '';
              mode = "0600";
              uid = 0;
              gid = 0;
            };
            "keel/agent.json" = {
              text = ''
                {
                  "version": 1,
                  "kubernetes": {
                    "kubeconfig": "/etc/keel/kubeconfig"
                  },
                  "operational": {
                    "certificate": "/var/lib/keel/crypto/operational.pem",
                    "key": "/var/lib/keel/crypto/operational.key"
                  },
                  "names": [
                    "maia.example",
                    "100.64.0.5"
                  ],
                  "listen": {
                    "port": 50051
                  },
                  "log": {
                    "level": "info"
                  }
                }
              '';
              mode = "0600";
              uid = 0;
              gid = 0;
            };
          };
          systemPackages = [ keelAgent ];
        };
        systemd = {
          services = {
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
            keel-agent = {
              description = "keel's agent on this node";
              wantedBy = [ "multi-user.target" ];
              after = [ "network.target" ];
              environment.NODE_NAME = "shoal";
              unitConfig = {
                ConditionFileIsExecutable = "/run/current-system/sw/bin/keel-agent";
                StartLimitIntervalSec = "0";
              };
              restartTriggers = [
                (config.environment.etc."keel/kubeconfig".source)
                (config.environment.etc."keel/agent.json".source)
                keelAgent
              ];
              serviceConfig = {
                Type = "exec";
                ExecStart = "/run/current-system/sw/bin/keel-agent --config /etc/keel/agent.json";
                Restart = "always";
                RestartSec = "2s";
                RestartSteps = "5";
                RestartMaxDelaySec = "1min";
                StateDirectory = "keel/crypto";
                StateDirectoryMode = "0700";
                UMask = "0077";
                CapabilityBoundingSet = "";
                NoNewPrivileges = "yes";
                TemporaryFileSystem = "/run:ro";
                BindReadOnlyPaths = [
                  "-/run/systemd/resolve"
                  "/run/current-system"
                ];
                InaccessiblePaths = [
                  "-/etc/ssh"
                  "-/etc/shadow"
                  "-/etc/rancher"
                  "-/etc/credstore"
                  "-/etc/credstore.encrypted"
                  "-/var/lib/systemd/credential.secret"
                  "-/var/lib/rancher/k3s/server"
                  "-/var/lib/kubelet"
                ];
                ProtectSystem = "strict";
                ProtectHome = "yes";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                PrivateMounts = "yes";
                PrivateUsers = "yes";
                DevicePolicy = "closed";
                ProtectClock = "yes";
                ProtectControlGroups = "yes";
                ProtectHostname = "yes";
                ProtectKernelLogs = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectProc = "invisible";
                MemoryDenyWriteExecute = "yes";
                ProcSubset = "all";
                MemoryMax = "256M";
                LockPersonality = "yes";
                RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX";
                RestrictNamespaces = "yes";
                RestrictRealtime = "yes";
                RestrictSUIDSGID = "yes";
                KeyringMode = "private";
                SystemCallArchitectures = "native";
                SystemCallFilter = [
                  "@system-service"
                  "~@privileged @resources"
                ];
                SystemCallErrorNumber = "EPERM";
              };
            };
          };
          tmpfiles.rules = [
            "d /var/lib/keel/crypto 0700 root root -"
            "d /var/lib/kubelet :0750 root root -"
          ];
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
            assertion = lib.versions.majorMinor config.services.k3s.package.version == "1.34";
            message = "hosts/shoal/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.34: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/shoal/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/shoal and open the ports in zones of firewalld (`keel help nixos`).";
          }
          {
            assertion = lib.versionAtLeast keelAgentNode.version "22";
            message = "hosts/shoal/k3s.nix: the keel-agent needs Node 22 or newer, and nixpkgs has ${keelAgentNode.version}: update nixpkgs, or set keelAgent to false for this host.";
          }
        ];
      };
}
