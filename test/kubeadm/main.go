// Upstream's own kubeadm, as the tests run it: they ask it whether it takes keel's documents.
package main

import (
	"fmt"
	"os"

	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
)

func main() {
	if err := kubeadm.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
