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
      throw "hosts/dune/k3s.nix: agenix is not imported, which decrypts its secrets. Add agenix.nixosModules.default (in a flake) or <agenix/modules/age.nix> to imports."
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
              serverAddr = "https://10.0.0.1:6443";
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
              { nodeName = "dune"; }
            else
              { extraFlags = [ "--node-name=dune" ]; })
          ];
          # the grace period above (30 s by default) is cut off by logind otherwise
          logind =
            if options.services.logind ? settings then
              { settings.Login.InhibitDelayMaxSec = lib.mkDefault 30; }
            else
              { extraConfig = lib.mkBefore "InhibitDelayMaxSec=30\n"; };
        };
        networking.firewall = {
          extraCommands = lib.mkIf (firewallBackend == "iptables") (lib.mkMerge [
            ''
              iptables -A nixos-fw -p tcp -s 192.0.2.0/24,10.0.0.1,100.64.0.5 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 6443 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1 --dport 2379:2380 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.0.0.1,100.64.0.5 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p tcp -s 10.42.0.0/16 --dport 10250 -j nixos-fw-accept
              iptables -A nixos-fw -p udp -s 10.0.0.1,100.64.0.5 --dport 8472 -j nixos-fw-accept
            ''
            (lib.mkIf config.networking.enableIPv6 ''
              ip6tables -A nixos-fw -p tcp -s 2001:db8::/32,fd00::1 --dport 6443 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1 --dport 2379:2380 -j nixos-fw-accept
              ip6tables -A nixos-fw -p tcp -s fd00::1 --dport 10250 -j nixos-fw-accept
              ip6tables -A nixos-fw -p udp -s fd00::1 --dport 8472 -j nixos-fw-accept
            '')
          ]);
          extraInputRules = lib.mkIf (firewallBackend == "nftables") ''
            ip saddr { 192.0.2.0/24, 10.0.0.1, 100.64.0.5 } tcp dport 6443 accept comment "Kubernetes API"
            ip6 saddr { 2001:db8::/32, fd00::1 } tcp dport 6443 accept comment "Kubernetes API"
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
        environment.etc = {
          "sysctl.d/80-k3s.conf".text = "vm.overcommit_memory=1\n";
          "app/app.conf" = {
            text = "a";
            mode = "0640";
            user = "app";
            group = "app";
          };
          "rancher/k3s/config.yaml.d/90-keel-secrets.yaml".source = "/run/keel-k3s/_k3s-secret-flags.yaml";
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
          };
          tmpfiles.rules = [ "d /var/lib/rancher/k3s/server :0700 root root -" ];
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
            message = "hosts/dune/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
          }
          {
            assertion = firewallBackend != "firewalld";
            message = "hosts/dune/k3s.nix: the firewall of this system is firewalld, which has no place for keel's rules: other nodes and Pods would be shut out. Remove services.firewalld.enable; or set `firewall: false` in hosts/dune and open the ports in zones of firewalld (`keel help nixos`).";
          }
          {
            assertion = !(agenixIsService || config.system.etc.overlay.enable);
            message = "hosts/dune/k3s.nix: on this system files.\"/etc/app/app.conf\" can't have the owner app by name (NixOS would make it root's): write its number in hosts/dune, and set the same one as users.users.<name>.uid and users.groups.<name>.gid.";
          }
        ];
      };
}
