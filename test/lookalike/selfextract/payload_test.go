package selfextract

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func packed(t *testing.T, program string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Pack(&out, strings.NewReader("launcher"), []byte(program), []byte("kubectl of "+program)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func written(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "k3s")
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheProgramComesOutAsItWentIn(t *testing.T) {
	program := strings.Repeat("kubernetes ", 1000)
	self, data := written(t, packed(t, program)), filepath.Join(t.TempDir(), "data")
	path, err := Extract(self, data, "k3s")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != program {
		t.Errorf("%d bytes came out of %d (%v)", len(content), len(program), err)
	}
	kubectl, err := Extract(self, data, "kubectl")
	if content, _ := os.ReadFile(kubectl); err != nil || string(content) != "kubectl of "+program {
		t.Errorf("kubectl: %d bytes at %s (%v)", len(content), kubectl, err)
	}
	if s, _ := os.Stat(path); s.Mode().Perm() != 0o755 {
		t.Errorf("mode %o", s.Mode().Perm())
	}
	current, err := filepath.EvalSymlinks(filepath.Join(data, "current", "bin", "k3s"))
	if err != nil || current != path {
		t.Errorf("current leads to %s, not %s (%v)", current, path, err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, ".extracting-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatLiesThereIsNotWrittenAgain(t *testing.T) {
	self, data := written(t, packed(t, "program")), t.TempDir()
	path, _ := Extract(self, data, "k3s")
	before, _ := os.Stat(path)
	if _, err := Extract(self, data, "k3s"); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Error("the second start wrote it anew")
	}
}

func TestANewVersionStandsBesideTheOld(t *testing.T) {
	data := t.TempDir()
	old, _ := Extract(written(t, packed(t, "old")), data, "k3s")
	young, err := Extract(written(t, packed(t, "new")), data, "k3s")
	if err != nil || old == young {
		t.Fatalf("both at %s (%v)", old, err)
	}
	if current, _ := os.Readlink(filepath.Join(data, "current")); !strings.HasPrefix(young, current) {
		t.Errorf("current leads to %s, the new one is %s", current, young)
	}
}

func TestDamageIsRefused(t *testing.T) {
	whole := packed(t, strings.Repeat("program ", 100))
	flipped, inTheLast := bytes.Clone(whole), bytes.Clone(whole)
	flipped[len("launcher")+20] ^= 1
	inTheLast[len(whole)-trailerSize-20] ^= 1
	for name, content := range map[string][]byte{
		"nothing": nil, "no payload": []byte("launcher"), "cut off": whole[:len(whole)-1],
		"its head is gone": whole[len("launcher")+1:], "a flipped bit": flipped, "one in kubectl": inTheLast,
	} {
		data := t.TempDir()
		if path, err := Extract(written(t, content), data, "k3s"); err == nil {
			t.Errorf("%s: extracted to %s", name, path)
		}
		if left, _ := os.ReadDir(data); len(left) > 0 {
			t.Errorf("%s: left %v behind", name, left)
		}
	}
}
