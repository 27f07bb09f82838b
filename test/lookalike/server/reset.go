package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/bootstrap"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/logline"
)

// reset is `k3s server --cluster-reset [--cluster-reset-restore-path=FILE]`: this server becomes the only member, with its own
// data or a snapshot's, and ends. All its errors exit 1; the order of its steps is k3s's, with what a wrong token leaves behind.
func reset(ctx context.Context, c *config.Config) error {
	if c.Get("server") != "" {
		return errors.New("cannot perform cluster-reset while server URL is set - remove server from configuration before resetting")
	}
	s, err := choose(c)
	if err != nil {
		return err
	}
	flag := s.database("reset-flag")
	if _, err := os.Stat(flag); err == nil {
		return fmt.Errorf("Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start k3s normally. If you need to perform another cluster reset, you must first manually delete the file at %s", flag)
	}
	if from := c.Get("cluster-reset-restore-path"); from != "" {
		if err := s.restore(from); err != nil {
			return err
		}
	} else if !s.etcd.HasData() {
		return errors.New("look-alike of k3s: there is no etcd here to reset")
	}
	if err := s.takeFilesFromDatastore(); err != nil {
		return err
	}
	if err := s.foundAnew(ctx); err != nil {
		return err
	}
	if err := atomicfile.Write(flag, nil, 0o600); err != nil {
		return err
	}
	logline.Info("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes")
	return nil
}

// restore happens before the token is known to be right: with another one the live database has been moved and server/token
// overwritten when it is refused, and a repetition with the right token works (measured).
func (s *server) restore(from string) error {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("etcd: snapshot path does not exist: %s", from)
	}
	ca, err := os.ReadFile(s.tls("server-ca.crt"))
	if err == nil {
		err = s.writeServerToken(ca, s.accounts.ServerPassword)
	} else if os.IsNotExist(err) { // an empty host; the CA comes with the snapshot
		err = nil
	}
	if err != nil {
		return err
	}
	if err := s.etcd.PutAside(); err != nil {
		return err
	}
	return s.etcd.Restore(from)
}

// takeFilesFromDatastore overwrites what is on disk, however new: the restored cluster's time is another.
func (s *server) takeFilesFromDatastore() error {
	records, err := datastore.RecordsOnDisk(s.etcd.Dir, bootstrap.Prefix)
	if err != nil {
		return err
	}
	files, err := bootstrap.Find(records, s.accounts.ServerPassword)
	if err != nil {
		return err
	}
	return files.Write(s.config.Path("server"))
}

func (s *server) foundAnew(ctx context.Context) error {
	if err := s.makeCertificates(); err != nil {
		return err
	}
	defer func() { s.etcd.Stop(patience) }()
	return s.etcd.FoundAnew(ctx)
}
