//go:build go1.25

package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// In a bubble of testing/synctest minutes pass at once while everybody sleeps.
func TestAMissingTokenFileIsWaitedFor(t *testing.T) {
	const almost = 3*time.Minute + 59*time.Second
	for _, c := range []struct {
		promise     string
		appears     time.Duration
		want        string
		least, most time.Duration
		err         error
	}{
		{"one that comes within 4 minutes is taken", almost, "pw", almost, almost + 2*time.Second, nil},
		{"after them the start fails", 5 * time.Minute, "", 4 * time.Minute, 4*time.Minute + 2*time.Second, fs.ErrNotExist},
	} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "token")
			loaded, err := load(t, "server", "token-file: "+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			comes := time.AfterFunc(c.appears, func() { _ = os.WriteFile(path, []byte("pw\n"), 0o600) })
			defer comes.Stop()
			started := time.Now()
			got, err := loaded.Secret("token")
			if took := time.Since(started); got != c.want || !errors.Is(err, c.err) || took < c.least || took > c.most {
				t.Errorf("%s: %q after %s: %v", c.promise, got, took, err)
			}
		})
	}
}
