package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"keel.invalid/lookalike/snapshots"
)

// Snapshots does what `k3s etcd-snapshot` asks for.
func (s *server) Snapshots(ctx context.Context, r snapshots.Request) (done snapshots.Answer, err error) {
	if s.etcd.Alone {
		return done, errors.New("etcd datastore disabled")
	}
	if s.config.On("etcd-snapshot-compress") {
		return done, errors.New("look-alike of k3s: has no compressed snapshots: remove `etcd-snapshot-compress`")
	}
	dir, node := r.Dir, s.config.Get("node-name")
	if dir == "" {
		dir = s.config.Get("etcd-snapshot-dir")
	}
	if dir == "" {
		dir = s.database("snapshots")
	}
	prefix := "on-demand"
	if len(r.Names) > 0 {
		prefix = r.Names[0]
	}
	switch r.Operation {
	case "save":
		name := snapshots.Name(prefix, node, time.Now())
		done.Created = []string{name}
		err = s.etcd.Snapshot(ctx, filepath.Join(dir, name))
	case "list":
		done.Found, err = snapshots.List(dir)
	case "delete":
		done.Deleted, err = snapshots.Delete(dir, r.Names)
	case "prune":
		done.Deleted, err = snapshots.Prune(dir, prefix, node, r.Retention)
	default:
		err = fmt.Errorf("no operation %q", r.Operation)
	}
	return done, err
}
