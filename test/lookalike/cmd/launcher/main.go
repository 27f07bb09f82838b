// launcher is what a host gets as `k3s`: it extracts the look-alike under the data directory, as k3s does, and becomes
// it, or its kubectl.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/selfextract"
)

var version string // of Kubernetes, by the linker

func main() {
	if len(os.Args) == 2 && (os.Args[1] == "--version" || os.Args[1] == "-v") { // leaves no trace on the machine that asks
		fmt.Printf("k3s version %s (%s)\n", version, config.About)
		return
	}
	name, environment := "k3s", os.Environ()
	if filepath.Base(os.Args[0]) == "kubectl" || len(os.Args) > 1 && os.Args[1] == "kubectl" {
		name = "kubectl"
		if os.Getenv("GOGC") == "" { // it ends before its garbage matters: 55 ms of the processor instead of 80
			environment = append(environment, "GOGC=400")
		}
	}
	program, err := selfextract.Extract("/proc/self/exe", filepath.Join(dataDirectory(os.Args), "data"), name)
	if err == nil {
		err = syscall.Exec(program, os.Args, environment)
	}
	logline.Fatal("look-alike of k3s: %v", err)
}

// dataDirectory by the flag, else k3s's default; a data-dir of config.yaml moves everything but the program itself.
func dataDirectory(args []string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--data-dir="); ok {
			return value
		}
		if (arg == "--data-dir" || arg == "-d") && i+1 < len(args) {
			return args[i+1]
		}
	}
	if home, err := os.UserHomeDir(); err == nil && os.Geteuid() != 0 {
		return filepath.Join(home, ".rancher", "k3s")
	}
	return "/var/lib/rancher/k3s"
}
