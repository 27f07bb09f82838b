// Package upstream is Kubernetes and etcd themselves: their own commands, one of which this process becomes.
// It is the only package that imports k8s.io/kubernetes; all others compile in seconds.
package upstream

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"          // upstream's mains import these three too
	_ "k8s.io/component-base/metrics/prometheus/clientgo" //
	_ "k8s.io/component-base/metrics/prometheus/version"  //
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// Become runs the program of that name with os.Args and exits; it returns when there is none.
func Become(name string) {
	if name == "etcd" {
		nameProcess(name)
		etcdmain.Main(os.Args)
		os.Exit(0)
	}
	if command := commandOf(name); command != nil {
		nameProcess(name)
		os.Exit(cli.Run(command))
	}
}

func commandOf(name string) *cobra.Command {
	switch name {
	case "kube-apiserver":
		return apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		return controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		return scheduler.NewSchedulerCommand()
	case "kube-proxy":
		return proxy.NewProxyCommand()
	case "kubelet":
		return kubelet.NewKubeletCommand(context.Background())
	}
	return nil
}

// nameProcess makes ps and the journal say which program a child is: execve of /proc/self/exe leaves the name "exe".
// Not by prctl(PR_SET_NAME): that names the calling thread, and a goroutine is not always on the first one.
func nameProcess(name string) { _ = os.WriteFile("/proc/self/comm", []byte(name), 0) }
