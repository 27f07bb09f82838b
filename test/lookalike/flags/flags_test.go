package flags

import (
	"bytes"
	"os"
	"testing"
)

func TestTheCopyEqualsTheProgramsOwnFile(t *testing.T) {
	original, err := os.ReadFile("../../../src/model/k3s/k3s-flags.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(original, file) {
		t.Fatal("test/lookalike/flags/k3s-flags.json differs from src/model/k3s/k3s-flags.json: copy the newer one over the other")
	}
}

func TestAliasesLeadToTheFlag(t *testing.T) {
	server, err := Of("server")
	if err != nil {
		t.Fatal(err)
	}
	if server["t"].Name != "token" || server["d"].Name != "data-dir" {
		t.Errorf("t is %q, d is %q", server["t"].Name, server["d"].Name)
	}
	if server["flannel-backend"].Default != "vxlan" {
		t.Errorf("default of flannel-backend: %q", server["flannel-backend"].Default)
	}
	if _, err := Of("nothing"); err == nil {
		t.Error("a command that k3s does not have was found")
	}
}
