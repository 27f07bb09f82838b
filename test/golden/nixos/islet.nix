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
      throw "hosts/islet/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
              { nodeName = "islet"; }
            else
              { extraFlags = [ "--node-name=islet" ]; })
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
              iptables -A nixos-fw -p tcp -s 10.0.0.1,10.0.0.2 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,10.0.0.2 --dport 2379:2380 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,10.0.0.2 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p udp -s 10.0.0.1,10.0.0.2 --dport 8472 -j nixos-fw-accept
              iptables -A nixos-fw -i eth0 -p 112 -s 10.0.0.1,10.0.0.2 -j nixos-fw-accept
            ''
            (lib.mkIf config.networking.enableIPv6 ''
              ip6tables -A nixos-fw -p tcp -s fd00::1,fd00::2 --dport 6443 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1,fd00::2 --dport 2379:2380 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1,fd00::2 --dport 10250 -j nixos-fw-accept
              ip6tables -A nixos-fw -p udp -s fd00::1,fd00::2 --dport 8472 -j nixos-fw-accept
              ip6tables -A nixos-fw -i eth0 -p 112 -s fd00::1,fd00::2 -j nixos-fw-accept
            '')
          ]);
          extraInputRules = lib.mkIf (firewallBackend == "nftables") ''
            ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 6443 accept comment "Kubernetes API"
            ip6 saddr { fd00::1, fd00::2 } tcp dport 6443 accept comment "Kubernetes API"
            ip saddr { 10.42.0.0/16 } tcp dport 6443 accept comment "Kubernetes API"
            ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 2379-2380 accept comment "etcd"
            ip6 saddr { fd00::1, fd00::2 } tcp dport 2379-2380 accept comment "etcd"
            ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 10250 accept comment "kubelet"
            ip6 saddr { fd00::1, fd00::2 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.42.0.0/16 } tcp dport 10250 accept comment "kubelet"
            ip saddr { 10.0.0.1, 10.0.0.2 } udp dport 8472 accept comment "flannel, VXLAN"
            ip6 saddr { fd00::1, fd00::2 } udp dport 8472 accept comment "flannel, VXLAN"
            iifname "eth0" ip saddr { 10.0.0.1, 10.0.0.2 } meta l4proto 112 accept comment "VRRP"
            iifname "eth0" ip6 saddr { fd00::1, fd00::2 } meta l4proto 112 accept comment "VRRP"
          '';
        };
        environment.etc = {
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
            named_interface=eth0
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
            message = "hosts/islet/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/islet/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/islet and open the ports in zones of firewalld (`keel help nixos`).";
          }
        ];
      };
}
