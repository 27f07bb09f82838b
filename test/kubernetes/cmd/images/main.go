// The programs of the container images that kubeadm runs, in one file: the name by which it was started says which one it is.
// Upstream has a program for each. One file for all is a single layer of 130 MB in the containerd of each host, not five.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/etcdctl/v3/ctlv3"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // upstream's mains import these three too
	_ "k8s.io/component-base/metrics/prometheus/clientgo" //
	_ "k8s.io/component-base/metrics/prometheus/version"  //
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-proxy":              proxy.NewProxyCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

func main() {
	name := filepath.Base(os.Args[0])
	switch name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "etcdctl":
		ctlv3.MustStart()
	default:
		if name == "kube-proxy" {
			ownConntrackMax()
		}
		command, isKnown := commands[name]
		if !isKnown {
			fmt.Fprintf(os.Stderr, "no program of a container image is called %q\n", name)
			os.Exit(2)
		}
		os.Exit(cli.Run(command()))
	}
}

// ownConntrackMax does for kube-proxy's container what the lab does for its hosts (machine-sysctls): this sysctl belongs to the machine,
// nobody in a network namespace of its own may set it, and kube-proxy ends if it can't. A file over it can be written, without effect.
func ownConntrackMax() {
	const sysctl, own = "/proc/sys/net/netfilter/nf_conntrack_max", "/etc/nf_conntrack_max"
	value, err := os.ReadFile(sysctl)
	if err != nil {
		return
	}
	if err = os.WriteFile(own, value, 0o644); err == nil {
		err = syscall.Mount(own, sysctl, "", syscall.MS_BIND, "")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s stays the machine's: %v\n", sysctl, err)
	}
}
