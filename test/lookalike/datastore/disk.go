package datastore

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
)

// RecordsOnDisk reads the records under a prefix from a member that is not running. k3s starts a temporary etcd on a copy for
// that, because the server's files must be compared before the real one may start; the database file says the same in a
// millisecond. Layout: etcd's storage/mvcc: bucket "key", keys are revisions in order, a tombstone's ends in 't'.
func RecordsOnDisk(etcdDir, prefix string) (map[string][]byte, error) {
	db, err := bbolt.Open(filepath.Join(etcdDir, "member", "snap", "db"), 0o600, &bbolt.Options{ReadOnly: true, Timeout: 10 * time.Second})
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
