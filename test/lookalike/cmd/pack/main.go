// pack LAUNCHER K3S KUBECTL OUT: one program that carries two others.
package main

import (
	"errors"
	"fmt"
	"os"

	"keel.invalid/lookalike/selfextract"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: pack LAUNCHER K3S KUBECTL OUT")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2:4], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(launcher string, programs []string, out string) error {
	head, err := os.Open(launcher)
	if err != nil {
		return err
	}
	defer head.Close()
	bodies := make([][]byte, len(programs))
	for at, program := range programs {
		if bodies[at], err = os.ReadFile(program); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	return errors.Join(selfextract.Pack(file, head, bodies...), file.Close())
}
