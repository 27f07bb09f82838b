# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
#
# Part of join.sh: brings a node of the cluster to the version of the merged image (`kubeadm upgrade`), and restarts its
# kubelet then. What kubeadm has done already it does not do again, so this goes on from where an earlier run was ended.

# on the server that upgrades what belongs to the whole cluster: that it has begun, and has not come to its end
applying=/var/lib/kubelet/keel-upgrade-apply

upgrade() {
  local version cluster
  version=$(kubeadm version --output=short)
  if [ "$role" = agent ]; then run_kubeadm upgrade node
  else
    restore_manifests
    wait_for_api
    wait_for_servers
    cluster=$(version_of_cluster)
    # it becomes a part of a command, and others may write that ConfigMap
    [[ $cluster =~ ^v1\.[0-9]{1,3}\.[0-9]{1,3}$ ]] ||
      give_up 'the ConfigMap kubeadm-config does not tell the version of the cluster (kubernetesVersion: v1.36.3)'
    if founds; then upload_settings "$cluster"; fi
    if [ "$cluster" != "$version" ] || [ -d "$applying" ]; then
      mkdir -p "$applying"
      run_kubeadm upgrade apply "$version" --yes
      rmdir "$applying"
    else run_kubeadm upgrade node
    fi
    # copies of etcd's data are among them
    rm -rf -- /etc/kubernetes/tmp/kubeadm-backup-* /etc/kubernetes/tmp/kubeadm-upgraded-*
  fi
  keep_cgroup_v1
  # it has the program of the earlier image until now
  systemctl restart kubelet.service
  note_version
  say "this host is at $version"
}

# from 1.35 on a kubelet refuses cgroup v1 unless it is told otherwise, as kubeadm's document tells the kubelet of a new
# node; a node that joined before has its flags from then. Kubelets know the flag since 1.31
keep_cgroup_v1() {
  local flags=/var/lib/kubelet/kubeadm-flags.env
  is_cgroup_v1 || return 0
  if [ -f "$flags" ] && ! grep -q -e '--fail-cgroupv1' "$flags"; then
    sed 's/^KUBELET_KUBEADM_ARGS="/&--fail-cgroupv1=false /' "$flags" > "$flags.new"
    mv -fT -- "$flags.new" "$flags"
  fi
}

# kubeadm moves a manifest away before it moves the new one there: ended in between, one is missing
restore_manifests() {
  local name backup newest
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    [ ! -e "/etc/kubernetes/manifests/$name.yaml" ] || continue
    newest=
    # their names have the time
    for backup in /etc/kubernetes/tmp/kubeadm-backup-manifests-*/"$name.yaml"; do
      if [ -e "$backup" ]; then newest=$backup; fi
    done
    if [ -n "$newest" ]; then mv -- "$newest" "/etc/kubernetes/manifests/$name.yaml"; fi
  done
}

api() { KUBECONFIG=/etc/keel/kubeadm/local.conf:/etc/kubernetes/admin.conf kubectl --request-timeout=30s "$@"; }

# an earlier run may have restarted it just now
wait_for_api() {
  local from=$SECONDS
  until api get --raw /readyz >/dev/null 2>&1; do
    [ $((SECONDS - from)) -lt 180 ] || give_up 'the API server of this host does not answer, so it cannot be upgraded'
    sleep 1
  done
}

# kubeadm upgrades nothing while a server is not Ready, and says which one. One whose API server has just been restarted is
# not for a while: its kubelet could not report
wait_for_servers() {
  KUBECONFIG=/etc/keel/kubeadm/local.conf:/etc/kubernetes/admin.conf kubectl wait --for=condition=Ready nodes \
    --selector=node-role.kubernetes.io/control-plane --timeout=120s >/dev/null 2>&1 || true
}

version_of_cluster() {
  api --namespace=kube-system get configmap kubeadm-config --output='jsonpath={.data.ClusterConfiguration}' |
    sed -n 's/^kubernetesVersion: *//p'
}

# what the inventory says of the cluster, for the manifests that kubeadm writes now; the version is kubeadm's to change
upload_settings() {
  sed "s/^kubernetesVersion: .*/kubernetesVersion: $1/" "$document" > "$config"
  kubeadm init phase upload-config kubeadm --config="$config"
}
