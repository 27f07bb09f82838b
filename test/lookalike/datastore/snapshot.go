package datastore

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.uber.org/zap"

	"keel.invalid/lookalike/atomicfile"
)

// Snapshot writes the whole database, 0600.
func (e *Etcd) Snapshot(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	client, err := e.Client(Local)
	if err != nil {
		return err
	}
	defer client.Close()
	content, err := client.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(part)
		return err
	}
	return os.Rename(part, path)
}

// PutAside moves the live database to db/etcd-old-<unix>.
func (e *Etcd) PutAside() error {
	now := time.Now().Unix()
	aside := func() string { return fmt.Sprintf("%s-old-%d", e.Dir, now) }
	for _, err := os.Stat(aside()); err == nil; _, err = os.Stat(aside()) { // twice within a second
		now++
	}
	if err := os.Rename(e.Dir, aside()); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// Restore makes a member with the snapshot's content and no other member.
func (e *Etcd) Restore(from string) error {
	name, err := e.MemberName()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(e.Dir); err != nil { // it refuses a directory that exists
		return err
	}
	err = snapshot.NewV3(zap.NewNop()).Restore(snapshot.RestoreConfig{
		SnapshotPath: from, Name: name, OutputDataDir: e.Dir, PeerURLs: []string{e.peerURL()},
		InitialCluster: name + "=" + e.peerURL(), InitialClusterToken: "etcd-cluster",
	})
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(e.Dir, "name"), []byte(name), 0o600)
}
