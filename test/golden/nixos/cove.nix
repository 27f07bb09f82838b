{ config, lib, options, pkgs, ... }:
let
  # then it decrypts after the activation scripts
  agenixIsService = config.systemd.sysusers.enable || config.services.userborn.enable;
  # to 25.05 there is no option for it
  firewallBackend = config.networking.firewall.backend or (if config.networking.nftables.enable then "nftables" else "iptables");
  # the keel-agent: keel's bundle, run by the Node of nixpkgs
  keelAgentNode = pkgs.nodejs-slim_24 or pkgs.nodejs-slim_22 or pkgs.nodejs-slim;
  keelAgent = pkgs.writeShellScriptBin "keel-agent" "exec ${keelAgentNode}/bin/node --jitless --max-semi-space-size=1 --max-old-space-size=128 ${./keel-agent.mjs} \"$@\"";
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
      throw "hosts/cove/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
          s3 = {
            file = ../../secrets/s3.age;
            owner = "root";
            group = "root";
            mode = "0400";
          };
          registry = {
            file = ../../secrets/registry.age;
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
              manifests."a.yaml" = {
                source = pkgs.writeText "a.yaml" ''
                  kind: Namespace
                  ---
                  kind: Namespace
                '';
                target = "a.yaml";
              };
              extraFlags = [
                "--cluster-cidr=10.42.0.0/16"
                "--cluster-domain=cluster.local"
                "--service-cidr=10.43.0.0/16"
                "--tls-san=10.0.0.1"
                "--tls-san=10.0.0.100"
                "--tls-san=fd00::1"
                "--tls-san=ocean.example"
                "--private-registry=/run/keel-k3s/_k3s-registries.yaml"
              ];
            }
            (if options.services.k3s ? agentTokenFile then
              { agentTokenFile = config.age.secrets.k3s-agent-token.path; }
            else
              { extraFlags = [ "--agent-token-file=${config.age.secrets.k3s-agent-token.path}" ]; })
            (if options.services.k3s ? nodeExternalIP then
              { nodeExternalIP = "192.0.2.1,192.0.2.2"; }
            else
              { extraFlags = [ "--node-external-ip=192.0.2.1,192.0.2.2" ]; })
            (if options.services.k3s ? nodeIP then
              { nodeIP = "10.0.0.1,fd00::1"; }
            else
              { extraFlags = [ "--node-ip=10.0.0.1,fd00::1" ]; })
            (if options.services.k3s ? nodeName then
              { nodeName = "cove"; }
            else
              { extraFlags = [ "--node-name=cove" ]; })
          ];
          # the grace period above (30 s by default) is cut off by logind otherwise
          logind =
            if options.services.logind ? settings then
              { settings.Login.InhibitDelayMaxSec = lib.mkDefault 30; }
            else
              { extraConfig = lib.mkBefore "InhibitDelayMaxSec=30\n"; };
          keepalived = {
            enable = true;
            extraConfig = "include /etc/keel/keepalived.conf\n";
          };
        };
        networking.firewall = {
          extraCommands = lib.mkIf (firewallBackend == "iptables") (lib.mkMerge [
            ''
              iptables -A nixos-fw -p tcp -s 192.0.2.0/24,10.0.0.1,10.0.0.2 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,10.0.0.2 --dport 2379:2380 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,10.0.0.2 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p udp -s 10.0.0.1,10.0.0.2 --dport 8472 -j nixos-fw-accept
              iptables -A nixos-fw -p 112 -s 10.0.0.1,10.0.0.2 -j nixos-fw-accept
            ''
            (lib.mkIf config.networking.enableIPv6 ''
              ip6tables -A nixos-fw -p tcp -s 2001:db8::/32,fd00::1,fd00::2 --dport 6443 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1,fd00::2 --dport 2379:2380 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1,fd00::2 --dport 10250 -j nixos-fw-accept
              ip6tables -A nixos-fw -p udp -s fd00::1,fd00::2 --dport 8472 -j nixos-fw-accept
              ip6tables -A nixos-fw -p 112 -s fd00::1,fd00::2 -j nixos-fw-accept
            '')
          ]);
          extraInputRules = lib.mkIf (firewallBackend == "nftables") ''
            ip saddr { 192.0.2.0/24, 10.0.0.1, 10.0.0.2 } tcp dport 6443 accept comment "Kubernetes API"
            ip6 saddr { 2001:db8::/32, fd00::1, fd00::2 } tcp dport 6443 accept comment "Kubernetes API"
            ip saddr { 10.42.0.0/16 } tcp dport 6443 accept comment "Kubernetes API"
            ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 2379-2380 accept comment "etcd"
            ip6 saddr { fd00::1, fd00::2 } tcp dport 2379-2380 accept comment "etcd"
            ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 10250 accept comment "kubelet"
            ip6 saddr { fd00::1, fd00::2 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.42.0.0/16 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.0.0.1, 10.0.0.2 } udp dport 8472 accept comment "flannel, VXLAN"
            ip6 saddr { fd00::1, fd00::2 } udp dport 8472 accept comment "flannel, VXLAN"
            ip saddr { 10.0.0.1, 10.0.0.2 } meta l4proto 112 accept comment "VRRP"
            ip6 saddr { fd00::1, fd00::2 } meta l4proto 112 accept comment "VRRP"
          '';
        };
        environment = {
          etc = {
            "sysctl.d/80-k3s.conf".text = "vm.overcommit_memory=1\n";
            "app/app.conf" = {
              text = "a";
              mode = "0640";
              user = "app";
              group = "app";
            };
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
                    "node": "cove",
                    "signer": "kubernetes.io/kubelet-serving",
                    "subject": {
                      "commonName": "system:node:cove",
                      "organizations": [
                        "system:nodes"
                      ]
                    },
                    "dnsNames": [
                      "cove",
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
                    "requester": {
                      "username": "system:node:cove",
                      "groups": [
                        "system:authenticated",
                        "system:nodes"
                      ]
                    },
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
            "rancher/k3s/config.yaml.d/90-keel-secrets.yaml".source = "/run/keel-k3s/_k3s-secret-flags.yaml";
            "keel/keel-vip".source = pkgs.writeShellScript "keel-vip" ''
              export PATH=${lib.makeBinPath [ pkgs.bash pkgs.coreutils pkgs.gnused pkgs.iproute2 pkgs.openssl ]}:$PATH
              # Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
              #
              # keel-vip watch     tells, again and again, whether this server is fit for the cluster's address: keel-vip-health.service
              # keel-vip ask       what the API server answers: 200, 500, silent, refused …
              # keel-vip unfit     it is not, as nobody watches any more
              # keel-vip fresh     ends with 0 while somebody watches
              # keel-vip prepare   finds the interface for keepalived: keel-vip.service
              # keel-vip reload    the same for one that runs, by its process id
              # keel-vip release   takes the address off this host
              # keel-vip became    keepalived's state, for `keel vip status`
              # keel-vip status    all that is known here, one NAME=VALUE a line
              #
              # Nothing here goes by the clock, which may jump: times are hundredths of a second since the boot.
              set -u
              export LC_ALL=C
              umask 077

              address=10.0.0.100
              named_interface=
              configuration=/etc/keel/keepalived.conf
              state=/run/keel/vip
              server_ca=/var/lib/rancher/k3s/server/tls/server-ca.crt
              client_ca=/var/lib/rancher/k3s/server/tls/client-ca.crt
              client_ca_key=/var/lib/rancher/k3s/server/tls/client-ca.key
              api=127.0.0.1
              port=6443
              # seconds that the checker's own certificate is good for; it makes a new one when half of them are over
              lifetime=''${KEEL_VIP_LIFETIME:-3600}

              # hundredths of a second that a server must have been healthy before it may take the address
              stable=500
              # and after which a checker that has not been heard of counts as gone: its longest step takes 100
              silence=300

              uptime_now() { read -r now _ < /proc/uptime; now=$((10#''${now/./})); }

              # a reader sees the old text or the new one, whole
              put() { printf '%s\n' "$2" > "$state/$1.new" && mv -f -- "$state/$1.new" "$state/$1"; }

              # appended, as several of these programs may have something to say at once
              note() { printf '%s %s\n' "$(date +%s)" "$1" >> "$state/changes"; }

              # keepalived reads this file whenever it was closed: written in place, as it watches the file itself
              verdict() {
                printf '%s\n' "$1" > "$state/verdict"
              }

              beat() { uptime_now; put beat "$now $fit $reason"; }

              # A certificate of no group: it may ask for health and version, and for nothing else (system:public-info-viewer). Signed here, by the CA that the
              # API server trusts for clients, so that it depends on nobody's deploy.
              renew() {
                local folder=$state/credential
                rm -rf -- "$folder.new"; mkdir -p -- "$folder.new"
                : > "$folder.new/index"
                cat > "$folder.new/config" << END
              [ca]
              default_ca = keel
              [keel]
              database = $folder.new/index
              new_certs_dir = $folder.new
              rand_serial = yes
              default_md = sha256
              policy = any
              x509_extensions = client
              [any]
              commonName = supplied
              [client]
              basicConstraints = critical, CA:false
              keyUsage = critical, digitalSignature
              extendedKeyUsage = clientAuth
              END
                # from an hour ago: a clock that was just put right must not make it one of the future
                timeout 1 openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=keel-vip-checker \
                  -keyout "$folder.new/key" -out "$folder.new/request" 2> /dev/null &&
                  timeout 1 openssl ca -batch -notext -config "$folder.new/config" -cert "$client_ca" -keyfile "$client_ca_key" \
                    -in "$folder.new/request" -out "$folder.new/certificate" \
                    -startdate "$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$lifetime seconds" +%Y%m%d%H%M%SZ)" 2> /dev/null ||
                  return 1
                rm -rf -- "$folder"; mv -- "$folder.new" "$folder"
                uptime_now; renewed=$now
              }

              # Prints the three digits of the answer; nothing where there is none within a second, or not from the cluster's API server.
              ask() {
                local answer
                answer=$(printf 'GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$api" |
                  timeout 1 openssl s_client -quiet -connect "$api:$port" -verify 8 -verify_return_error -verify_ip "$api" \
                    -CAfile "$server_ca" -no-CApath -no-CAstore \
                    -cert "$state/credential/certificate" -key "$state/credential/key" 2> /dev/null | head -c 12)
                [[ $answer == HTTP/1.?\ [0-9][0-9][0-9] ]] && printf '%s' "''${answer:9}"
              }

              # The authority. healthy: yes, no, or silent, which has to be twice to count
              authority() {
                uptime_now
                if [ $((now - renewed)) -ge $((lifetime * 50)) ]; then
                  renew || { healthy=no; reason='no credential'; return; }
                  beat
                fi
                inquire
                # not let in: the clock may have jumped out of the certificate's time
                case $code in 401 | refused) if renew; then beat; inquire; fi ;; esac
                case $code in
                  200) healthy=yes; reason=ready ;;
                  silent) healthy=silent; reason='readyz does not answer' ;;
                  refused) healthy=no; reason='no connection under the CA of the cluster' ;;
                  *) healthy=no; reason="readyz answers $code" ;;
                esac
              }

              # code: what readyz answered; silent: nothing within a second; refused: no connection, or one to somebody else
              inquire() {
                uptime_now
                local asked=$now
                code=$(ask)
                [ -z "$code" ] || return
                uptime_now
                if [ $((now - asked)) -ge 95 ]; then code=silent; else code=refused; fi
              }

              # TCP alone: seen at once where the process has gone
              reachable() {
                timeout 0.4 bash -c ": < /dev/tcp/$api/$port" 2> /dev/null
                case $? in
                  0) connected=yes ;;
                  124) connected=silent; reason='port does not answer' ;;
                  *) connected=no; reason='port is closed' ;;
                esac
              }

              watch() {
                mkdir -p -- "$state"
                local fit=no reason=starting since= silent=0 question=-999999999 renewed=-999999999 healthy=no connected=no judged code started
                verdict 1; beat
                while :; do
                  uptime_now; started=$now
                  judged=yes
                  reachable; beat
                  case $connected in
                    no) judged=no ;;
                    silent) judged=silent ;;
                    # every two seconds, and again at once where it gave no answer; by the time and not by rounds, which a busy machine makes longer
                    yes)
                      if [ $((started - question)) -ge 190 ] || [ "$healthy" = silent ]; then question=$started; authority; fi
                      judged=$healthy
                      ;;
                  esac
                  [ "$connected" = yes ] || question=-999999999
                  case $judged in
                    silent) silent=$((silent + 1)); [ $silent -lt 2 ] || judged=no ;;
                    *) silent=0 ;;
                  esac
                  uptime_now
                  if [ "$judged" = no ]; then
                    since=
                    if [ $fit = yes ]; then fit=no; verdict 1; note "unfit: $reason"; fi
                  elif [ "$judged" = yes ]; then
                    : "''${since:=$now}"
                    if [ $fit = no ]; then
                      if [ $((now - since)) -ge $stable ]; then fit=yes; verdict 0; note fit; else reason='healthy, not for long enough'; fi
                    fi
                  fi
                  beat
                  uptime_now
                  [ $((started + 50 - now)) -le 0 ] || sleep "0.$(printf %02d $((started + 50 - now)))"
                done
              }

              fresh() {
                local at now
                read -r at _ < "$state/beat" || return 1
                uptime_now
                [ $((now - at)) -lt $silence ]
              }

              # On whose network the address lies: where a packet for it would go without a gateway
              interface_for() {
                local found
                if [ -n "$named_interface" ]; then [ -e "/sys/class/net/$named_interface" ] && printf '%s\n' "$named_interface"; return; fi
                found=$(ip -oneline route get "$address" 2> /dev/null) || return 1
                case " $found " in
                  # it stands here already, so the interface is known
                  *' dev lo '*) ip -oneline address show to "$address" | { read -r _ name _; printf '%s\n' "$name"; } ;;
                  *' via '*) return 1 ;;
                  *) found=''${found#* dev }; printf '%s\n' "''${found%% *}" ;;
                esac
              }

              prepare() {
                local name
                mkdir -p -- "$state"
                { tail -n 100 -- "$state/changes" > "$state/changes.new" && mv -f -- "$state/changes.new" "$state/changes"; } 2> /dev/null
                [ -e "$state/verdict" ] || verdict 1
                name=$(interface_for) || { echo "no interface ''${named_interface:-has a network with $address in it}" >&2; exit 1; }
                printf '$KEEL_INTERFACE=%s\n' "$name" > "$state/interface.conf"
                sha256sum -- "$configuration" > "$state/loaded"
              }

              holding() { ip -oneline address show to "$address" 2> /dev/null; }

              release() {
                [ -z "$(holding)" ] || note 'address taken off'
                holding | while read -r _ name family given _; do
                  case $family in inet | inet6) ip address delete "$given" dev "$name" ;; esac
                done
              }

              status() {
                printf 'holds=%s\n' "$([ -n "$(holding)" ] && echo yes || echo no)"
                printf 'interface=%s\n' "$(interface_for)"
                if fresh 2> /dev/null; then read -r _ fit reason < "$state/beat"; else fit=no; reason='nobody watches'; fi
                printf 'fit=%s\nreason=%s\n' "$fit" "$reason"
                sha256sum --check --status -- "$state/loaded" 2> /dev/null && echo loaded=yes
                tail -n 20 -- "$state/changes" 2> /dev/null | sed 's/^/change=/'
                true
              }

              case ''${1:-} in
                watch) watch ;;
                ask)
                  mkdir -p -- "$state"
                  renewed=0
                  [ -e "$state/credential" ] || renew
                  inquire
                  printf '%s\n' "$code"
                  ;;
                unfit) verdict 1; note 'unfit: nobody watches' ;;
                fresh) fresh ;;
                prepare) prepare ;;
                reload) prepare; kill -HUP "$2" ;;
                release) release ;;
                # keepalived's notify: TYPE NAME STATE PRIORITY
                became) note "''${4:-?}" ;;
                status) status ;;
                *) sed -n 's/^# keel-vip /keel-vip /p' "$0" >&2; exit 2 ;;
              esac
            '';
            "keel/keepalived.conf".text = ''
              # Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
              #
              # All that can be said of the one instance is said there: a system may have others beside it.
              global_defs {
                  enable_script_security
              }

              # $KEEL_INTERFACE, as keel-vip found it before this start
              include /run/keel/vip/interface.conf

              # what the checker found: 0 fit, anything else not; seen the moment it is written
              track_file keel_verdict {
                  file "/run/keel/vip/verdict"
                  weight 0
              }

              # a checker that says nothing any more says no
              vrrp_script keel_checker {
                  script "/etc/keel/keel-vip fresh"
                  user root
                  interval 1
                  timeout 1
                  fall 1
                  rise 1
              }

              vrrp_instance keel {
                  # who has the address keeps it while it is fit: a server that comes back takes it from nobody
                  state BACKUP
                  nopreempt
                  # centiseconds, and no authentication that would only look like one (RFC 9568)
                  version 3
                  interface $KEEL_INTERFACE
                  virtual_router_id 101
                  priority 250
                  # silence of three of them and a bit (RFC 9568, 6.1) is a power cut: 1.5 to 1.9 s
                  advert_int 0.5
                  garp_master_refresh 10
                  check_unicast_src
                  unicast_src_ip 10.0.0.1
                  unicast_peer {
                      10.0.0.2
                  }
                  virtual_ipaddress {
                      10.0.0.100/32 dev $KEEL_INTERFACE
                  }
                  track_file {
                      keel_verdict
                  }
                  track_script {
                      keel_checker
                  }
                  notify "/etc/keel/keel-vip became" root
              }
            '';
            "keel/keel-agent-root".source = pkgs.writeShellScript "keel-agent-root" "export PATH=${lib.makeBinPath [ pkgs.bash pkgs.coreutils pkgs.systemd ]}\n# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n#\n# Does what the keel-agent has no right to. systemd starts one for each connection to one of its two sockets, which root\n# alone can reach. It reads one line, and answers with lines; the last one is `end ok`, or `end` and what was wrong.\n#\n# keel-agent-root look   services, watch, journal UNIT SINCE LINES FOLLOW, kubernetes, generation, drift\n# keel-agent-root act    restart UNIT, reboot\n#\n# It believes nothing that the agent says: only the words above, a unit of the lists below, and whole numbers.\nset -uf\nexport LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER='' SYSTEMD_URLIFY=0\numask 077\n\nkeel_units=(k3s.service k3s-agent.service kubelet.service keel-kubeadm.service keel-manifests.service keel-agent.service keel-approver.service keel-approver-token.service keel-firewall.service keel-vip.service keel-vip-health.service ha-vip.service keel-ha-vip.service keel-sysupdate.service keepalived.service)\nsystem_units=(chrony.service chronyd.service containerd.service dbus.service firewalld.service keel-agent-act.socket keel-agent-look.socket keel-ha-vip.timer keel-sysupdate.timer nftables.service ssh.service sshd.service systemd-journald.service systemd-logind.service systemd-networkd.service systemd-resolved.service systemd-sysext.service systemd-timesyncd.service systemd-udevd.service)\nnode_units=(k3s.service k3s-agent.service kubelet.service)\netcd_data=(/var/lib/rancher/k3s/server/db/etcd /var/lib/etcd/member)\nstate=/var/lib/keel\n\nend() {\n  # the last `< <(…)` may still be ending, and systemd would end it\n  [ -z \"\${!-}\" ] || wait \"$!\"\n  printf 'end\\t%s\\n' \"$1\"\n  exit 0\n}\n\n# among WORD WORDS…\namong() {\n  local one wanted=$1\n  shift\n  for one; do [ \"$one\" != \"$wanted\" ] || return 0; done\n  return 1\n}\n\n# Digests that a deploy has read, by what tells whether a file has been written since (device, inode, size, mtime and\n# ctime): a program of a hundred megabytes is not read again each time somebody asks what is there.\ndeclare -A contents=()\n\n# know_contents FILE\nknow_contents() {\n  local digest written\n  [ -r \"$1\" ] || return 0\n  while IFS=$'\\t' read -r digest written; do\n    if [[ $digest =~ ^[0-9a-f]{64}$ && -n $written ]]; then contents[$written]=$digest; fi\n  done < \"$1\"\n}\n\n# What is at a path, to compare it later: KIND, MODE, OWNER, the digest or target, and PATH, with a tab between them.\n# A file of more than 1 GiB has no digest: keel places none, and a sparse one would be read for days.\n\n# placed PATH\nplaced() {\n  local at=$1 kind=none mode=- owner=- what=- size=0 written=-\n  # the folders that are keel's own have a / at their end\n  [ \"$at\" = / ] || at=\${at%/}\n  if [ -L \"$at\" ]; then\n    kind='link'\n    what=$(readlink -- \"$at\") || what=\n    what=\${what//[[:cntrl:]]/?}\n  elif [ -f \"$at\" ]; then\n    kind='file'\n    read -r mode owner size written < <(stat -c '%a %U:%G %s %d %i %s %.9Y %.9Z' -- \"$at\" 2> /dev/null) || :\n    what=\${contents[\${written:--}]-}\n    if [ -n \"$what\" ]; then\n      :\n    elif [ \"\${size:-0}\" -gt 1073741824 ]; then\n      what=large\n    else\n      read -r what _ < <(timeout 20 sha256sum < \"$at\" 2> /dev/null) || :\n    fi\n  elif [ -d \"$at\" ]; then\n    kind=directory\n    read -r mode owner < <(stat -c '%a %U:%G' -- \"$at\" 2> /dev/null) || :\n  elif [ -e \"$at\" ]; then\n    kind=other\n  fi\n  printf '%s\\t%s\\t%s\\t%s\\t%s\\n' \"$kind\" \"\${mode:--}\" \"\${owner:--}\" \"\${what:--}\" \"$1\"\n}\n\n\n# states UNIT…: a paragraph for each. Times in UTC, because systemd 250 does not print Unix times yet.\nstates() {\n  timeout 10 systemctl show --no-pager --timestamp=utc \\\n    --property=Id,LoadState,ActiveState,SubState,UnitFileState,StateChangeTimestamp,NRestarts,Result -- \"$@\" |\n    head -c 262144\n}\n\n# states of those of the lists, and of whatever has failed\nshown() {\n  local line unit wanted=(\"\${keel_units[@]}\" \"\${system_units[@]}\") failed\n  mapfile -t failed < <(timeout 10 systemctl list-units --all --state=failed --plain --no-legend --no-pager | head -n 50)\n  for line in \"\${failed[@]}\"; do\n    unit=\${line%% *}\n    [[ $unit =~ ^[A-Za-z0-9@:._\\\\][A-Za-z0-9@:._\\\\-]{0,254}$ ]] || continue\n    among \"$unit\" \"\${wanted[@]}\" || wanted+=(\"$unit\")\n  done\n  states \"\${wanted[@]}\"\n}\n\nservices() {\n  shown\n  end ok\n}\n\n# The same units in one line each, as systemd has them in memory: it takes a sixth of the processor time of `shown`.\nlisted() {\n  local unit load active sub names=\" \${keel_units[*]} \${system_units[*]} \"\n  while read -r unit load active sub _; do\n    if [ \"$active\" = failed ] || [[ $names == *\" $unit \"* ]]; then printf '%s\\n' \"$unit $load $active $sub\"; fi\n  done < <(timeout 10 systemctl list-units --all --plain --no-legend --no-pager | head -c 1048576)\n}\n\n# Looks every 30 s, for 50 minutes or until the agent goes (systemd ends it after 65): to start this program takes systemd more time than ten looks.\n# Says what `services` says if a state has changed, and after every tenth look anyway, for what is only in there (how\n# often systemd has restarted a unit). Each look ends with the line `looked`.\nwatch() {\n  local look found text before=''\n  for ((look = 1; ; look++)); do\n    found=$(listed)\n    [ -n \"$found\" ] || end failed\n    if [ \"$found\" != \"$before\" ] || ((look % 10 == 0)); then\n      text=$(shown)\n      [ -n \"$text\" ] || end failed\n      printf '%s\\n' \"$text\"\n    fi\n    before=$found\n    printf 'looked\\n'\n    [ \"$look\" -lt 100 ] || end ok\n    # the agent says nothing more: its end is the end of this\n    IFS= read -r -t 30 -N 1 _\n    [ $? -gt 128 ] || exit 0\n  done\n}\n\n# journal UNIT SINCE LINES FOLLOW\njournal() {\n  local options=(--quiet --no-pager --output=json '--output-fields=MESSAGE,PRIORITY' --all \"--unit=$1\" \"--lines=$3\")\n  among \"$1\" \"\${keel_units[@]}\" \"\${system_units[@]}\" || end unknown-unit\n  [ \"$2\" = 0 ] || options+=(\"--since=@$2\")\n  if [ \"$4\" = 1 ]; then\n    # It ends by itself when nobody reads any more. Alone, --follow shows only this boot, by the id in /proc: in a\n    # container that is another one than the journal has, as this unit has a /proc of its own. --merge shows all.\n    journalctl \"\${options[@]}\" --merge --follow || end failed\n  else\n    timeout 60 journalctl \"\${options[@]}\" || end failed\n  fi\n  end ok\n}\n\nkubernetes() {\n  local unit text program folder\n  states \"\${node_units[@]}\"\n  printf '\\n'\n  for folder in \"\${etcd_data[@]}\"; do [ ! -d \"$folder\" ] || printf 'Etcd=yes\\n'; done\n  for unit in \"\${node_units[@]}\"; do\n    # { path=/usr/local/bin/k3s ; argv[]=…: the program as the unit has it\n    text=$(timeout 10 systemctl show --no-pager --property=ExecStart --value -- \"$unit\" | head -c 4096)\n    [[ $text =~ path=(/[^\\ \\;]+) ]] || continue\n    program=\${BASH_REMATCH[1]}\n    [ -x \"$program\" ] || continue\n    text=$(timeout 10 \"$program\" --version < /dev/null 2> /dev/null | head -c 200)\n    [[ $text =~ ^(k3s\\ version|Kubernetes)\\ (v[0-9A-Za-z.+-]{1,60}) ]] && printf 'Version=%s\\n' \"\${BASH_REMATCH[2]}\"\n    break\n  done\n  end ok\n}\n\ngeneration() {\n  local link\n  if [ -f \"$state/nixos/record\" ]; then\n    head -c 4096 -- \"$state/nixos/record\"\n  elif link=$(readlink -- \"$state/current\"); then\n    printf 'generation\\t%s\\n' \"\${link##*/}\"\n    [ ! -f \"$state/current/record\" ] || head -c 4096 -- \"$state/current/record\"\n  fi\n  [ ! -e \"$state/restart-pending\" ] || printf 'pending\\n'\n  [ ! -e \"$state/unconfirmed\" ] || printf 'unconfirmed\\n'\n  end ok\n}\n\n# What is there now, beside what the last deploy has noted. Says where and how they differ, and never a content.\ndrift() {\n  local kind mode owner what path now_kind now_mode now_owner now_what key system='' link compared=0\n  if [ -f \"$state/nixos/record\" ]; then\n    while IFS=$'\\t' read -r key what; do [ \"$key\" != system ] || system=$what; done < \"$state/nixos/record\"\n    printf 'known\\n'\n    for link in /run/current-system /nix/var/nix/profiles/system; do\n      compared=$((compared + 1))\n      [ \"$(readlink -f -- \"$link\")\" = \"$system\" ] || printf 'differs\\tsystem\\t%s\\n' \"$link\"\n    done\n  elif [ -f \"$state/current/placed\" ]; then\n    printf 'known\\n'\n    know_contents \"$state/current/contents\"\n    while IFS=$'\\t' read -r kind mode owner what path; do\n      compared=$((compared + 1))\n      IFS=$'\\t' read -r now_kind now_mode now_owner now_what _ < <(placed \"$path\")\n      if [ \"$now_kind\" = none ] && [ \"$kind\" != none ]; then printf 'differs\\tmissing\\t%s\\n' \"$path\"\n      elif [ \"$now_kind\" != \"$kind\" ]; then printf 'differs\\ttype\\t%s\\n' \"$path\"\n      elif [ \"$now_what\" != \"$what\" ]; then printf 'differs\\tcontent\\t%s\\n' \"$path\"\n      elif [ \"$now_mode\" != \"$mode\" ]; then printf 'differs\\tmode\\t%s\\n' \"$path\"\n      elif [ \"$now_owner\" != \"$owner\" ]; then printf 'differs\\towner\\t%s\\n' \"$path\"\n      fi\n    done < \"$state/current/placed\"\n  fi\n  printf 'compared\\t%s\\n' \"$compared\"\n  end ok\n}\n\nrestart() {\n  among \"$1\" \"\${keel_units[@]}\" || end unknown-unit\n  [ \"$(timeout 10 systemctl show --no-pager --property=LoadState --value -- \"$1\")\" = loaded ] || end unknown-unit\n  timeout 10 systemctl reset-failed -- \"$1\" 2> /dev/null\n  timeout 10 systemctl restart --no-block -- \"$1\" || end failed\n  end ok\n}\n\n# two seconds later (a timer is up to a minute late otherwise), so that the answer still gets there\nreboot() {\n  timeout 10 systemd-run --quiet --collect --on-active=2 --timer-property=AccuracySec=100ms -- systemctl reboot || end failed\n  end ok\n}\n\n# a request ends with its line: nothing after it is read\nIFS= read -r -t 5 -n 400 request || end bad-request\n# Whatever the host does, it ends, also when the agent has gone. Only what is followed lasts longer.\nif [ \"\${2:-}\" != limited ] && [[ ! $request =~ ^(watch|journal\\ .*\\ 1)$ ]]; then\n  exec timeout --signal=KILL 60 \"$BASH\" \"$0\" \"\${1:-}\" limited <<< \"$request\"\nfi\ncase \${1:-} in\n  look)\n    case $request in\n      services) services ;;\n      watch) watch ;;\n      kubernetes) kubernetes ;;\n      generation) generation ;;\n      drift) drift ;;\n      journal\\ *)\n        [[ $request =~ ^journal\\ ([A-Za-z0-9@._-]+)\\ (0|[1-9][0-9]{0,11})\\ (0|[1-9][0-9]{0,4})\\ ([01])$ ]] || end bad-request\n        journal \"\${BASH_REMATCH[@]:1:4}\"\n        ;;\n    esac\n    ;;\n  act)\n    case $request in\n      reboot) reboot ;;\n      restart\\ *)\n        [[ $request =~ ^restart\\ ([A-Za-z0-9@._-]+)$ ]] || end bad-request\n        restart \"\${BASH_REMATCH[1]}\"\n        ;;\n    esac\n    ;;\nesac\nend bad-request\n";
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
                keep s3 ${config.age.secrets.s3.path}
                keep registry ${config.age.secrets.registry.path}
                quoted() {
                  value=$(< "$1")
                  value=''${value//\\/\\\\}
                  value=''${value//\"/\\\"}
                  printf '"%s"' "''${value//$'\n'/\\n}"
                }
                {
                  printf %s '{"etcd-s3-secret-key":'
                  quoted ${config.age.secrets.s3.path}
                  printf %s '}'
                } > /run/keel-k3s/_k3s-secret-flags.yaml
                {
                  printf %s '{"configs":{"registry.example":{"auth":{"username":"u","password":'
                  quoted ${config.age.secrets.registry.path}
                  printf %s '}}}}'
                } > /run/keel-k3s/_k3s-registries.yaml
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
                  changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path} ||
                  changed s3 ${config.age.secrets.s3.path} ||
                  changed registry ${config.age.secrets.registry.path}; then
                  systemctl try-restart --no-block k3s.service
                fi
              '';
            };
            keel-files = lib.mkIf agenixIsService {
              description = "Put the inventory's files outside of /etc in their places";
              wantedBy = [ "sysinit.target" ];
              after = [
                "local-fs.target"
                "systemd-sysusers.service"
              ];
              before = [
                "sysinit.target"
                "shutdown.target"
                "k3s.service"
              ];
              conflicts = [ "shutdown.target" ];
              unitConfig.DefaultDependencies = false;
              serviceConfig = {
                Type = "oneshot";
                RemainAfterExit = true;
              };
              script = ''
                # shellcheck disable=all
                (
                # Writes to absolute paths, even if other users own folders on the way (docs/security.md). The owner of a folder can
                # rename its contents at any moment. So the script enters each folder by its own name, checks from inside that it is the
                # right one, and works from there with names without a slash.

                # Ends the subshell that works on a path.
                unsafe() {
                  printf '%s: %s\n' "$path" "$1" >&2
                  exit 87
                }

                # Whether only root can change the contents of the current folder.
                roots_alone() {
                  [ -O . ] || return 1
                  case $(LC_ALL=C ls -ldn .) in ?????w* | ????????w*) return 1 ;; esac
                }

                # enter FOLDER [make]: changes to the folder, and with `make` creates missing ones. It follows a link only if root alone
                # could have created it.
                enter() {
                  local rest=$1 name here links=0
                  cd /
                  while [ -n "$rest" ]; do
                    name=''${rest%%/*}
                    case $rest in */*) rest=''${rest#*/} ;; *) rest= ;; esac
                    case $name in
                      "" | .) continue ;;
                      ..)
                        cd -P ..
                        continue
                        ;;
                    esac
                    if [ -L "./$name" ]; then
                      links=$((links + 1))
                      [ "$links" -le 40 ] || unsafe "more than 40 links on the way"
                      roots_alone || unsafe "$(pwd -P)/$name is a link, in a folder that others than root can write"
                      name=$(readlink -- "./$name")
                      case $name in /*) cd / ;; esac
                      rest=$name/$rest
                      continue
                    fi
                    if [ ! -e "./$name" ]; then
                      [ "''${2:-}" = make ] || return 1
                      (umask 022 && mkdir -- "./$name") || exit
                    fi
                    exec {here}< .
                    cd -P -- "./$name" || exit
                    [ .. -ef "/proc/self/fd/$here" ] && [ "''${PWD##*/}" = "$name" ] || unsafe "$name was exchanged while keel went into it"
                    exec {here}<&-
                  done
                }

                # Whether the current folder is inside the folder `above`, and nobody except root could ever read it. A folder inherits
                # an access list (+) from the folder above. Such a list is fine only if root alone can write the folder above.
                is_workplace() {
                  [ .. -ef "/proc/self/fd/$above" ] && [ "''${PWD##*/}" = "$1" ] && [ -O . ] || return 1
                  case $(LC_ALL=C ls -ldn .) in
                    'drwx------'[.\ ]* | 'drwx--S---'[.\ ]*) ;;
                    'drwx------+'* | 'drwx--S---+'*) (cd -P .. && roots_alone) ;;
                    *) return 1 ;;
                  esac
                }

                # Removes what a killed keel has left in the current folder.
                sweep_workplaces() {
                  local place above
                  exec {above}< .
                  for place in .keel-??????????; do
                    [ -d "$place" ] && [ ! -L "$place" ] || continue
                    (cd -P -- "./$place" && is_workplace "$place" && rm -f -- ./file && cd -P .. && rmdir -- "./$place") 2>/dev/null || true
                  done
                  exec {above}<&-
                }

                # Creates a folder that only root can read inside the current folder, and changes to it. The end of the subshell removes
                # it.
                workplace() {
                  sweep_workplaces
                  exec {above}< .
                  place=$(umask 077 && mktemp -d ./.keel-XXXXXXXXXX) || exit
                  cd -P -- "$place" || exit
                  is_workplace "''${place#./}" || unsafe "others than root could look into what keel makes beside it (an access list, or a folder that was exchanged)"
                  trap 'rm -f -- ./file; cd -P .. && rmdir -- "$place" 2>/dev/null' EXIT
                }

                parent() { case ''${1%/*} in "") printf / ;; *) printf '%s' "''${1%/*}" ;; esac; }

                # place PATH MODE OWNER: writes stdin to the path in one step, complete, with its mode and owner.
                place() (
                  path=$1
                  enter "$(parent "$path")" make && workplace && cat > file && chown -- "$3" file && chmod -- "$2" file && mv -fT -- file "../''${path##*/}"
                )

                status=0
                place '/opt/a b/run' 0755 root:root < ${pkgs.writeText "file" "#!/bin/sh\n"} || status=1
                exit "$status"
                )
              '';
            };
            keel-vip-health = {
              description = "Whether this server is fit for the cluster's address";
              wantedBy = [ "multi-user.target" ];
              startLimitIntervalSec = 0;
              restartTriggers = [ (config.environment.etc."keel/keel-vip".source) ];
              serviceConfig = {
                ExecStart = "/etc/keel/keel-vip watch";
                ExecStopPost = "/etc/keel/keel-vip unfit";
                TimeoutStopSec = "2s";
                Restart = "always";
                RestartSec = "1s";
                RuntimeDirectory = "keel/vip";
                RuntimeDirectoryMode = "0700";
                RuntimeDirectoryPreserve = "yes";
                NoNewPrivileges = "yes";
                ProtectSystem = "strict";
                ProtectHome = "yes";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectControlGroups = "yes";
                RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX AF_NETLINK";
                RestrictNamespaces = "yes";
                LockPersonality = "yes";
                SystemCallArchitectures = "native";
                CapabilityBoundingSet = "";
              };
            };
            keepalived = {
              wants = [ "keel-vip-health.service" ];
              after = [
                "keel-vip-health.service"
                "k3s.service"
              ];
              startLimitIntervalSec = 0;
              reloadTriggers = [ (config.environment.etc."keel/keepalived.conf".source) ];
              serviceConfig = {
                ExecStartPre = [
                  "/etc/keel/keel-vip release"
                  "/etc/keel/keel-vip prepare"
                ];
                ExecReload = lib.mkForce "/etc/keel/keel-vip reload $MAINPID";
                ExecStopPost = "/etc/keel/keel-vip release";
                KillMode = lib.mkForce "control-group";
                TimeoutStopSec = "5s";
              };
            };
            "keel-agent-look@" = {
              description = "what the keel-agent may ask of this host";
              unitConfig.CollectMode = "inactive-or-failed";
              serviceConfig = {
                ExecStart = "/etc/keel/keel-agent-root look";
                StandardInput = "socket";
                StandardOutput = "socket";
                StandardError = "journal";
                LogLevelMax = "notice";
                SyslogLevel = "warning";
                IgnoreSIGPIPE = "no";
                KillSignal = "SIGKILL";
                TimeoutStopSec = "5s";
                UMask = "0077";
                MemoryMax = "256M";
                TasksMax = "32";
                CPUWeight = "20";
                NoNewPrivileges = "yes";
                ProtectSystem = "strict";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                PrivateMounts = "yes";
                PrivateNetwork = "yes";
                IPAddressDeny = "any";
                RestrictAddressFamilies = "AF_UNIX";
                DevicePolicy = "closed";
                ProtectClock = "yes";
                ProtectControlGroups = "yes";
                ProtectHostname = "yes";
                ProtectKernelLogs = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectProc = "invisible";
                LockPersonality = "yes";
                MemoryDenyWriteExecute = "yes";
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
                CapabilityBoundingSet = "CAP_DAC_READ_SEARCH";
                ProtectHome = "read-only";
                InaccessiblePaths = [
                  "-/etc/ssh/ssh_host_rsa_key"
                  "-/etc/ssh/ssh_host_ecdsa_key"
                  "-/etc/ssh/ssh_host_ed25519_key"
                  "-/etc/shadow"
                  "-/etc/credstore"
                  "-/var/lib/systemd/credential.secret"
                  "-/var/lib/rancher/k3s/server/tls"
                  "-/var/lib/rancher/k3s/server/cred"
                  "-/var/lib/kubelet"
                  "-/etc/kubernetes"
                  "-/var/lib/etcd/member/snap"
                  "-/var/lib/etcd/member/wal"
                  "-/run/credentials"
                  "-/run/agenix"
                  "-/run/keel-approver"
                ];
                RuntimeMaxSec = "65min";
              };
            };
            "keel-agent-act@" = {
              description = "what the keel-agent may do on this host";
              unitConfig.CollectMode = "inactive-or-failed";
              serviceConfig = {
                ExecStart = "/etc/keel/keel-agent-root act";
                StandardInput = "socket";
                StandardOutput = "socket";
                StandardError = "journal";
                LogLevelMax = "notice";
                SyslogLevel = "warning";
                IgnoreSIGPIPE = "no";
                KillSignal = "SIGKILL";
                TimeoutStopSec = "5s";
                UMask = "0077";
                MemoryMax = "256M";
                TasksMax = "32";
                CPUWeight = "20";
                NoNewPrivileges = "yes";
                ProtectSystem = "strict";
                PrivateTmp = "yes";
                PrivateDevices = "yes";
                PrivateMounts = "yes";
                PrivateNetwork = "yes";
                IPAddressDeny = "any";
                RestrictAddressFamilies = "AF_UNIX";
                DevicePolicy = "closed";
                ProtectClock = "yes";
                ProtectControlGroups = "yes";
                ProtectHostname = "yes";
                ProtectKernelLogs = "yes";
                ProtectKernelModules = "yes";
                ProtectKernelTunables = "yes";
                ProtectProc = "invisible";
                LockPersonality = "yes";
                MemoryDenyWriteExecute = "yes";
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
                CapabilityBoundingSet = "";
                PrivateUsers = "yes";
                ProtectHome = "yes";
                ProcSubset = "pid";
                InaccessiblePaths = [
                  "-/etc/ssh"
                  "-/etc/shadow"
                  "-/etc/rancher"
                  "-/etc/credstore"
                  "-/etc/credstore.encrypted"
                  "-/var/lib/systemd/credential.secret"
                  "-/var/lib/rancher/k3s/server"
                  "-/var/lib/kubelet"
                  "-/etc/kubernetes"
                  "-/var/lib/etcd"
                  "-/var/lib/keel/vkubelet"
                  "-/var/lib/keel"
                  "-/run/credentials"
                  "-/run/agenix"
                  "-/run/keel-approver"
                ];
                RuntimeMaxSec = "1min";
              };
            };
            keel-agent = {
              description = "keel's agent on this node";
              wantedBy = [ "multi-user.target" ];
              after = [
                "network.target"
                "keel-agent-look.socket"
                "keel-agent-act.socket"
              ];
              environment.NODE_NAME = "cove";
              unitConfig = {
                Wants = "keel-agent-look.socket keel-agent-act.socket";
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
                  "-/run/keel-agent"
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
                  "-/etc/kubernetes"
                  "-/var/lib/etcd"
                  "-/var/lib/keel/vkubelet"
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
              environment.NODE_NAME = "cove";
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
                  "-/etc/kubernetes"
                  "-/var/lib/etcd"
                  "-/var/lib/keel/vkubelet"
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
          sockets = {
            keel-agent-look = {
              description = "the socket for what the keel-agent may ask of this host";
              unitConfig.PartOf = "keel-agent.service";
              socketConfig = {
                ListenStream = "/run/keel-agent/look.sock";
                SocketMode = "0600";
                DirectoryMode = "0700";
                Accept = "yes";
                MaxConnections = "24";
                TriggerLimitIntervalSec = "0";
                RemoveOnStop = "yes";
              };
            };
            keel-agent-act = {
              description = "the socket for what the keel-agent may do on this host";
              unitConfig.PartOf = "keel-agent.service";
              socketConfig = {
                ListenStream = "/run/keel-agent/act.sock";
                SocketMode = "0600";
                DirectoryMode = "0700";
                Accept = "yes";
                MaxConnections = "24";
                TriggerLimitIntervalSec = "0";
                RemoveOnStop = "yes";
              };
            };
          };
          tmpfiles.rules = [
            "d /var/lib/keel/crypto 0700 root root -"
            "d /var/lib/kubelet :0750 root root -"
            "d /var/lib/rancher/k3s/server :0700 root root -"
          ];
        };
        system.activationScripts = {
          keel-files = lib.mkIf (!agenixIsService) {
            deps = [
              "users"
              "groups"
            ];
            text = ''
              # shellcheck disable=all
              (
              # Writes to absolute paths, even if other users own folders on the way (docs/security.md). The owner of a folder can
              # rename its contents at any moment. So the script enters each folder by its own name, checks from inside that it is the
              # right one, and works from there with names without a slash.

              # Ends the subshell that works on a path.
              unsafe() {
                printf '%s: %s\n' "$path" "$1" >&2
                exit 87
              }

              # Whether only root can change the contents of the current folder.
              roots_alone() {
                [ -O . ] || return 1
                case $(LC_ALL=C ls -ldn .) in ?????w* | ????????w*) return 1 ;; esac
              }

              # enter FOLDER [make]: changes to the folder, and with `make` creates missing ones. It follows a link only if root alone
              # could have created it.
              enter() {
                local rest=$1 name here links=0
                cd /
                while [ -n "$rest" ]; do
                  name=''${rest%%/*}
                  case $rest in */*) rest=''${rest#*/} ;; *) rest= ;; esac
                  case $name in
                    "" | .) continue ;;
                    ..)
                      cd -P ..
                      continue
                      ;;
                  esac
                  if [ -L "./$name" ]; then
                    links=$((links + 1))
                    [ "$links" -le 40 ] || unsafe "more than 40 links on the way"
                    roots_alone || unsafe "$(pwd -P)/$name is a link, in a folder that others than root can write"
                    name=$(readlink -- "./$name")
                    case $name in /*) cd / ;; esac
                    rest=$name/$rest
                    continue
                  fi
                  if [ ! -e "./$name" ]; then
                    [ "''${2:-}" = make ] || return 1
                    (umask 022 && mkdir -- "./$name") || exit
                  fi
                  exec {here}< .
                  cd -P -- "./$name" || exit
                  [ .. -ef "/proc/self/fd/$here" ] && [ "''${PWD##*/}" = "$name" ] || unsafe "$name was exchanged while keel went into it"
                  exec {here}<&-
                done
              }

              # Whether the current folder is inside the folder `above`, and nobody except root could ever read it. A folder inherits
              # an access list (+) from the folder above. Such a list is fine only if root alone can write the folder above.
              is_workplace() {
                [ .. -ef "/proc/self/fd/$above" ] && [ "''${PWD##*/}" = "$1" ] && [ -O . ] || return 1
                case $(LC_ALL=C ls -ldn .) in
                  'drwx------'[.\ ]* | 'drwx--S---'[.\ ]*) ;;
                  'drwx------+'* | 'drwx--S---+'*) (cd -P .. && roots_alone) ;;
                  *) return 1 ;;
                esac
              }

              # Removes what a killed keel has left in the current folder.
              sweep_workplaces() {
                local place above
                exec {above}< .
                for place in .keel-??????????; do
                  [ -d "$place" ] && [ ! -L "$place" ] || continue
                  (cd -P -- "./$place" && is_workplace "$place" && rm -f -- ./file && cd -P .. && rmdir -- "./$place") 2>/dev/null || true
                done
                exec {above}<&-
              }

              # Creates a folder that only root can read inside the current folder, and changes to it. The end of the subshell removes
              # it.
              workplace() {
                sweep_workplaces
                exec {above}< .
                place=$(umask 077 && mktemp -d ./.keel-XXXXXXXXXX) || exit
                cd -P -- "$place" || exit
                is_workplace "''${place#./}" || unsafe "others than root could look into what keel makes beside it (an access list, or a folder that was exchanged)"
                trap 'rm -f -- ./file; cd -P .. && rmdir -- "$place" 2>/dev/null' EXIT
              }

              parent() { case ''${1%/*} in "") printf / ;; *) printf '%s' "''${1%/*}" ;; esac; }

              # place PATH MODE OWNER: writes stdin to the path in one step, complete, with its mode and owner.
              place() (
                path=$1
                enter "$(parent "$path")" make && workplace && cat > file && chown -- "$3" file && chmod -- "$2" file && mv -fT -- file "../''${path##*/}"
              )

              status=0
              place '/opt/a b/run' 0755 root:root < ${pkgs.writeText "file" "#!/bin/sh\n"} || status=1
              exit "$status"
              )
            '';
          };
          keel-k3s-secrets = lib.mkIf (!agenixIsService) {
            deps = [ "agenix" ];
            text = ''
              changed() {
                [ -e "/run/keel-k3s/$1" ] && [ -s "$2" ] && [ "$(< "$2")" != "$(< "/run/keel-k3s/$1")" ]
              }
              if changed k3s-server-token ${config.age.secrets.k3s-server-token.path} ||
                changed k3s-agent-token ${config.age.secrets.k3s-agent-token.path} ||
                changed s3 ${config.age.secrets.s3.path} ||
                changed registry ${config.age.secrets.registry.path}; then
                echo k3s.service >> /run/nixos/activation-restart-list
              fi
            '';
          };
        };
        assertions = [
          {
            assertion = lib.versions.majorMinor config.services.k3s.package.version == "1.36";
            message = "hosts/cove/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/cove/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/cove and open the ports in zones of firewalld (`keel help nixos`).";
          }
          {
            assertion = lib.versionAtLeast keelAgentNode.version "22";
            message = "hosts/cove/k3s.nix: the keel-agent needs Node 22 or newer, and nixpkgs has ${keelAgentNode.version}: update nixpkgs, or set keelAgent to false for this host.";
          }
          {
            assertion = !(agenixIsService || config.system.etc.overlay.enable);
            message = "hosts/cove/k3s.nix: on this system files.\"/etc/app/app.conf\" can't have the owner app by name (NixOS would make it root's): write its number in hosts/cove, and set the same one as users.users.<name>.uid and users.groups.<name>.gid.";
          }
        ];
      };
}
