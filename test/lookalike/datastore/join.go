package datastore

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	defer client.Close()
	initialCluster, err := e.addSelf(ctx, client, name)
	if err != nil {
		return fmt.Errorf("etcd cluster join failed: %w", err)
	}
	logline.Info("Adding member %s=%s to etcd cluster [%s]", name, e.peerURL(), initialCluster)
	e.run(name, initialCluster, "existing")
	if e.missedItsOwnName(ctx, client, name) {
		e.Stop(time.Second)
		e.run(name, initialCluster, "existing")
	}
	return e.waitUntilItAnswers(ctx)
}

// missedItsOwnName: a new member tells the cluster its name and opens its client port when it sees that in the log. Where the
// leader has dropped the log's first entry, it sends a snapshot instead; the name often is in it already, the member never sees
// it in the log, and would ask again after 7 s (`failed to publish local member to cluster through raft`). A restart asks at once.
func (e *Etcd) missedItsOwnName(ctx context.Context, cluster *clientv3.Client, name string) bool {
	own, err := e.Client(Local)
	if err != nil {
		return false
	}
	defer own.Close()
	for published := 0; published < 4; { // it sees its name within a heartbeat of the others, 100 ms
		members, err := within(ctx, func(ctx context.Context) ([]Member, error) { return list(ctx, cluster) })
		_, opened := within(ctx, func(ctx context.Context) (any, error) { return own.Status(ctx, Local) })
		select {
		case <-ctx.Done():
			return false
		case <-e.process.Done:
			return false
		case <-time.After(100 * time.Millisecond):
		}
		if opened == nil {
			return false
		}
		if err == nil && slices.ContainsFunc(members, func(m Member) bool { return m.Name == name }) {
			published++
		}
	}
	return true
}

func within[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	return ask(ctx)
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
