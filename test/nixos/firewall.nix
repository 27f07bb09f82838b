# The rules that NixOS's firewalls make of their options, as far as keel needs them: a script, a table, or the ports of
# a zone.
#
# Source:
# nixos/modules/services/networking/{firewall,firewall-iptables,firewall-nftables,firewall-firewalld,helpers}.nix
{ config, lib }:
let
  inherit (config.networking) enableIPv6 firewall nftables;
  # to 25.05 there is no such option
  backend = firewall.backend or (if nftables.enable then "nftables" else "iptables");
  is = name: firewall.enable && backend == name;
  # by interface; `default` is any
  all = { default = firewall; } // firewall.interfaces;
  each = f: lib.concatMapStringsSep "\n" (name: lib.concatMapStringsSep "\n" (f name) [ "tcp" "udp" ]) (builtins.attrNames all);
  ports = name: protocol: all.${name}.${if protocol == "tcp" then "allowedTCPPorts" else "allowedUDPPorts"};
  ranges = name: protocol: all.${name}.${if protocol == "tcp" then "allowedTCPPortRanges" else "allowedUDPPortRanges"};
in
{
  inherit backend;
  assertions = [
    { assertion = is "nftables" -> firewall.extraCommands == ""; message = "extraCommands is incompatible with the nftables based firewall"; }
    { assertion = is "firewalld" -> firewall.interfaces == { }; message = "Per interface configurations is not supported with the firewalld based firewall"; }
  ];

  # firewall-start: runs under `-e`, and hooks its chain into INPUT as the last thing that it does
  start = lib.optionalString (is "iptables") ''
    ip46tables() {
      iptables -w "$@"
      ${lib.optionalString enableIPv6 "ip6tables -w \"$@\""}
    }
    for chain in nixos-fw-accept nixos-fw-refuse nixos-fw-log-refuse nixos-fw; do
      ip46tables -N $chain
    done
    ip46tables -A nixos-fw-accept -j ACCEPT
    ip46tables -A nixos-fw-refuse -j DROP
    ip46tables -A nixos-fw-log-refuse -j nixos-fw-refuse
    ${each (
      name: protocol:
      # the name as it is
      lib.concatMapStringsSep "\n" (
        port: "ip46tables -A nixos-fw -p ${protocol} --dport ${port} -j nixos-fw-accept ${lib.optionalString (name != "default") "-i ${name}"}"
      ) (map toString (ports name protocol) ++ map ({ from, to }: "${toString from}:${toString to}") (ranges name protocol))
    )}
    ${firewall.extraCommands}
    ip46tables -A nixos-fw -j nixos-fw-log-refuse
    ip46tables -A INPUT -j nixos-fw
  '';

  # networking.nftables.tables.nixos-fw
  table = lib.optionalString (is "nftables") ''
    table inet nixos-fw {
      chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }
      }
      chain input-allow {
        ${each (
          name: protocol:
          let
            set = map toString (ports name protocol) ++ map ({ from, to }: "${toString from}-${toString to}") (ranges name protocol);
          in
          # the name as it is
          lib.optionalString (set != [ ])
            "${lib.optionalString (name != "default") "iifname ${name}"} ${protocol} dport { ${builtins.concatStringsSep ", " set} } accept"
        )}
        ${firewall.extraInputRules}
      }
    }
  '';

  # the default zone of firewalld has the ports alone: neither extraCommands nor extraInputRules
  zone = if is "firewalld" then { inherit (firewall) allowedTCPPorts allowedUDPPorts; } else null;
}
