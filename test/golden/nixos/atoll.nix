{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # to 25.05 there is no option for it
  firewallBackend = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");
  # the keel-agent: keel's bundle, run by the Node of nixpkgs
  keelAgentNode = pkgs.nodejs-slim_24 or pkgs.nodejs-slim_22 or pkgs.nodejs-slim;
  keelAgent = pkgs.writeShellScriptBin "keel-agent" "exec ${keelAgentNode}/bin/node --jitless ${./keel-agent.mjs} \"$@\"";
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
      throw "hosts/atoll/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
                  found = builtins.tryEval (pkgs.k3s_1_34 or pkgs.k3s);
                in
                lib.mkDefault (if found.success then found.value else pkgs.k3s);
              tokenFile = config.age.secrets.k3s-server-token.path;
              clusterInit = true;
              # k3s data was damaged by ordinary shutdowns (nixpkgs#255783)
              gracefulNodeShutdown.enable = lib.mkDefault true;
              extraFlags = [
                "--cluster-cidr=10.42.0.0/16"
                "--cluster-domain=cluster.local"
                "--disable=traefik"
                "\"--disable=odd name\""
                "--secrets-encryption"
                "--service-cidr=10.43.0.0/16"
                "--tls-san=10.0.0.1"
                "--tls-san=api.example"
                "--tls-san=fd00::1"
                "--tls-san=ocean.example"
              ];
            }
            (if options.services.k3s ? agentTokenFile then
              { agentTokenFile = config.age.secrets.k3s-agent-token.path; }
            else
              { extraFlags = [ "--agent-token-file=${config.age.secrets.k3s-agent-token.path}" ]; })
            (if options.services.k3s ? nodeIP then
              { nodeIP = "10.0.0.1,fd00::1"; }
            else
              { extraFlags = [ "--node-ip=10.0.0.1,fd00::1" ]; })
            (if options.services.k3s ? nodeName then
              { nodeName = "atoll"; }
            else
              { extraFlags = [ "--node-name=atoll" ]; })
          ];
          # the grace period above (30 s by default) is cut off by logind otherwise
          logind =
            if options.services.logind ? settings then
              { settings.Login.InhibitDelayMaxSec = lib.mkDefault 30; }
            else
              { extraConfig = lib.mkBefore "InhibitDelayMaxSec=30\n"; };
        };
        networking.firewall = {
          allowedTCPPorts = [ 6443 ];
          extraCommands = lib.mkIf (firewallBackend == "iptables") (lib.mkMerge [
            ''
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1 --dport 2379:2380 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,100.64.0.5 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p udp -s 10.0.0.1,100.64.0.5 --dport 8472 -j nixos-fw-accept
            ''
            (lib.mkIf config.networking.enableIPv6 ''
              ip6tables -A nixos-fw -p tcp -s fd00::1 --dport 2379:2380 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1 --dport 10250 -j nixos-fw-accept
              ip6tables -A nixos-fw -p udp -s fd00::1 --dport 8472 -j nixos-fw-accept
            '')
          ]);
          extraInputRules = lib.mkIf (firewallBackend == "nftables") ''
            ip saddr { 10.42.0.0/16 } tcp dport 6443 accept comment "Kubernetes API"
            ip saddr { 10.0.0.1 } tcp dport 2379-2380 accept comment "etcd"
            ip6 saddr { fd00::1 } tcp dport 2379-2380 accept comment "etcd"
            ip saddr { 10.0.0.1, 100.64.0.5 } tcp dport 10250 accept comment "kubelet"
            ip6 saddr { fd00::1 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.42.0.0/16 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.0.0.1, 100.64.0.5 } udp dport 8472 accept comment "flannel, VXLAN"
            ip6 saddr { fd00::1 } udp dport 8472 accept comment "flannel, VXLAN"
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
                      server: https://127.0.0.1:6443
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
                    "ocean.example",
                    "10.0.0.1",
                    "fd00::1"
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
            "keel/approver.json".text = ''
              {
                "version": 1,
                "kubernetes": {
                  "server": "https://127.0.0.1:6443",
                  "ca": "/run/keel-approver/ca.crt",
                  "token": "/run/keel-approver/token"
                },
                "lease": {
                  "namespace": "keel-system",
                  "name": "keel-approver"
                },
                "signers": [
                  "kubernetes.io/kube-apiserver-client",
                  "kubernetes.io/kubelet-serving"
                ],
                "accounts": [
                  "system:serviceaccount:keel-system:keel-agent"
                ],
                "allowed": [
                  {
                    "node": "atoll",
                    "signer": "kubernetes.io/kubelet-serving",
                    "requester": {
                      "username": "system:node:atoll",
                      "groups": [
                        "system:authenticated",
                        "system:nodes"
                      ]
                    },
                    "subject": {
                      "commonName": "system:node:atoll",
                      "organizations": [
                        "system:nodes"
                      ]
                    },
                    "dnsNames": [
                      "atoll",
                      "ocean.example"
                    ],
                    "addresses": [
                      "10.0.0.1",
                      "fd00::1"
                    ],
                    "usages": [
                      [
                        "digital signature",
                        "server auth"
                      ]
                    ],
                    "longestSeconds": 604800
                  },
                  {
                    "node": "shoal",
                    "signer": "kubernetes.io/kubelet-serving",
                    "requester": {
                      "username": "system:node:shoal",
                      "groups": [
                        "system:authenticated",
                        "system:nodes"
                      ]
                    },
                    "subject": {
                      "commonName": "system:node:shoal",
                      "organizations": [
                        "system:nodes"
                      ]
                    },
                    "dnsNames": [
                      "shoal",
                      "maia.example"
                    ],
                    "addresses": [
                      "100.64.0.5"
                    ],
                    "usages": [
                      [
                        "digital signature",
                        "server auth"
                      ]
                    ],
                    "longestSeconds": 604800
                  }
                ],
                "hourlyRequests": 20,
                "log": {
                  "level": "info"
                }
              }
            '';
            "keel/approver-token.sh" = {
              text = ''
                # Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
                # Requests a token of the keel-approver's account and renews it, for as long as it runs: the administrator's kubeconfig
                # stays with root. The token is in no argument and in no message.
                set -u
                umask 022
                PATH=$PATH:/usr/local/bin:/run/current-system/sw/bin
                folder=/run/keel-approver/credential

                # put NAME: what comes on stdin, as a whole or not at all
                put() { cat > "$folder/.$1.new" && mv "$folder/.$1.new" "$folder/$1"; }

                renew() {
                  [ -f /etc/rancher/k3s/k3s.yaml ] || return 1
                  token=$(timeout 30 k3s kubectl --kubeconfig=/etc/rancher/k3s/k3s.yaml --server=https://127.0.0.1:6443 --cache-dir=/dev/null --request-timeout=10s \
                    --namespace=keel-system create token keel-approver --duration=1h) || return 1
                  [ -n "$token" ] && put ca.crt < /var/lib/rancher/k3s/server/tls/server-ca.crt && printf '%s\n' "$token" | put token
                }

                # by the clock, and looked at often: a machine that slept for an hour needs a new token at once
                renewed=0
                pause=5
                while :; do
                  now=$(date +%s)
                  age=$((now - renewed))
                  if [ "$age" -lt 0 ] || [ "$age" -ge 1200 ]; then
                    if renew; then
                      renewed=$now
                      pause=5
                      echo 'renewed the token of the keel-approver'
                    else
                      [ "$pause" -ge 60 ] || pause=$((pause * 2))
                    fi
                  fi
                  sleep "$pause"
                done
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
            keel-agent = {
              description = "keel's agent on this node";
              wantedBy = [ "multi-user.target" ];
              after = [ "network.target" ];
              environment.NODE_NAME = "atoll";
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
            keel-approver-token = {
              description = "The token of keel's approver, requested and renewed";
              wantedBy = [ "multi-user.target" ];
              after = [ "network.target" ];
              environment = { };
              unitConfig = {
                ConditionFileIsExecutable = "/run/current-system/sw/bin/keel-agent";
                StartLimitIntervalSec = "0";
                PartOf = "keel-approver.service";
              };
              restartTriggers = [ (config.environment.etc."keel/approver-token.sh".source) ];
              serviceConfig = {
                Type = "exec";
                ExecStartPre = "/bin/sh -c \"mkdir -p -m 0755 /run/keel-approver/credential\"";
                ExecStart = "/bin/sh /etc/keel/approver-token.sh";
                ExecStopPost = "/bin/sh -c \"rm -f /run/keel-approver/credential/token\"";
                Restart = "always";
                RestartSec = "2s";
                RestartSteps = "5";
                RestartMaxDelaySec = "1min";
                RuntimeDirectory = "keel-approver";
                RuntimeDirectoryMode = "0700";
                RuntimeDirectoryPreserve = "yes";
                InaccessiblePaths = [
                  "-/etc/ssh"
                  "-/etc/shadow"
                  "-/var/lib/keel"
                ];
                MemoryDenyWriteExecute = "yes";
                IPAddressAllow = "localhost";
                IPAddressDeny = "any";
                UMask = "0077";
                CapabilityBoundingSet = "";
                NoNewPrivileges = "yes";
                ProtectSystem = "strict";
                ProtectHome = "yes";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                PrivateMounts = "yes";
                DevicePolicy = "closed";
                ProtectClock = "yes";
                ProtectControlGroups = "yes";
                ProtectHostname = "yes";
                ProtectKernelLogs = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectProc = "invisible";
                ProcSubset = "pid";
                PrivateUsers = "yes";
                LockPersonality = "yes";
                RestrictAddressFamilies = "AF_INET AF_INET6";
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
            keel-approver = {
              description = "keel's approver of the agents' certificates";
              wantedBy = [ "multi-user.target" ];
              wants = [ "keel-approver-token.service" ];
              after = [
                "network.target"
                "keel-approver-token.service"
              ];
              environment.NODE_NAME = "atoll";
              unitConfig = {
                ConditionFileIsExecutable = "/run/current-system/sw/bin/keel-agent";
                StartLimitIntervalSec = "0";
              };
              restartTriggers = [
                (config.environment.etc."keel/approver.json".source)
                config.system.path
              ];
              serviceConfig = {
                Type = "exec";
                ExecStart = "/run/current-system/sw/bin/keel-agent approve --config /etc/keel/approver.json";
                Restart = "always";
                RestartSec = "2s";
                RestartSteps = "5";
                RestartMaxDelaySec = "1min";
                DynamicUser = "yes";
                User = "keel-approver";
                TemporaryFileSystem = "/run:ro";
                BindReadOnlyPaths = [
                  "/run/keel-approver/credential:/run/keel-approver"
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
                  "-/var/lib/rancher"
                  "-/var/lib/keel"
                ];
                MemoryDenyWriteExecute = "yes";
                MemoryMax = "256M";
                IPAddressAllow = "localhost";
                IPAddressDeny = "any";
                UMask = "0077";
                CapabilityBoundingSet = "";
                NoNewPrivileges = "yes";
                ProtectSystem = "strict";
                ProtectHome = "yes";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                PrivateMounts = "yes";
                DevicePolicy = "closed";
                ProtectClock = "yes";
                ProtectControlGroups = "yes";
                ProtectHostname = "yes";
                ProtectKernelLogs = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectProc = "invisible";
                ProcSubset = "pid";
                PrivateUsers = "yes";
                LockPersonality = "yes";
                RestrictAddressFamilies = "AF_INET AF_INET6";
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
            "d /var/lib/rancher/k3s/server :0700 root root -"
          ];
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
            assertion = lib.versions.majorMinor config.services.k3s.package.version == "1.34";
            message = "hosts/atoll/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.34: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/atoll/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/atoll and open the ports in zones of firewalld (`keel help nixos`).";
          }
          {
            assertion = lib.versionAtLeast keelAgentNode.version "22";
            message = "hosts/atoll/k3s.nix: the keel-agent needs Node 22 or newer, and nixpkgs has ${keelAgentNode.version}: update nixpkgs, or set keelAgent to false for this host.";
          }
        ];
      };
}
