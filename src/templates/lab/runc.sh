#!/bin/bash
# runc of a lab host, which PATH has before Debian's. A host of a lab may not lower an oom_score_adj, and Kubernetes wants
# low ones for its own Pods: here they get the lowest one that the host may give. So containerd may have any configuration,
# also one without `restrict_oom_score_adj`. runc reads the value of a container, and of a process that it adds to one.
wish='"oomScoreAdj":(-?[0-9]+)'
read -r lowest < /proc/self/oom_score_adj
for ((at = 1; at < $#; at += 1)); do
  value=$((at + 1))
  case ${!at} in
    --bundle) file=${!value}/config.json ;;
    --process) file=${!value} ;;
    *) continue ;;
  esac
  if [[ $(< "$file") =~ $wish ]] && ((BASH_REMATCH[1] < lowest)); then
    sed -i "s/\"oomScoreAdj\":${BASH_REMATCH[1]}/\"oomScoreAdj\":$lowest/" "$file"
  fi
done
exec /usr/sbin/runc "$@"
