package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/join"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/token"
)

// startDatastore founds, joins or comes back, and leaves the bootstrap data in the datastore. Its errors are late ones: exit
// status 0.
func (s *server) startDatastore(ctx context.Context) error {
	if err := s.foundOrJoin(ctx); err != nil {
		return err
	}
	logline.Info("etcd is ready")
	if err := s.saveBootstrap(ctx); err != nil {
		return fmt.Errorf("failed to save bootstrap data: %w", err)
	}
	if err := os.Remove(s.database("reset-flag")); err != nil && !os.IsNotExist(err) {
		return err
	}
	if !s.etcd.Alone {
		go s.etcd.PromoteLearners(ctx)
	}
	return nil
}

func (s *server) foundOrJoin(ctx context.Context) error {
	if s.etcd.HasData() || !s.joins() {
		return s.etcd.Found(ctx)
	}
	members, err := s.membersOfTheOther(ctx)
	if err != nil {
		return fmt.Errorf("etcd cluster join failed: %w", err)
	}
	return s.etcd.Join(ctx, members)
}

// membersOfTheOther waits for a server that is starting itself.
func (s *server) membersOfTheOther(ctx context.Context) ([]datastore.Member, error) {
	var answer struct{ Members []datastore.Member }
	for deadline := time.Now().Add(time.Minute); ; {
		client, err := s.connectToOther(ctx, "token", passwd.Server)
		if err == nil {
			err = client.GetJSON(ctx, "/db/info", &answer)
		}
		if err == nil || errors.Is(err, join.ErrNotAuthorized) || time.Now().After(deadline) {
			return answer.Members, err
		}
		logline.Info("Waiting for the members of etcd: %v", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (s *server) saveBootstrap(ctx context.Context) error {
	if token.HasBootstrapShape(s.accounts.ServerPassword) {
		return errNormalize
	}
	return s.etcd.SaveFirst(ctx, s.accounts.ServerPassword, s.BootstrapFiles)
}

// errNormalize: k3s takes such a password for a kubeadm bootstrap token; its own text.
var errNormalize = errors.New("failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>")

// Members of etcd, for servers that join.
func (s *server) Members(ctx context.Context) ([]datastore.Member, error) {
	if s.etcd.Alone {
		return nil, errors.New("etcd datastore disabled")
	}
	return s.etcd.Members(ctx)
}

// A removed member's data is worthless: it is put aside at the next start, and the server joins anew, as k3s does.
func (s *server) tombstone() string { return s.database("etcd/tombstone") }

func (s *server) markRemoved() error { return atomicfile.Write(s.tombstone(), nil, 0o600) }

func (s *server) leaveIfRemoved() error {
	if _, err := os.Stat(s.tombstone()); err != nil {
		return nil
	}
	logline.Info("this node has been removed from the cluster: its datastore is put aside")
	return s.etcd.PutAside()
}
