// k3s look-alike: k3s's command line, files, tokens and join rules on the outside, upstream Kubernetes and etcd inside.
// It stands in for k3s in keel's lab, where the real one can't be had. Read server/server.go first.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/component-base/version"

	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/server"
	"keel.invalid/lookalike/upstream"
)

func main() {
	upstream.Become(filepath.Base(os.Args[0])) // a child, or a link named kubectl
	if len(os.Args) < 2 || slices.Contains([]string{"--help", "-h", "help"}, os.Args[1]) {
		help()
		return
	}
	switch command := os.Args[1]; command {
	case "server":
		server.Run(load(command))
	case "agent":
		agent.Run(load(command))
	case "kubectl":
		kubectl()
	case "--version", "-v":
		fmt.Printf("k3s version %s (%s)\n", version.Get().GitVersion, config.About)
	default:
		logline.Fatal("look-alike of k3s: has no command %q; see --help", command)
	}
}

// load reads the configuration, says what this is, and ends with exit 1 where k3s would, or where a part is missing.
func load(command string) *config.Config {
	args := os.Args[2:]
	if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
		help()
		os.Exit(0)
	}
	c, err := config.Load(command, args)
	if err != nil {
		logline.Fatal("%v", err)
	}
	logline.Info("Starting k3s %s: %s", version.Get().GitVersion, config.About)
	if refused := c.Refused(); len(refused) > 0 {
		for _, line := range refused {
			logline.Error("look-alike of k3s: %s", line)
		}
		os.Exit(1)
	}
	for _, line := range config.Missing {
		logline.Info("look-alike of k3s: %s", line)
	}
	return c
}

func kubectl() {
	if os.Getenv("KUBECONFIG") == "" {
		os.Setenv("KUBECONFIG", "/etc/rancher/k3s/k3s.yaml")
	}
	os.Args = os.Args[1:]
	upstream.Become("kubectl")
}

func help() {
	fmt.Printf(`k3s %s: %s

  k3s server      one server with embedded etcd (cluster-init)
  k3s agent       a node
  k3s kubectl     upstream's kubectl
  k3s --version

Flags and config.yaml are k3s's own. What it does not do:
`, version.Get().GitVersion, config.About)
	for _, line := range config.Missing {
		fmt.Println("  -", line)
	}
}
