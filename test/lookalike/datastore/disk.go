package datastore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
	"go.etcd.io/etcd/api/v3/mvccpb"
)

// lockPatience with a member that is about to end.
const lockPatience = 2 * time.Second

// RecordsOnDisk reads the records under a prefix from a member's files. k3s starts a temporary etcd on a copy for that, because the
// server's files must be compared before the real one may start; the database file says the same in a millisecond. Where a member
// runs on it, a copy is read here, too: a second `k3s server` on the same data comes as far as with k3s. Layout: etcd's storage/mvcc: bucket "key", keys are revisions in order, a tombstone's ends in 't'.
func RecordsOnDisk(etcdDir, prefix string) (map[string][]byte, error) {
	path := filepath.Join(etcdDir, "member", "snap", "db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockPatience})
	if errors.Is(err, berrors.ErrTimeout) {
		db, err = openCopy(path)
	}
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	records := map[string][]byte{}
	return records, db.View(func(tx *bbolt.Tx) error {
		revisions := tx.Bucket([]byte("key"))
		if revisions == nil {
			return nil
		}
		return revisions.ForEach(func(revision, value []byte) error {
			var kv mvccpb.KeyValue
			if err := kv.Unmarshal(value); err != nil {
				return err
			}
			key := string(kv.Key)
			if !strings.HasPrefix(key, prefix) {
				return nil
			}
			if len(revision) > 17 && revision[17] == 't' {
				delete(records, key)
			} else {
				records[key] = bytes.Clone(kv.Value) // the transaction's memory is not ours
			}
			return nil
		})
	})
}

// openCopy opens a copy that nobody else can open or has to delete.
func openCopy(path string) (*bbolt.DB, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	copied, err := os.CreateTemp("", "datastore-")
	if err != nil {
		return nil, err
	}
	_, err = copied.Write(content)
	if err := errors.Join(err, copied.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(copied.Name()))
	}
	db, err := bbolt.Open(copied.Name(), 0o600, &bbolt.Options{ReadOnly: true})
	return db, errors.Join(err, os.Remove(copied.Name()))
}
