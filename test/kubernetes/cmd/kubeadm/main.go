// Upstream's kubeadm, as its own main builds it.
package main

import (
	"fmt"
	"os"

	_ "k8s.io/component-base/metrics/prometheus/clientgo" // upstream's main imports these two too
	_ "k8s.io/component-base/metrics/prometheus/version"  //
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
)

func main() {
	if err := kubeadm.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
