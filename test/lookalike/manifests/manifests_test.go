package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	objects, err := Decode([]byte("---\n# nothing\n---\nkind: A\napiVersion: v1\n---\nkind: List\napiVersion: v1\nitems: [{kind: B, apiVersion: v1}, {kind: C, apiVersion: v1}]\n"))
	var kinds []string
	for _, o := range objects {
		kinds = append(kinds, o.GetKind())
	}
	if got := strings.Join(kinds, " "); err != nil || got != "A B C" {
		t.Errorf("%s %v", got, err)
	}
	if _, err := Decode([]byte("a: [")); err == nil {
		t.Error("broken YAML was accepted")
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.json", "c.txt", "d.yml", "d.yml.skip", "sub/e.yml"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.ReplaceAll(strings.Join(files(dir), " "), dir+"/", ""); got != "a.yaml b.json sub/e.yml" {
		t.Error(got)
	}
}
