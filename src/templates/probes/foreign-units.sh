# Finds what starts or runs a Kubernetes on this host. It prints rows of tab-separated columns, and no argument of a
# program, because it may be a token.

# what a command line runs, in a few words; prints nothing if it is not a Kubernetes
kubernetes_of() {
  local line=" $1 " word='[^a-zA-Z0-9_.-]'
  if [[ $line =~ $word(k3s|rke2)[-a-z0-9_.]*[\"\']?(\ +-[^ ]+)*\ +[\"\']?(server|agent)[\"\']?[\ \;] ]]; then
    printf '%s %s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
  elif [[ $line =~ $word(k3s|rke2)-(server|agent)[\"\']?[\ \;] ]]; then printf '%s %s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  elif [[ $line =~ (rancher/k3s|rancher/rke2|kindest/node|k0sproject/k0s)[:@\ \"\'] ]]; then printf '%s in a container' "${BASH_REMATCH[1]}"
  elif [[ $line =~ (^\ +|(exec|-c|env|nohup)[\ \"\']+|/s?bin/)(/[^ ]*/)?(kubelet|kubelite|hyperkube)[\"\']?[\ \;] ]]; then printf '%s' "${BASH_REMATCH[4]}"
  elif [[ $line =~ $word(kubeadm)\ +(init|join)[\ \;] ]]; then printf 'kubeadm %s' "${BASH_REMATCH[2]}"
  elif [[ $line =~ $word(k0s)\ +(controller|worker)[\ \;] ]]; then printf 'k0s %s' "${BASH_REMATCH[2]}"
  elif [[ $line =~ $word(microk8s|minikube|k3d)[\ \;/] ]]; then printf '%s' "${BASH_REMATCH[1]}"
  elif [[ $line =~ $word(systemctl|service)\ .*$word?(k3s|k3s-agent|rke2-server|rke2-agent|kubelet)(\.service)?[\ \;\"\'] &&
    $line =~ \ (start|restart|enable|--now)[\ ] ]]; then printf 'a start of a Kubernetes service'
  fi
}

# the same for a script that a unit runs; reads its first 64 KB
kubernetes_in() {
  local start line found
  [ -f "$1" ] && IFS= read -rn2 start < "$1" 2>/dev/null && [ "$start" = '#!' ] || return 0
  while IFS= read -r line; do
    [[ $line =~ ^[[:space:]]*# ]] && continue
    found=$(kubernetes_of "$line")
    if [ -n "$found" ]; then printf '%s' "$found"; return; fi
  done < <(head -c 65536 -- "$1" | grep -aE 'k3s|rke2|kube|k0s|microk8s' | tr -d '\0' | head -n 50)
}

foreign_units() {
  local line id= active= enabled= path= starters= what= script= flags= names=() file
  # units that systemd has not read yet; it reads them when somebody asks for them by name
  while IFS= read -r file; do names+=("$file"); done < <(
    shopt -s nullglob
    for folder in /etc/systemd/system.control /run/systemd/system.control /run/systemd/transient /run/systemd/generator.early \
      /etc/systemd/system /run/systemd/system /run/systemd/generator /usr/local/lib/systemd/system /usr/lib/systemd/system \
      /lib/systemd/system /run/systemd/generator.late; do
      files=("$folder"/*.service)
      [ "${#files[@]}" -eq 0 ] || grep -lsaE 'k3s|rke2|kube|k0s|microk8s|minikube|kindest' -- "${files[@]}"
      # an instance of a template has no file, only the link that enables it
      printf '%s\n' "$folder"/{k3s,rke2,kubelet,kubelite,microk8s,k0s,snap.microk8s}*.service "$folder"/*.{wants,requires}/{k3s,rke2,kube,k0s}*@*.service
    done | sed 's#.*/##' | grep '[^@]\.service$' | sort -u | head -n 200
  )
  flush() {
    if [ -n "$id" ] && [ -n "$what" ]; then row unit "$id" "$active" "$enabled" "$path" "$what" "$starters" "$flags"; fi
    id= active= enabled= path= starters= what= script= flags=
  }
  while IFS= read -r line; do
    case $line in
      '')
        [ -n "$what" ] || [ -z "$script" ] || [[ $path == /usr/lib/* || $path == /lib/* || $path == /nix/* ]] || what=$(kubernetes_in "$script")
        flush ;;
      Id=*) id=${line#*=} ;;
      ActiveState=*) active=${line#*=} ;;
      UnitFileState=*) enabled=${line#*=} ;;
      FragmentPath=*) path=${line#*=} ;;
      WantedBy=*|RequiredBy=*|UpheldBy=*|TriggeredBy=*) [ -z "${line#*=}" ] || starters+="${line#*=} " ;;
      Exec*)
        [[ $line =~ argv\[\]=(.*)\ \;\ ignore_errors= ]] || continue
        script=${BASH_REMATCH[1]}
        # only then, because a shell for each line of each service would take longer than all other questions
        if [ -z "$what" ] && [[ $script =~ k3s|k3d|rke2|kube|k0s|microk8s|minikube|kindest ]]; then
          what=$(kubernetes_of "$script")
          [ -z "$what" ] || flags=$(grep -aoE -- ' --[a-z0-9-]+' <<<"$script" | sed 's/^ --//' | head -n 40 | tr '\n' ' ')
        fi
        script=${script%% *} ;;
    esac
  done < <(
    systemctl show --property=Id,ActiveState,UnitFileState,FragmentPath,ExecStart,ExecStartPre,ExecStartPost,WantedBy,RequiredBy,UpheldBy,TriggeredBy \
      -- '*.service' "${names[@]}" 2>/dev/null
    printf '\n'
  )
}

# cron, rc.local and similar files: the file, and the number of the line
foreign_starters() {
  local file line number what
  for file in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/* /etc/rc.local /etc/rc.d/rc.local; do
    [ -f "$file" ] || continue
    while IFS=: read -r number line; do
      what=$(kubernetes_of "$line")
      [ -z "$what" ] || row starter "$file:$number" "$what"
    done < <(grep -naE '^[^#]*(k3s|rke2|kube|k0s|microk8s)' -- "$file" | head -n 20)
  done
  if [ -S /run/docker.sock ] && systemctl --quiet is-active docker.service 2>/dev/null && command -v docker >/dev/null; then
    while IFS=$'\t' read -r name image state; do
      what=$(kubernetes_of "$image ")
      [ -z "$what" ] || row container "$name" "$what" "$state"
    done < <(timeout 5 docker ps --all --no-trunc --format '{{.Names}}\t{{.Image}}\t{{.State}}' 2>/dev/null | head -n 200)
  fi
}

# the unit of a process, from its cgroup; prints nothing if it has none
unit_of() {
  local line unit=
  while IFS= read -r line; do
    case $line in 0::*|*:name=systemd:*) [[ ! $line =~ .*/([^/]+\.(service|scope)) ]] || unit=${BASH_REMATCH[1]} ;; esac
  done < "/proc/$1/cgroup" 2>/dev/null
  printf '%s' "$unit"
}

# processes of a Kubernetes in the network of this host, and the programs that listen on the given ports:
# `foreign_processes tcp:6443 udp:8472 …`
foreign_processes() {
  local here process name line protocol port pid unit
  here=$(readlink /proc/self/ns/net)
  for process in /proc/[0-9]*; do
    IFS= read -r name < "$process/comm" 2>/dev/null || continue
    case $name in k3s-server|k3s-agent|rke2|rke2-server|rke2-agent|kubelet|kubelite|k0s|hyperkube) ;; *) continue ;; esac
    [ "$(readlink "$process/ns/net" 2>/dev/null)" = "$here" ] || continue
    # another question of keel's asks for it
    ! tr '\0' '\n' 2>/dev/null < "$process/cmdline" | grep -qx -- --version || continue
    row process "${process#/proc/}" "$name" "$(unit_of "${process#/proc/}")"
  done
  command -v ss >/dev/null || return 0
  while read -r protocol _ _ _ line; do
    port=${line%% *}; port=${port##*:}
    [[ " $* " == *" $protocol:$port "* ]] || continue
    [[ $line =~ \(\(\"([^\"]*)\",pid=([0-9]+), ]] || continue
    name=${BASH_REMATCH[1]} pid=${BASH_REMATCH[2]} unit=$(unit_of "${BASH_REMATCH[2]}")
    # it has ended since `ss` saw it: nobody can say any more whose it was, and its port is free
    [ -n "$unit" ] || [ -e "/proc/$pid/exe" ] || continue
    row port "$protocol" "$port" "$name" "$pid" "$unit"
  done < <(ss -Hltunp 2>/dev/null | head -n 2000)
}
