package datastore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"keel.invalid/lookalike/logline"
)

// ErrDuplicate: a host was rebuilt, and its old member is still there; deleting its Node takes that out. k3s's own text.
var ErrDuplicate = errors.New("duplicate node name found, please use a unique name for this node")

// joinPatience with a cluster that has another learner, or whose newest member is not yet trusted.
const joinPatience = 5 * time.Minute

// Join adds this server to a cluster as a learner and returns when it votes; the leader promotes it (learners.go).
func (e *Etcd) Join(ctx context.Context, cluster []Member) error {
	name, err := e.MemberName()
	if err != nil {
		return err
	}
	var endpoints []string
	for _, m := range cluster {
		endpoints = append(endpoints, m.ClientURLs...)
	}
	client, err := e.Client(endpoints...)
	if err != nil {
		return err
	}
	initialCluster, err := e.addSelf(ctx, client, name)
	_ = client.Close()
	if err != nil {
		return fmt.Errorf("etcd cluster join failed: %w", err)
	}
	logline.Info("Adding member %s=%s to etcd cluster [%s]", name, e.peerURL(), initialCluster)
	e.run(name, initialCluster, "existing")
	return e.waitUntilItAnswers(ctx)
}

// addSelf returns the members for --initial-cluster.
func (e *Etcd) addSelf(ctx context.Context, client *clientv3.Client, name string) (string, error) {
	for deadline := time.Now().Add(joinPatience); ; {
		initialCluster, err := e.tryToAddSelf(ctx, client, name)
		if err == nil || errors.Is(err, ErrDuplicate) || time.Now().After(deadline) {
			return initialCluster, err
		}
		// etcd allows one learner at a time, and no change until its newest member has been connected for 5 s
		logline.Info("Waiting to be added to etcd: %v", err)
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (e *Etcd) tryToAddSelf(ctx context.Context, client *clientv3.Client, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	members, err := list(ctx, client)
	if err != nil {
		return "", err
	}
	for _, m := range members {
		switch {
		case m.Name == "" && m.IP() == e.IP: // our own addition of a start that ended before etcd ran
			if _, err := client.MemberRemove(ctx, m.ID); err != nil {
				return "", err
			}
		case m.Node() == e.NodeName && m.Name != name:
			return "", ErrDuplicate
		}
	}
	answer, err := client.MemberAddAsLearner(ctx, []string{e.peerURL()})
	if err != nil {
		return "", err
	}
	var parts []string
	for _, m := range membersOf(answer.Members) {
		if m.ID == answer.Member.ID {
			m.Name = name
		}
		if m.Name != "" {
			parts = append(parts, m.Name+"="+m.PeerURLs[0])
		}
	}
	return strings.Join(parts, ","), nil
}
