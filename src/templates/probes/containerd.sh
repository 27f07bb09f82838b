# Asks containerd for the configuration that it runs with, and prints of that only what keel checks, as rows of
# tab-separated columns. containerd prints one key a line, after the name of its table: 1.x quotes names with ", 2.x with '.

containerd_socket=/run/containerd/containerd.sock

ask_containerd() {
  local pid version file
  command -v containerd >/dev/null || { printf 'program\tabsent\n'; return; }
  # the process may be older than the program
  version=$(timeout 20 ctr --address "$containerd_socket" version 2>/dev/null | sed -nE '/^Server:/,$s/^ *Version: *([^ ]+).*/\1/p' | head -n 1)
  [ -n "$version" ] || version=$(timeout 20 containerd --version 2>/dev/null | cut -d ' ' -f 3)
  [ -z "$version" ] || printf 'version\t%s\n' "$version"
  pid=$(systemctl show --property=MainPID --value containerd.service 2>/dev/null)
  if [ "${pid:-0}" = 0 ] || [ ! -S "$containerd_socket" ]; then printf 'program\tstopped\n'; return; fi
  printf 'program\trunning\n'
  file=$(config_of "$pid")
  if [ -z "$file" ] && [ ! -e /etc/containerd/config.toml ]; then timeout 20 containerd config default
  else timeout 20 containerd ${file:+--config "$file"} config dump
  fi 2>/dev/null | checked_settings
}

# the file that the process reads, if its command line names one: Flatcar's is not in /etc
config_of() {
  local word next='' file=''
  while IFS= read -r -d '' word; do
    if [ -n "$next" ]; then file=$word next=''; fi
    case $word in
      --config | -c) next=yes ;;
      --config=* | -c=*) file=${word#*=} ;;
    esac
  done <"/proc/$1/cmdline"
  printf '%s' "$file"
}

checked_settings() {
  local line table='' key value
  while IFS= read -r line; do
    line=${line#"${line%%[![:space:]]*}"}
    case $line in
      '['*) table=${line//[\"\']/}; continue ;;
      *' = '*) key=${line%% = *} value=${line#* = } value=${value//[\"\']/} ;;
      *) continue ;;
    esac
    case "$table $key" in
      ' version') printf 'config-version\t%s\n' "$value" ;;
      ' disabled_plugins') rows_of disabled "$value" ;;
      '[plugins.io.containerd.grpc.v1.cri] sandbox_image' | '[plugins.io.containerd.cri.v1.images.pinned_images] sandbox')
        printf 'pause\t%s\n' "$value" ;;
      '[plugins.io.containerd.grpc.v1.cri.containerd] default_runtime_name' | '[plugins.io.containerd.cri.v1.runtime.containerd] default_runtime_name')
        printf 'runtime\t%s\n' "$value" ;;
      '[plugins.io.containerd.'*'.containerd.runtimes.'*'.options] SystemdCgroup')
        table=${table#*.containerd.runtimes.}
        printf 'systemd-cgroup\t%s\t%s\n' "${table%.options]}" "$value" ;;
      '[plugins.io.containerd.grpc.v1.cri.cni] bin_dir' | '[plugins.io.containerd.cri.v1.runtime.cni] bin_dir' | '[plugins.io.containerd.cri.v1.runtime.cni] bin_dirs')
        rows_of cni-folder "$value" ;;
    esac
  done
}

# a row for each entry of a list, or for one text
rows_of() {
  local one list=${2#[}
  while IFS= read -r -d , one; do
    one=${one# }
    [ -z "$one" ] || printf '%s\t%s\n' "$1" "$one"
  done <<<"${list%]},"
}

ask_containerd
