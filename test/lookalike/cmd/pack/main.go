// pack LAUNCHER PROGRAM OUT: one program that carries another.
package main

import (
	"errors"
	"fmt"
	"os"

	"keel.invalid/lookalike/selfextract"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: pack LAUNCHER PROGRAM OUT")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(launcher, program, out string) error {
	head, err := os.Open(launcher)
	if err != nil {
		return err
	}
	defer head.Close()
	body, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	return errors.Join(selfextract.Pack(file, head, body), file.Close())
}
