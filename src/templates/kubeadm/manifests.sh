# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.
# Applies every manifest, as k3s does with its own folder: again at each start, and never removing an object.
set -euo pipefail
export KUBECONFIG=/etc/keel/kubeadm/local.conf:/etc/kubernetes/admin.conf

until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 1; done
shopt -s nullglob
for file in /etc/keel/manifests/*; do
  kubectl apply --server-side --force-conflicts --field-manager=keel-manifests --request-timeout=60s --filename="$file"
done
