package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keel.invalid/lookalike/atomicfile"
)

func TestReconcile(t *testing.T) {
	stored := time.Unix(1_000_000, 0)
	for _, c := range []struct {
		promise, onDisk string
		age             time.Duration // of the file, later than the datastore's
		want, err       string
	}{
		{"a missing file comes from the datastore", "", 0, "datastore", ""},
		{"an equal file stays, however new", "datastore", time.Hour, "datastore", ""},
		{"an older file is replaced", "disk", -time.Second, "datastore", ""},
		{"a newer file that differs ends the start", "disk", time.Second, "disk", "passwd newer than datastore and could cause a cluster outage"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "cred", "passwd")
		if c.onDisk != "" {
			if err := atomicfile.Write(path, []byte(c.onDisk), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, stored.Add(c.age), stored.Add(c.age)); err != nil {
				t.Fatal(err)
			}
		}
		err := Files{"PasswdFile": {stored, []byte("datastore")}, "OfALaterK3s": {}}.Reconcile(dir)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v", c.promise, err)
		}
		if got, _ := os.ReadFile(path); string(got) != c.want {
			t.Errorf("%s: %s on disk", c.promise, got)
		}
	}
}

func TestReconcileChangesNothingWhenItRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := atomicfile.Write(filepath.Join(dir, "cred/passwd"), []byte("newer"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := Files{"PasswdFile": {time.Unix(1, 0), []byte("old")}, "ServerCA": {time.Unix(1, 0), []byte("ca")}}
	if err := files.Reconcile(dir); err == nil {
		t.Fatal("accepted")
	}
	if _, err := os.Stat(filepath.Join(dir, "tls/server-ca.crt")); err == nil {
		t.Error("a file was written by a start that was refused")
	}
}
