// Package datastore runs etcd as k3s does: one member on each server, under server/db/etcd.
package datastore

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"keel.invalid/lookalike/arguments"
	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/child"
	"keel.invalid/lookalike/pki"
)

// Local is where this server's own member answers clients.
const Local = "https://127.0.0.1:2379"

// Etcd is one member and its place in the cluster.
type Etcd struct {
	Dir           string // server/db/etcd
	Certificates  string // server/tls/etcd
	ServerCA      *pki.CA
	NodeName, IP  string
	Alone         bool // stands in for sqlite: on loopback, and nobody can join it
	ExposeMetrics bool
	Extra         []string // the user's etcd-arg
	process       *child.Child
}

// HasData says whether this server is a member already: then `cluster-init` and `server` are ignored (measured).
func (e *Etcd) HasData() bool {
	_, err := os.Stat(filepath.Join(e.Dir, "member"))
	return err == nil
}

// Found starts the first member of a new cluster, or one that has data.
func (e *Etcd) Found(ctx context.Context) error {
	name, err := e.MemberName()
	if err != nil {
		return err
	}
	e.run(name, name+"="+e.peerURL(), "new")
	return e.waitUntilItAnswers(ctx)
}

// FoundAnew starts a member that has data as the only one, whoever was in the cluster before.
func (e *Etcd) FoundAnew(ctx context.Context) error {
	name, err := e.MemberName()
	if err != nil {
		return err
	}
	e.run(name, name+"="+e.peerURL(), "new", "force-new-cluster=true")
	return e.waitUntilItAnswers(ctx)
}

func (e *Etcd) run(name, initialCluster, state string, more ...string) {
	metrics, clients := "http://127.0.0.1:2381", Local
	if e.ExposeMetrics {
		metrics += ",http://" + net.JoinHostPort(e.IP, "2381")
	}
	if !e.Alone {
		clients += "," + e.clientURL()
	}
	e.process = child.Start("etcd", arguments.Merge(map[string]string{
		"name": name, "data-dir": e.Dir, "logger": "zap", "log-level": "warn", "snapshot-count": "10000",
		"listen-client-urls": clients, "advertise-client-urls": e.clientURL(), "listen-metrics-urls": metrics,
		"listen-peer-urls": e.peerURL(), "initial-advertise-peer-urls": e.peerURL(), "initial-cluster": initialCluster, "initial-cluster-state": state,
		"client-cert-auth": "true", "cert-file": e.file("server-client.crt"), "key-file": e.file("server-client.key"), "trusted-ca-file": e.file("server-ca.crt"),
		"peer-client-cert-auth": "true", "peer-cert-file": e.file("peer-server-client.crt"), "peer-key-file": e.file("peer-server-client.key"), "peer-trusted-ca-file": e.file("peer-ca.crt"),
	}, append(e.Extra, more...)))
}

// waitUntilItAnswers asks for a linearizable read, which needs a leader, and this member's own vote. Not for /readyz of the
// metrics port: that says yes while the client port is still closed.
func (e *Etcd) waitUntilItAnswers(ctx context.Context) error {
	client, err := e.Client(Local)
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		_, err := client.Get(attempt, "health")
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-e.process.Done:
			return errors.New("etcd exited: " + e.process.State())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Client of some members, with this server's own certificate.
func (e *Etcd) Client(endpoints ...string) (*clientv3.Client, error) {
	certificate, err := tls.LoadX509KeyPair(e.file("client.crt"), e.file("client.key"))
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{
		Endpoints: endpoints, DialTimeout: 5 * time.Second, Logger: zap.NewNop(),
		TLS: &tls.Config{RootCAs: e.ServerCA.Pool(), Certificates: []tls.Certificate{certificate}},
	})
}

// local calls something with a client of this server's own member, for a few seconds at most.
func (e *Etcd) local(ctx context.Context, call func(context.Context, *clientv3.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := e.Client(Local)
	if err != nil {
		return err
	}
	defer client.Close()
	return call(ctx, client)
}

// Done is closed when etcd has ended.
func (e *Etcd) Done() <-chan struct{} { return e.process.Done }

// Stop ends etcd.
func (e *Etcd) Stop(patience time.Duration) { e.process.Stop(patience) }

// MemberName is `<node>-<8 hex digits>`: a host that was wiped comes back as another member.
func (e *Etcd) MemberName() (string, error) {
	path := filepath.Join(e.Dir, "name")
	if content, err := os.ReadFile(path); err == nil {
		return string(content), nil
	}
	suffix := make([]byte, 4)
	if _, err := rand.Read(suffix); err != nil {
		return "", err
	}
	name := e.NodeName + "-" + hex.EncodeToString(suffix)
	return name, atomicfile.Write(path, []byte(name), 0o600)
}

func (e *Etcd) peerURL() string {
	if e.Alone {
		return "https://127.0.0.1:2380"
	}
	return "https://" + net.JoinHostPort(e.IP, "2380")
}

func (e *Etcd) clientURL() string {
	if e.Alone {
		return Local
	}
	return "https://" + net.JoinHostPort(e.IP, "2379")
}

func (e *Etcd) file(name string) string { return filepath.Join(e.Certificates, name) }
