package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/bootstrap"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/join"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/passwd"
)

// joins: `server` counts only with a token; without one k3s founds a cluster of its own (measured).
func (s *server) joins() bool { return s.config.Get("server") != "" && s.tokenConfigured }

// bootstrap brings what all servers share (CAs, passwords, keys) to this disk: from the server that is joined, or from the
// datastore. A founder makes it, so there is nothing to bring.
func (s *server) bootstrap(ctx context.Context) error {
	if s.etcd.HasData() {
		return s.reconcile(ctx)
	}
	if !s.joins() {
		return nil
	}
	if err := s.compareCriticalOptions(ctx); err != nil {
		return fmt.Errorf("failed to validate server configuration: %w", err)
	}
	files, err := s.filesOfTheOther(ctx)
	if err != nil {
		return err
	}
	return files.Reconcile(s.config.Path("server"))
}

// reconcile compares before a start with data. The server named in `server` is asked first if it answers, and believes the old
// password until it is restarted: so a start with the old token after a rotation is noticed only later (measured: exit status 0
// after 6 s), and here otherwise (exit 1).
func (s *server) reconcile(ctx context.Context) error {
	if s.joins() {
		files, err := s.filesOfTheOther(ctx)
		if err == nil {
			return files.Reconcile(s.config.Path("server"))
		}
		logline.Info("Reconciling with the local datastore: %v", err)
	}
	records, err := datastore.RecordsOnDisk(s.etcd.Dir, bootstrap.Prefix)
	if err != nil {
		return err
	}
	files, err := bootstrap.Find(records, s.accounts.ServerPassword)
	if errors.Is(err, bootstrap.ErrOtherToken) {
		// The trap that it leaves (measured): from now on the right token is refused too, because cred/passwd is newer.
		return errors.Join(err, s.accounts.Write(s.credential("passwd")))
	}
	if err != nil {
		return err
	}
	return files.Reconcile(s.config.Path("server"))
}

func (s *server) filesOfTheOther(ctx context.Context) (bootstrap.Files, error) {
	client, err := s.connectToOther(ctx, "token", passwd.Server)
	if err != nil {
		return nil, err
	}
	var files bootstrap.Files
	if err := client.GetJSON(ctx, "/v1-k3s/server-bootstrap", &files); err != nil {
		return nil, fmt.Errorf("failed to bootstrap cluster data: %w", err)
	}
	return files, nil
}

// connectToOther with a token as it is configured: its hash pins the CA, and so does server-ca.crt on this disk.
func (s *server) connectToOther(ctx context.Context, key, user string) (*join.Client, error) {
	full, err := s.config.Secret(key)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(s.tls("server-ca.crt"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return join.Connect(ctx, strings.TrimSuffix(s.config.Get("server"), "/"), full, join.Caller{User: user, CA: ca})
}

// compareCriticalOptions with the joined server's. With another agent token this server may not ask, and joins all the same:
// from then on agents are split (measured).
func (s *server) compareCriticalOptions(ctx context.Context) error {
	key := "token"
	if s.ownAgentToken {
		key = "agent-token"
	}
	var theirs agent.ClusterConfig
	client, err := s.connectToOther(ctx, key, passwd.Node)
	if err != nil {
		if key == "token" { // it would fail in a moment anyway
			return err
		}
	} else {
		err = client.GetJSON(ctx, "/v1-k3s/config", &theirs)
	}
	if err != nil {
		logline.Warning("Skipping cluster configuration validation: %v", err)
		return nil
	}
	differ := config.Mismatched(s.config.Critical(), theirs.CriticalControlArgs)
	for _, option := range differ {
		logline.Warning("critical configuration mismatched: %s", option)
	}
	if len(differ) > 0 {
		return errors.New("critical configuration value mismatch between servers")
	}
	return nil
}
