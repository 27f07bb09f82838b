// k3s look-alike: k3s's command line, files, tokens and join rules on the outside, upstream Kubernetes and etcd inside.
// It stands in for k3s in keel's lab, where the real one can't be had. Read server/server.go first.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/component-base/version"

	"keel.invalid/lookalike/admin"
	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/server"
	"keel.invalid/lookalike/upstream"
)

func main() {
	upstream.Become(filepath.Base(os.Args[0])) // a child
	if len(os.Args) < 2 || slices.Contains([]string{"--help", "-h", "help"}, os.Args[1]) {
		help()
		return
	}
	switch command := os.Args[1]; command {
	case "server":
		server.Run(load(command))
	case "agent":
		agent.Run(load(command))
	case "token", "etcd-snapshot":
		operate(command, os.Args[2:])
	default:
		logline.Fatal("look-alike of k3s: has no command %q; see --help", command)
	}
}

// load reads the configuration, says what this is, and ends with exit 1 where k3s would, or where a part is missing.
func load(command string) *config.Config {
	c := parse(command, os.Args[2:])
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

func parse(command string, args []string) *config.Config {
	if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
		help()
		os.Exit(0)
	}
	c, err := config.Load(command, args)
	if err != nil {
		logline.Fatal("%v", err)
	}
	return c
}

// operate on a running server.
func operate(command string, args []string) {
	operations := map[string][]string{"token": {"rotate"}, "etcd-snapshot": {"save", "ls", "list", "delete", "prune"}}[command]
	if len(args) == 0 || !slices.Contains(operations, args[0]) {
		logline.Fatal("look-alike of k3s: `%s` has only %v", command, operations)
	}
	operation := args[0]
	if operation == "list" {
		operation = "ls"
	}
	c := parse(command+" "+operation, args[1:])
	var err error
	if command == "token" {
		err = admin.RotateToken(c)
	} else {
		err = admin.Snapshot(c, operation)
	}
	if err != nil {
		logline.Fatal("Error: %v", err)
	}
}

func help() {
	fmt.Printf(`k3s %s: %s

  k3s server      a server: with cluster-init it founds a cluster, with server and token it joins one; --cluster-reset
  k3s agent       a node
  k3s token rotate
  k3s etcd-snapshot save|ls|delete|prune
  k3s kubectl     upstream's kubectl
  k3s --version

Flags and config.yaml are k3s's own. What it does not do:
`, version.Get().GitVersion, config.About)
	for _, line := range config.Missing {
		fmt.Println("  -", line)
	}
}
