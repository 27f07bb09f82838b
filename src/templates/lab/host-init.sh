#!/bin/bash
# PID 1 of a lab host until it becomes systemd. nspawn mounts cgroup v1 controllers read-only: writable BEFORE systemd starts, so that systemd
# uses them (MemoryMax=, CPUQuota=, TasksMax= are then real), and kubelet and runc after it. The host has its own cgroup namespace.
for c in /sys/fs/cgroup /sys/fs/cgroup/*; do
  mountpoint -q "$c" && mount -o remount,bind,rw "$c"
done
# as a Flatcar machine's, which boots from it
[ -d /home/core ] && mount --rbind /usr /usr && mount -o remount,bind,ro /usr
# Kubernetes propagates mounts between containers and the host
mount --make-rshared /
exec /lib/systemd/systemd "$@"
