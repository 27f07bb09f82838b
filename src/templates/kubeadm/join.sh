# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
#
# Makes this host a node of its cluster: `join.sh server|agent [ADDRESS]`. At each later start it finds that this is
# done, and upgrades the node if keel wants that (upgrade.sh). It goes on from where an earlier run was ended, and removes
# data only where the cluster does not need it.
# ADDRESS: of the cluster, which nobody has yet and this version's kubeadm asks while it founds.
#
# It founds, joins and upgrades only with keel's permit, which is gone after a reboot: a host whose data was deleted never
# founds a second cluster by itself, and loses no data.
set -euo pipefail
shopt -s inherit_errexit
umask 077
export LC_ALL=C

role=$1
borrowed=${2-}
document=/etc/keel/kubeadm/kubeadm.yaml
pki=/etc/kubernetes/pki
permit=/run/keel/kubeadm/permit
config=/run/keel/kubeadm/config.yaml
complete=/var/lib/kubelet/keel-control-plane
reached=/var/lib/kubelet/keel-version
masked=

say() { printf '%s\n' "$1" >&2; }
give_up() { say "keel-kubeadm: $1"; exit 1; }

tidy() {
  rm -f -- "$permit" "$config" /etc/kubernetes/bootstrap-kubelet.conf
  if [ -n "$borrowed" ]; then ip address del "$borrowed" dev lo 2>/dev/null || true; fi
  [ -z "$masked" ] || systemctl unmask --runtime --quiet kubelet.service
}

# the version that this node has come to, as a whole
note_version() {
  kubeadm version --output=short > "$reached.new"
  mv -fT -- "$reached.new" "$reached"
}

founds() { grep -q '^kind: InitConfiguration$' "$document"; }

# the kubelet has a credential of its own, and a control plane has all its parts
is_done() {
  [ -s /etc/kubernetes/kubelet.conf ] || return 1
  [ "$role" = agent ] || [ -d "$complete" ]
}

same_key() { [ "$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null)" = "$(openssl x509 -in "$2" -noout -pubkey)" ]; }

# the CAs and the key of service accounts, before kubeadm looks for them; the key before its certificate
place_pki() {
  local name
  mkdir -p -m 0755 /etc/kubernetes
  mkdir -p "$pki/etcd"
  for name in ca front-proxy-ca etcd/ca; do
    if [ -s "$pki/$name.crt" ] && ! same_key "$pki/$name.crt" "/etc/keel/kubeadm/pki/${name//\//-}.crt"; then
      give_up "$pki/$name.crt is of another cluster: wipe this host, or correct the inventory"
    fi
    install -m 0600 -- "$CREDENTIALS_DIRECTORY/$(key_of "$name")" "$pki/$name.key"
    install -m 0644 -- "/etc/keel/kubeadm/pki/${name//\//-}.crt" "$pki/$name.crt"
  done
  install -m 0600 -- "$CREDENTIALS_DIRECTORY/service-account-key" "$pki/sa.key"
  openssl pkey -in "$pki/sa.key" -pubout -out "$pki/sa.pub"
}

key_of() {
  case $1 in
    ca) printf 'kubernetes-ca-key' ;;
    front-proxy-ca) printf 'front-proxy-ca-key' ;;
    etcd/ca) printf 'etcd-ca-key' ;;
  esac
}

is_cgroup_v1() { [ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ]; }

# what kubeadm's checks would refuse, and is right here: `SystemVerification` on a host with cgroup v1
ignored=()
if is_cgroup_v1; then ignored+=(SystemVerification); fi
run_kubeadm() {
  local list
  list=$(IFS=,; printf '%s' "${ignored[*]-}")
  kubeadm "$@" ${list:+"--ignore-preflight-errors=$list"}
}

found() {
  local file name
  place_pki
  # kubeadm writes kubeconfigs in place: one that is not complete has no end of its key
  for file in /etc/kubernetes/*.conf; do
    [ ! -e "$file" ] || grep -q 'client-key-data: .' "$file" || grep -q 'client-key: .' "$file" || rm -f -- "$file"
  done
  # an earlier run has come this far; kubeadm goes on with what is there
  if [ -e /etc/kubernetes/manifests/etcd.yaml ] || [ -d /var/lib/etcd/member ]; then
    ignored+=(Port-6443 Port-10259 Port-10257 Port-10250 Port-2379 Port-2380 DirAvailable--var-lib-etcd)
    for name in kube-apiserver kube-controller-manager kube-scheduler etcd; do
      ignored+=("FileAvailable--etc-kubernetes-manifests-$name.yaml")
    done
  fi
  if [ -n "$borrowed" ]; then ip address replace "$borrowed" dev lo; fi
  run_kubeadm init --config="$document" --skip-token-print --skip-phases=show-join-command
  # every join has a token of its own
  KUBECONFIG=/etc/keel/kubeadm/local.conf:/etc/kubernetes/admin.conf kubectl --namespace=kube-system delete secrets \
    --ignore-not-found --field-selector=type=bootstrap.kubernetes.io/token --request-timeout=30s >/dev/null
}

# the document with the token, which comes for this join alone
write_config() {
  local line value
  IFS=' ' read -r _ value < "$permit"
  while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line != '  bootstrapToken:' ]] || printf '    token: %s\n' "$value"
  done < "$document" > "$config"
}

join_as_agent() {
  # an earlier run came this far, and the kubelet had not got its credential
  if [ -e /etc/kubernetes/bootstrap-kubelet.conf ] || [ -e "$pki/ca.crt" ]; then
    ignored+=(FileAvailable--etc-kubernetes-bootstrap-kubelet.conf FileAvailable--etc-kubernetes-kubelet.conf)
    ignored+=(FileAvailable--etc-kubernetes-pki-ca.crt Port-10250)
  fi
  write_config
  run_kubeadm join --config="$config"
}

join_as_server() {
  # keel has removed what the cluster knew of an earlier run on this host, so nothing here belongs to it any more
  if [ -d /var/lib/etcd/member ] || [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || [ -s /etc/kubernetes/kubelet.conf ]; then
    say 'an earlier join did not come to its end: it is removed, and done again'
    # systemd would start it again while kubeadm empties its folders
    masked=1
    systemctl mask --runtime --quiet kubelet.service
    systemctl stop kubelet.service
    # without the phase that is left out it does not clean etcd's folder, and kubeadm joins only with an empty one
    kubeadm reset --force --skip-phases=remove-etcd-member >&2
    rm -rf -- /etc/kubernetes/*.conf /var/lib/etcd/member
    systemctl unmask --runtime --quiet kubelet.service
    masked=
  fi
  place_pki
  write_config
  run_kubeadm join --config="$config"
}

trap tidy EXIT
if is_done; then
  if [ "$(cat -- "$permit" 2>/dev/null)" = upgrade ]; then
    . /etc/keel/kubeadm/upgrade.sh
    upgrade
  fi
  exit 0
fi
[ -s "$permit" ] || give_up 'this host is not in its cluster, and keel has not let it in: run `keel deploy` for it'
if founds; then found
elif [ "$role" = server ]; then join_as_server
else join_as_agent
fi
if [ "$role" = server ]; then mkdir -p "$complete"; fi
note_version
# `kubeadm reset` has removed the folder that an agent sees which runs since before that
systemctl try-restart --no-block --quiet keel-agent.service 2>/dev/null || true
say 'this host is a node of the cluster'
