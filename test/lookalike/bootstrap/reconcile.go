package bootstrap

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Reconcile makes the files on disk those of the datastore, or of the server that is joined: at every start, and before the
// tokens of this start are written to cred/passwd. A file that differs and is NEWER on disk ends the start. That is why a new
// agent token works for one start only: it is in cred/passwd then, and nothing brings it to the datastore (measured).
func (f Files) Reconcile(serverDir string) error {
	outdated, newer := Files{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		path, ok := Paths[name]
		if !ok {
			continue
		}
		full, stored := filepath.Join(serverDir, path), f[name]
		content, err := os.ReadFile(full)
		switch {
		case os.IsNotExist(err):
			outdated[name] = stored
			continue
		case err != nil:
			return err
		case bytes.Equal(content, stored.Content):
			continue
		}
		status, err := os.Stat(full)
		if err != nil {
			return err
		}
		if status.ModTime().After(stored.Timestamp) {
			newer = append(newer, full)
		} else {
			outdated[name] = stored
		}
	}
	if len(newer) > 0 {
		return errors.New(strings.Join(newer, ", ") + " newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore.")
	}
	if err := outdated.Write(serverDir); err != nil {
		return fmt.Errorf("bootstrap data: %w", err)
	}
	return nil
}
