// pause, as far as an upgrade needs it: it holds a Pod's namespaces, and ends at once with -v, which kubeadm runs in a Job.
// The lab's own pause ignores its arguments.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if os.Args[len(os.Args)-1] == "-v" {
		return
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
