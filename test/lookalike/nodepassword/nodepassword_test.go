package nodepassword

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAHostKeepsItsPassword(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node", "password")
	first, err := Ensure(path)
	if err != nil || len(first) != 32 {
		t.Fatalf("%q %v", first, err)
	}
	if again, _ := Ensure(path); again != first {
		t.Error("the second start made another password")
	}
	if s, _ := os.Stat(path); s.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", s.Mode().Perm())
	}
}

func TestCheck(t *testing.T) {
	hash := Hash("a", "pw")
	for _, c := range []struct {
		promise, hash, node, password string
		want                          error
	}{
		{"the host that had the name first", hash, "a", "pw", nil},
		{"a rebuilt host", hash, "a", "other", ErrRejected},
		{"the hash of another node", hash, "b", "pw", ErrRejected},
		{"a damaged secret", "nonsense", "a", "pw", ErrRejected},
		{"an empty secret", "", "a", "pw", ErrRejected},
	} {
		if err := Check(c.hash, c.node, c.password); err != c.want {
			t.Errorf("%s: %v", c.promise, err)
		}
	}
	if Hash("a", "pw") == hash {
		t.Error("two hashes of one password are equal: no salt")
	}
}
