#!/bin/bash
# supervisor.sh DIRECTORY BASE CGROUP nspawn…: runs one host from power on to power off. It continues after the CLI that
# started it has ended; stdout is the console of the host. After a reboot (nspawn exits 133) it starts the host again with
# a new network namespace, because a real machine keeps no interface and no firewall rule either.
set -euo pipefail
directory=$1 base=$2 cgroup=$3
shift 3

hierarchies=()
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  hierarchies=(/sys/fs/cgroup)
else
  # links are other names of the same mount: cpu -> cpu,cpuacct
  for h in /sys/fs/cgroup/*; do [ -L "$h" ] || [ ! -e "$h/cgroup.procs" ] || hierarchies+=("$h"); done
fi

# Two leaves, because cgroup v2 gives controllers to children only if the parent contains no process.
for h in "${hierarchies[@]}"; do
  mkdir -p "$h/$cgroup"
  if [ -e "$h/cgroup.clone_children" ] && [ -e "$h/cpuset.cpus" ]; then
    # cgroup v1: a new cpuset is empty and accepts no process; its children copy it
    for list in cpuset.cpus cpuset.mems; do cat "$h/$list" > "$h/$cgroup/$list"; done
    echo 1 > "$h/$cgroup/cgroup.clone_children"
  fi
  if [ -e "$h/cgroup.subtree_control" ]; then
    for controller in $(cat "$h/cgroup.controllers"); do
      echo "+$controller" > "$h/cgroup.subtree_control"
      echo "+$controller" > "$h/$cgroup/cgroup.subtree_control"
    done
  fi
  mkdir -p "$h/$cgroup/supervisor"
  echo $$ > "$h/$cgroup/supervisor/cgroup.procs"
done

# The host gets its own mount namespace. /run/systemd is hidden, because nspawn asks the machine's systemd if it finds
# it.
boot='
set -euo pipefail
directory=$1 base=$2
shift 2
mount -t tmpfs tmpfs /run/systemd
mount -t overlay overlay -o "lowerdir=$base,upperdir=$directory/upper,workdir=$directory/work" "$directory/root"
exec "$@"
'
while :; do
  bash "$directory/network.sh" up
  for h in "${hierarchies[@]}"; do
    # what the last boot left, because cadvisor in kubelet waits 3 s for each stale cgroup
    [ ! -d "$h/$cgroup/host" ] || find "$h/$cgroup/host" -depth -type d -exec rmdir {} \; 2> /dev/null || true
    mkdir -p "$h/$cgroup/host"
  done
  echo "lab: power on at $(date --iso-8601=ns)"
  status=0
  (
    for h in "${hierarchies[@]}"; do echo "$BASHPID" > "$h/$cgroup/host/cgroup.procs"; done
    exec unshare --mount --propagation private bash -c "$boot" boot "$directory" "$base" "$@"
  ) < /dev/null || status=$?
  echo "lab: nspawn ended with status $status"
  [ "$status" = 133 ] || break
done
bash "$directory/network.sh" down
