package datastore

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"

	"keel.invalid/lookalike/bootstrap"
)

// SaveFirst stores bootstrap data when the cluster has none yet; what is there stays as it is, even where this server's files
// say otherwise (measured: a changed agent token never gets there).
func (e *Etcd) SaveFirst(ctx context.Context, password string, files func() (bootstrap.Files, error)) error {
	return e.local(ctx, func(ctx context.Context, client *clientv3.Client) error {
		records, err := records(ctx, client)
		if err != nil {
			return err
		}
		if found, err := bootstrap.Find(records, password); found != nil || err != nil {
			return err
		}
		return save(ctx, client, password, files)
	})
}

// SaveAnew replaces all bootstrap data by that of a new token. It needs quorum.
func (e *Etcd) SaveAnew(ctx context.Context, password string, files func() (bootstrap.Files, error)) error {
	return e.local(ctx, func(ctx context.Context, client *clientv3.Client) error {
		before, err := records(ctx, client)
		if err != nil {
			return err
		}
		if err := save(ctx, client, password, files); err != nil {
			return err
		}
		for key := range before {
			if key == bootstrap.Key(password) {
				continue
			}
			if _, err := client.Delete(ctx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

func records(ctx context.Context, client *clientv3.Client) (map[string][]byte, error) {
	answer, err := client.Get(ctx, bootstrap.Prefix, clientv3.WithPrefix())
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, kv := range answer.Kvs {
		out[string(kv.Key)] = kv.Value
	}
	return out, nil
}

func save(ctx context.Context, client *clientv3.Client, password string, files func() (bootstrap.Files, error)) error {
	content, err := files()
	if err != nil {
		return err
	}
	sealed, err := bootstrap.Seal(password, content)
	if err != nil {
		return err
	}
	_, err = client.Put(ctx, bootstrap.Key(password), string(sealed))
	return err
}
