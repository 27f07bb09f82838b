# Ends the kubelet of a host and all Pods that it has left, as a reboot would, because another kind of kubelet comes.

# unmount_below FOLDER…: what is mounted there, the last one first.
unmount_below() {
  local mount folder mounts
  mapfile -t mounts < <(cut -d ' ' -f 2 /proc/self/mounts | tac)
  for mount in "${mounts[@]}"; do
    # the kernel writes a space as \040
    mount=$(printf %b "$mount")
    for folder in "$@"; do
      case $mount in "$folder"/*) umount -- "$mount" ;; esac
    done
  done
}

# in_cgroups PATTERN: the processes in cgroups whose paths match.
in_cgroups() {
  grep -lE -- "$1" /proc/[0-9]*/cgroup 2>/dev/null | cut -d / -f 3 || true
}

# end_all PATTERN: TERM, and KILL after ten seconds.
end_all() {
  local signal pids
  for signal in TERM KILL; do
    for _ in {1..50}; do
      mapfile -t pids < <(in_cgroups "$1")
      [ "${#pids[@]}" -gt 0 ] || return 0
      kill -s "$signal" -- "${pids[@]}" 2>/dev/null || true
      sleep 0.2
    done
  done
  printf 'processes of Pods do not end: %s\n' "${pids[*]}" >&2
  return 1
}

# leave_agent DATA: the agent of k3s, whose unit lets containers run on (KillMode=process). What is in DATA/agent goes,
# except images and settings that somebody has put there. So do the rules and interfaces of Pods: a rule for a host port
# would lead to a Pod that is gone.
leave_agent() {
  local PATH=$PATH:$1/data/current/bin:$1/data/current/bin/aux tables rules kept name
  systemctl disable --now --quiet -- k3s-agent.service 2>/dev/null || true
  end_all '/kubepods[./]|/k3s-agent\.service'
  unmount_below /run/k3s /var/lib/kubelet "$1/agent"
  for name in /run/netns/cni-*; do
    [ -e "$name" ] || continue
    name=${name##*/}
    [ -n "$(ip netns pids "$name" 2>/dev/null)" ] || ip netns delete "$name" 2>/dev/null || true
  done
  for name in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6; do ip link delete "$name" 2>/dev/null || true; done
  for tables in iptables ip6tables; do
    rules=$("$tables-save" 2>/dev/null) || continue
    kept=$(grep -vE '(^:|-A |-j |-g )(KUBE|CNI|FLANNEL)-' <<<"$rules") || true
    [ "$kept" = "$rules" ] || "$tables-restore" -w 10 <<<"$kept"
  done
  for name in ip ip6; do nft delete table "$name" kube-proxy 2>/dev/null || true; done
  rm -rf --one-file-system -- /run/k3s /var/lib/cni/networks/cbr0 /var/lib/cni/flannel
  for name in /var/lib/kubelet "$1/agent"; do
    [ ! -d "$name" ] ||
      find "$name/" -mindepth 1 -maxdepth 1 ! -name images ! -name etc -exec rm -rf --one-file-system -- {} +
  done
}

# leave_vkubelet: keel-vkubelet, whose Pods are units that run on. A package that it installs comes to its end.
leave_vkubelet() {
  local name left directories=(/{var/lib,var/cache,var/log,run}{,/private}/keel-pods)
  systemctl disable --now --quiet -- keel-vkubelet.service 2>/dev/null || true
  for _ in {1..120}; do
    systemctl is-active --quiet -- keel-vkubelet-apt.service || break
    sleep 1
  done
  if systemctl is-active --quiet -- keel-vkubelet-apt.service; then
    printf 'keel-vkubelet-apt.service still installs a package\n' >&2
    return 1
  fi
  systemctl stop --quiet -- 'vks.*.service' 'vksexec-*.service' 'vks-*.slice' vks.slice 2>/dev/null || true
  left=$(systemctl list-units --plain --no-legend --state=active,deactivating -- 'vks.*.service' | cut -d ' ' -f 1)
  if [ -n "$left" ]; then
    printf 'units of Pods do not end: %s\n' "${left//$'\n'/ }" >&2
    return 1
  fi
  rm -rf -- /run/systemd/system/vks.* /run/systemd/system/vks-* /run/systemd/system/vksexec-*
  systemctl daemon-reload
  systemctl reset-failed -- 'vks*' 2>/dev/null || true
  unmount_below /run/keel-vkubelet
  rm -rf --one-file-system -- /run/keel-vkubelet /var/lib/keel-vkubelet "${directories[@]}"
  while IFS=: read -r name _; do
    case $name in keel-pod-[0-9]*) userdel -- "$name" ;; esac
  done < <(cat /etc/passwd)
}
