package bootstrap

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"keel.invalid/lookalike/atomicfile"
)

func TestAJoiningServerGetsTheSameFiles(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, path := range Paths {
		if path == "cred/encryption-config.json" { // off
			continue
		}
		if err := atomicfile.Write(filepath.Join(first, path), []byte("content of "+path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Read(first)
	if err != nil {
		t.Fatal(err)
	}
	onTheWire, _ := json.Marshal(files)
	var received Files
	if err := json.Unmarshal(onTheWire, &received); err != nil {
		t.Fatal(err)
	}
	if err := received.Write(second); err != nil {
		t.Fatal(err)
	}
	again, err := Read(second)
	if err != nil || len(again) != len(Paths)-1 {
		t.Fatalf("%d files, %v", len(again), err)
	}
	for name, file := range files {
		if string(again[name].Content) != string(file.Content) || !again[name].Timestamp.Equal(file.Timestamp) {
			t.Errorf("%s differs", name)
		}
	}
	for path, mode := range map[string]os.FileMode{"tls/server-ca.key": 0o600, "cred/passwd": 0o600, "tls/server-ca.crt": 0o644, "tls": 0o700} {
		if s, err := os.Stat(filepath.Join(second, path)); err != nil || s.Mode().Perm() != mode {
			t.Errorf("%s: %v", path, s.Mode().Perm())
		}
	}
}
