#!/bin/bash
# build.sh OUT: upstream's Kubernetes for clusters of kubeadm in keel's lab, from Go modules, into the folder OUT:
#   releases/            kubelet, kubeadm, kubectl and the CNI plugins, in the layout of a mirror (KEEL_MIRROR, --from)
#   programs/            what is in the container images
#   images               the names of the images that kubeadm wants, as kubeadm itself lists them
#   kube-flannel.yml     flannel's own manifest
# All programs are static. Go's build cache is shared with the look-alike of k3s (test/lookalike): same versions, same flags.
set -euo pipefail
[ $# = 1 ] || { echo "usage: build.sh OUT" >&2; exit 2; }
command -v go >/dev/null || { echo "build.sh: Kubernetes is written in Go and there is no \`go\`: install Go 1.26 or newer" >&2; exit 1; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
export CGO_ENABLED=0
arch=$(go env GOARCH)

# The version that all programs print. Two packages hold it: component-base is the programs', client-go is in the User-Agent.
kubernetes=$(go list -m -f '{{.Version}}' k8s.io/kubernetes) # v1.36.3
minor=${kubernetes#v1.}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
  flags+=" -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.gitTreeState=clean -X $package.buildDate=2026-01-01T00:00:00Z"
done
# beside those of the caller, and not in each command: go takes -C as the first flag alone
export GOFLAGS="${GOFLAGS:-} -trimpath -buildvcs=false"
sum() { (cd "$(dirname "$1")" && sha256sum "$(basename "$1")" | cut -d' ' -f1 >"$(basename "$1").sha256"); }

bin=$out/releases/dl.k8s.io/release/$kubernetes/bin/linux/$arch
mkdir -p "$bin" "$out/programs"
go build -ldflags "$flags" -o "$bin/" ./cmd/kubelet ./cmd/kubeadm ./cmd/kubectl
for program in kubelet kubeadm kubectl; do sum "$bin/$program"; done
go build -ldflags "$flags" -o "$out/programs/kubernetes" ./cmd/images
"$bin/kubeadm" config images list --kubernetes-version "$kubernetes" >"$out/images"

plugins=$(go list -C addons -m -f '{{.Version}}' github.com/containernetworking/plugins) # v1.9.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -C addons -ldflags "-s -w -X github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=$plugins" -o "$work/" tool
mv "$work/install_conf" "$out/programs/install-conf" # of flannel
archive=$out/releases/github.com/containernetworking/plugins/releases/download/$plugins/cni-plugins-linux-$arch-$plugins.tgz
mkdir -p "$(dirname "$archive")"
tar --create --gzip --file "$archive" --directory "$work" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner .
sum "$archive"

go build -C addons -ldflags "-s -w" -o "$out/programs/" ./coredns ./flanneld
go build -C flannel-cni -ldflags "-s -w" -o "$out/programs/flannel" github.com/containernetworking/plugins/plugins/meta/flannel
cp "$(go list -C addons -m -f '{{.Dir}}' github.com/flannel-io/flannel)/Documentation/kube-flannel.yml" "$out/"
chmod 644 "$out/kube-flannel.yml"
