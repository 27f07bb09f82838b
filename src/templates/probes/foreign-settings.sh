# Finds what changes how keel's units run, and files that k3s reads and keel did not write. It prints only the names of
# settings and variables, because a value may be a token.

# prints a row without control characters, whatever the name of a file contains
row() {
  local word line=
  for word; do line+=${line:+$'\t'}${word//[[:cntrl:]]/?}; done
  printf '%s\n' "$line"
}

# the settings in a systemd file, each once: `ExecStart`, and the names of variables as `Environment:NAME`
settings_in() {
  local line key
  while IFS= read -r line; do
    [[ $line =~ ^[[:space:]]*([A-Za-z]+)[[:space:]]*=(.*) ]] || continue
    key=${BASH_REMATCH[1]}
    if [[ $key == *Environment ]]; then
      while IFS= read -r name; do [ -z "$name" ] || printf '%s:%s\n' "$key" "$name"; done < <(variables_in <<<"${BASH_REMATCH[2]}")
    else printf '%s\n' "$key"
    fi
  done < <(head -c 65536 -- "$1" | tr -d '\0' | sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}') | sort -u | head -n 40 | tr '\n' ' '
}

variables_in() { grep -aoE "(^|[[:space:]\"'])[A-Za-z_][A-Za-z0-9_]*=" | sed 's/[^A-Za-z0-9_]//g'; }

# drop-ins with the name of their unit: `foreign_drop_ins UNIT` reads the paths from stdin
foreign_drop_ins() {
  local path
  while IFS= read -r path; do [ ! -f "$path" ] || row drop-in "$1" "$path" "$(settings_in "$path")"; done
}

# defaults that keel's units do not set themselves, and that can stop k3s from running
foreign_defaults() {
  local file sets names
  for file in /etc/systemd/system.conf /etc/systemd/system.conf.d/*.conf /run/systemd/system.conf.d/*.conf /usr/local/lib/systemd/system.conf.d/*.conf; do
    [ -f "$file" ] && grep -qsE '^[[:space:]]*(ManagerEnvironment|Default)' -- "$file" && [[ $(readlink -f -- "$file") != /nix/store/* ]] || continue
    sets=$(settings_in "$file" | tr ' ' '\n' | grep -E '^(ManagerEnvironment|Default(Environment|TimeoutStartSec|RestartSec|StartLimit|Limit|OOMPolicy))' | tr '\n' ' ')
    [ -z "$sets" ] || row default "$file" "$sets"
  done
  names=$(systemctl show-environment 2>/dev/null | sed -nE 's/^([A-Za-z_][A-Za-z0-9_]*)=.*/\1/p' | grep -E '^(K3S_|CONTAINERD_|CATTLE_)' | sort -u | tr '\n' ' ')
  [ -z "$names" ] || row environment "$names"
}

# variables for k3s that an installer has left; `read`: keel's unit reads the file
foreign_environment_files() {
  local file used
  used=$(systemctl show --property=EnvironmentFiles --value -- "$1" 2>/dev/null | sed -E 's/ \(ignore_errors=(yes|no)\)$//')
  while IFS= read -r file; do
    [ -n "$file" ] && [ -f "$file" ] || continue
    row variables "$file" "$(grep -qxF -- "$file" <<<"$used" && echo read)" \
      "$(head -c 65536 -- "$file" | tr -d '\0' | sed -nE 's/^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=.*/\2/p' | sort -u | head -n 40 | tr '\n' ' ')"
  done < <(printf '%s\n' "$used" /etc/systemd/system/{k3s,k3s-agent}.service.env /etc/default/{k3s,k3s-agent} /etc/sysconfig/{k3s,k3s-agent} | sort -u | head -n 20)
}

# whether a file is from keel, by its name or path, or from a NixOS configuration
is_own() {
  local one
  [[ $1 != */[0-9][0-9]-keel-* && $(readlink -- "$1") != /etc/static/* && $(readlink -f -- "$1") != /nix/store/* ]] || return 0
  for one in "${@:2}"; do [ "$one" != "$1" ] || return 0; done
  return 1
}

# files that k3s reads by itself: `foreign_files CONFIGURATION DATA PASSWORD OWN…`, without the OWN paths, which are
# from keel. keel receives the content of a config file, and uses only its keys
foreign_files() {
  local configuration=$1 data=$2 password=$3 file count=0
  shift 3
  shopt -s nullglob nocasematch
  for file in "$configuration"/config.yaml.d/*; do
    [[ $file == *.yaml || $file == *.yml ]] && [ -e "$file" ] && [ ! -d "$file" ] || continue
    ! is_own "$file" "$@" || continue
    [ $((++count)) -le 100 ] || break
    # only the first ones with their content, because the whole answer has a limit
    if [ ! -f "$file" ] || [ $count -gt 20 ] || [ "$(stat -Lc %s -- "$file")" -gt 16384 ]; then row config "$file" too-large
    else row config "$file" text "$(base64 -w0 < "$file")"
    fi
  done
  shopt -u nocasematch
  count=0
  file=$configuration/registries.yaml
  [ ! -e "$file" ] || is_own "$file" "$@" || row file registries "$file"
  for file in $data/server/manifests/* $data/server/manifests/*/*; do
    [ -f "$file" ] && ! is_own "$file" "$@" && [ $((count++)) -lt 100 ] || continue
    row file manifest "$file"
  done
  for file in $data/agent/pod-manifests/*; do [ ! -f "$file" ] || is_own "$file" || row file pod "$file"; done
  for file in $data/agent/etc/containerd/*.tmpl $data/agent/etc/containerd/config*.toml.d/*.toml; do [ ! -f "$file" ] || is_own "$file" || row file containerd "$file"; done
  for file in $data/agent/etc/kubelet.conf.d/*; do [ ! -f "$file" ] || is_own "$file" || row file kubelet "$file"; done
  for file in /etc/cni/net.d/*; do [[ ! -f $file || ! $file =~ \.(conf|conflist|json)$ ]] || is_own "$file" || row file cni "$file"; done
  file=$password
  [ ! -f "$file" ] || row password "$file" "$(stat -c '%a %U' -- "$file")"
  shopt -u nullglob
}
