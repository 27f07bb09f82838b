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
                    "requester": {
                      "username": "system:node:atoll",
                      "groups": [
                        "system:authenticated",
                        "system:nodes"
                      ]
                    },
                    "longestSeconds": 604800
                  },
                  {
                    "node": "shoal",
                    "signer": "kubernetes.io/kubelet-serving",
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
                    "requester": {
                      "username": "system:node:shoal",
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
              environment.NODE_NAME = "atoll";
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
            message = "hosts/atoll/k3s.nix: services.k3s.package is k3s ${config.services.k3s.package.version}, and hosts/cluster says 1.36: update nixpkgs, set services.k3s.package, or change the version there.";
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
