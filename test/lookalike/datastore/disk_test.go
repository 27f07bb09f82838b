package datastore

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
)

// write makes a member's database as etcd lays it out.
func write(t *testing.T, history []mvccpb.KeyValue) string {
	dir := t.TempDir()
	path := filepath.Join(dir, "member", "snap", "db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("key"))
		if err != nil {
			return err
		}
		for i, kv := range history {
			revision := append(binary.BigEndian.AppendUint64(nil, uint64(i)), '_', 0, 0, 0, 0, 0, 0, 0, 0)
			if kv.Value == nil {
				revision = append(revision, 't')
			}
			content, err := kv.Marshal()
			if err != nil {
				return err
			}
			if err := bucket.Put(revision, content); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRecordsOnDisk(t *testing.T) {
	key := func(k, v string) mvccpb.KeyValue {
		kv := mvccpb.KeyValue{Key: []byte(k)}
		if v != "" {
			kv.Value = []byte(v)
		}
		return kv
	}
	dir := write(t, []mvccpb.KeyValue{key("/b/one", "old"), key("/registry/x", "no"), key("/b/two", "gone"), key("/b/one", "new"), key("/b/two", "")})
	got, err := RecordsOnDisk(dir, "/b/")
	if err != nil || len(got) != 1 || string(got["/b/one"]) != "new" {
		t.Errorf("%q %v: not the last revision of what was not deleted", got, err)
	}
	if got, err := RecordsOnDisk(t.TempDir(), "/b/"); got != nil || err != nil {
		t.Errorf("a server without data: %q %v", got, err)
	}
}

func TestRecordsOnDiskOfAMemberThatRuns(t *testing.T) {
	dir := write(t, []mvccpb.KeyValue{{Key: []byte("/b/one"), Value: []byte("here")}})
	running, err := bbolt.Open(filepath.Join(dir, "member", "snap", "db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	t.Setenv("TMPDIR", t.TempDir())
	got, err := RecordsOnDisk(dir, "/b/")
	if err != nil || string(got["/b/one"]) != "here" {
		t.Errorf("%q %v", got, err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("a copy is left: %v %v", left, err)
	}
}
