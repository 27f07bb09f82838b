#!/bin/bash
# link-kubernetes.sh SOURCES RELEASES VERSION OUT: the programs of test/kubernetes/ under another version, into the folder OUT:
#   releases/      kubelet, kubeadm and kubectl in the layout of a mirror, and the CNI plugins of RELEASES
#   kubernetes     what is in the container images
# The flags are those of test/kubernetes/build.sh, so Go compiles nothing again and only links.
set -euo pipefail
sources=$1 releases=$2 version=$3 out=$4
arch=$(go env GOARCH)
minor=${version#v1.}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
  flags+=" -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.gitTreeState=clean -X $package.buildDate=2026-01-01T00:00:00Z"
done
bin=$out/releases/dl.k8s.io/release/$version/bin/linux/$arch
mkdir -p "$bin"
build() { go build -C "$sources" -trimpath -buildvcs=false -ldflags "$flags" -o "$@"; }
build "$bin/" ./cmd/kubelet ./cmd/kubeadm ./cmd/kubectl
build "$out/kubernetes" ./cmd/images
for program in kubelet kubeadm kubectl; do
  sha256sum "$bin/$program" | cut -d' ' -f1 >"$bin/$program.sha256"
done
cp -a "$releases/github.com" "$out/releases/"
