#!/bin/bash
# build.sh OUT: the look-alike of k3s as OUT, and the lab's container program as OUT-tiny. Static, stripped, quiet, compressed; Go's own
# build cache makes the second build a matter of seconds. Both files appear complete, or neither is touched.
set -euo pipefail
[ $# = 1 ] || { echo "usage: build.sh OUT" >&2; exit 2; }
command -v go >/dev/null || { echo "build.sh: the look-alike of k3s is a Go program and there is no \`go\`: install Go 1.26 or newer" >&2; exit 1; }
mkdir -p "$(dirname "$1")"
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"

# The version that all parts print. Two packages hold it: component-base is the programs', client-go is in the User-Agent.
kubernetes=$(go list -m -f '{{.Version}}' k8s.io/kubernetes) # v1.36.3
minor=${kubernetes#v1.}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$kubernetes+lookalike -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
  flags+=" -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.gitTreeState=clean -X $package.buildDate=2026-01-01T00:00:00Z"
done

work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=0
go build -trimpath -buildvcs=false -ldflags "$flags" -o "$work/program" .
go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$kubernetes+lookalike" -o "$work/launcher" ./cmd/launcher
go build -trimpath -buildvcs=false -ldflags "$flags" -o "$work/kubectl" ./cmd/kubectl
go run ./cmd/pack "$work/launcher" "$work/program" "$work/kubectl" "$work/k3s"
go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$work/tiny" ./cmd/tiny
mv -f "$work/tiny" "$out-tiny"
mv -f "$work/k3s" "$out"
