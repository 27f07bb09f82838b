{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # to 25.05 there is no option for it
  firewallBackend = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");
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
      throw "hosts/holm/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
              clusterInit = true;
              # k3s data was damaged by ordinary shutdowns (nixpkgs#255783)
              gracefulNodeShutdown.enable = lib.mkDefault true;
              manifests."keel-vip.yaml" = {
                source = pkgs.writeText "keel-vip.yaml" ''
                  # Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
                  apiVersion: v1
                  kind: ServiceAccount
                  metadata:
                    name: kube-vip
                    namespace: kube-system
                  ---
                  apiVersion: rbac.authorization.k8s.io/v1
                  kind: Role
                  metadata:
                    name: kube-vip
                    namespace: kube-system
                  rules:
                    - apiGroups:
                        - coordination.k8s.io
                      resources:
                        - leases
                      verbs:
                        - create
                    - apiGroups:
                        - coordination.k8s.io
                      resources:
                        - leases
                      resourceNames:
                        - keel-vip
                      verbs:
                        - get
                        - watch
                        - update
                  ---
                  apiVersion: rbac.authorization.k8s.io/v1
                  kind: RoleBinding
                  metadata:
                    name: kube-vip
                    namespace: kube-system
                  roleRef:
                    apiGroup: rbac.authorization.k8s.io
                    kind: Role
                    name: kube-vip
                  subjects:
                    - kind: ServiceAccount
                      name: kube-vip
                      namespace: kube-system
                  ---
                  apiVersion: apps/v1
                  kind: DaemonSet
                  metadata:
                    name: kube-vip
                    namespace: kube-system
                  spec:
                    selector:
                      matchLabels: &a1
                        app.kubernetes.io/name: kube-vip
                    template:
                      metadata:
                        labels: *a1
                      spec:
                        affinity:
                          nodeAffinity:
                            requiredDuringSchedulingIgnoredDuringExecution:
                              nodeSelectorTerms:
                                - matchExpressions:
                                    - key: node-role.kubernetes.io/control-plane
                                      operator: Exists
                        tolerations:
                          - operator: Exists
                        serviceAccountName: kube-vip
                        hostNetwork: true
                        priorityClassName: system-node-critical
                        containers:
                          - name: kube-vip
                            image: ghcr.io/kube-vip/kube-vip:v1.0.1
                            args:
                              - manager
                            env:
                              - name: address
                                value: 10.0.0.100
                              - name: port
                                value: "6443"
                              - name: vip_arp
                                value: "true"
                              - name: vip_subnet
                                value: "32"
                              - name: cp_enable
                                value: "true"
                              - name: cp_namespace
                                value: kube-system
                              - name: svc_enable
                                value: "false"
                              - name: vip_leaderelection
                                value: "true"
                              - name: vip_leasename
                                value: keel-vip
                              - name: vip_leaseduration
                                value: "5"
                              - name: vip_renewdeadline
                                value: "3"
                              - name: vip_retryperiod
                                value: "1"
                              - name: prometheus_server
                                value: 127.0.0.1:2112
                              - name: vip_nodename
                                valueFrom:
                                  fieldRef:
                                    fieldPath: spec.nodeName
                            securityContext:
                              capabilities:
                                drop:
                                  - ALL
                                add:
                                  - NET_ADMIN
                                  - NET_RAW
                '';
                target = "keel-vip.yaml";
              };
              extraFlags = [
                "--cluster-cidr=10.42.0.0/16"
                "--cluster-domain=cluster.local"
                "--service-cidr=10.43.0.0/16"
                "--tls-san=10.0.0.1"
                "--tls-san=10.0.0.100"
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
              { nodeName = "holm"; }
            else
              { extraFlags = [ "--node-name=holm" ]; })
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
              iptables -A nixos-fw -p tcp -s 10.0.0.1 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p udp -s 10.0.0.1 --dport 8472 -j nixos-fw-accept
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
            ip saddr { 10.0.0.1 } tcp dport 10250 accept comment "kubelet"
            ip6 saddr { fd00::1 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.42.0.0/16 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.0.0.1 } udp dport 8472 accept comment "flannel, VXLAN"
            ip6 saddr { fd00::1 } udp dport 8472 accept comment "flannel, VXLAN"
          '';
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
          };
          tmpfiles.rules = [ "d /var/lib/rancher/k3s/server :0700 root root -" ];
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
            message = "hosts/holm/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/holm/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/holm and open the ports in zones of firewalld (`keel help nixos`).";
          }
        ];
      };
}
