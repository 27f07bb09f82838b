package snapshots

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func directory(t *testing.T, names ...string) string {
	dir := t.TempDir()
	for i, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(t *testing.T, dir string) string {
	list, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range list {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func TestName(t *testing.T) {
	if got := Name("before", "maia", time.Unix(12, 0)); got != "before-maia-12" {
		t.Error(got)
	}
}

func TestListIsOldestFirstAndWithoutUnfinishedOnes(t *testing.T) {
	if got := names(t, directory(t, "z", "a", "b.part")); got != "z a" {
		t.Error(got)
	}
	if got := names(t, filepath.Join(t.TempDir(), "missing")); got != "" {
		t.Error(got)
	}
}

func TestDelete(t *testing.T) {
	dir := directory(t, "a", "b")
	deleted, err := Delete(dir, []string{"a", "missing"})
	if err != nil || strings.Join(deleted, " ") != "a" || names(t, dir) != "b" {
		t.Errorf("%v %v, left: %s", deleted, err, names(t, dir))
	}
	if _, err := Delete(dir, []string{"../token"}); err == nil {
		t.Error("a path out of the directory was accepted")
	}
}

func TestPruneKeepsTheNewestOfItsPrefix(t *testing.T) {
	dir := directory(t, "p-n-1", "p-n-2", "q-n-3", "p-n-4", "p-m-5")
	deleted, err := Prune(dir, "p", "n", 1)
	if err != nil || strings.Join(deleted, " ") != "p-n-1 p-n-2" || names(t, dir) != "q-n-3 p-n-4 p-m-5" {
		t.Errorf("%v %v, left: %s", deleted, err, names(t, dir))
	}
}
