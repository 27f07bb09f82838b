// Package snapshots is the directory server/db/snapshots: names, order, and what prune removes. Who writes a snapshot is etcd.
package snapshots

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Request is the body of POST /db/snapshot.
type Request struct {
	Operation string   `json:"operation"` // save, list, delete, prune
	Names     []string `json:"name"`      // save and prune: the prefix; delete: whole names
	Dir       string   `json:"dir,omitempty"`
	Retention int      `json:"retention"` // prune: how many stay
}

// Answer to it.
type Answer struct {
	Created []string   `json:"created,omitempty"`
	Deleted []string   `json:"deleted,omitempty"`
	Found   []Snapshot `json:"found,omitempty"`
}

// Snapshot is one file.
type Snapshot struct {
	Name     string    `json:"name"`
	Location string    `json:"location"` // file:// and its path
	Size     int64     `json:"size"`
	Created  time.Time `json:"created"`
}

// Name of a new one: `<prefix>-<node>-<unix>` (measured).
func Name(prefix, node string, now time.Time) string {
	return fmt.Sprintf("%s-%s-%d", prefix, node, now.Unix())
}

// List returns the directory's snapshots, oldest first; no directory: none.
func List(dir string) ([]Snapshot, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var out []Snapshot
	for _, entry := range entries {
		status, err := entry.Info()
		if err != nil || !status.Mode().IsRegular() || strings.HasSuffix(entry.Name(), ".part") {
			continue
		}
		out = append(out, Snapshot{entry.Name(), "file://" + filepath.Join(dir, entry.Name()), status.Size(), status.ModTime()})
	}
	slices.SortStableFunc(out, func(a, b Snapshot) int { return a.Created.Compare(b.Created) })
	return out, nil
}

// Delete removes snapshots by name and returns those that were there.
func Delete(dir string, names []string) ([]string, error) {
	var deleted []string
	for _, name := range names {
		if name != filepath.Base(name) {
			return deleted, fmt.Errorf("%q is no name of a snapshot", name)
		}
		err := os.Remove(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			return deleted, err
		}
		if err == nil {
			deleted = append(deleted, name)
		}
	}
	return deleted, nil
}

// Prune keeps the newest of a prefix and returns the names of those that it removed.
func Prune(dir, prefix, node string, keep int) ([]string, error) {
	all, err := List(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if strings.HasPrefix(s.Name, prefix+"-"+node+"-") {
			names = append(names, s.Name)
		}
	}
	if len(names) <= keep {
		return nil, nil
	}
	return Delete(dir, names[:len(names)-keep])
}
