#!/bin/bash
# Sysctls that belong to no namespace are the machine's: kubelet and sysctl.d would set them for everybody. Here each is a regular file of this
# host's own, bind-mounted over the /proc/sys entry: readable, writable, without effect.
mkdir -p /run/machine-sysctls
while read -r key value; do
  entry=/proc/sys/${key//.//}
  [ -e "$entry" ] || continue
  echo "$value" > "/run/machine-sysctls/$key"
  mount --bind "/run/machine-sysctls/$key" "$entry"
done <<'END'
vm.overcommit_memory 0
vm.panic_on_oom 0
vm.max_map_count 65530
kernel.panic 0
kernel.panic_on_oops 0
kernel.pid_max 4194304
kernel.keys.root_maxkeys 200
kernel.keys.root_maxbytes 20000
fs.file-max 9223372036854775807
fs.inotify.max_user_instances 128
fs.inotify.max_user_watches 192536
net.netfilter.nf_conntrack_max 262144
END
