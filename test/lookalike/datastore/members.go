package datastore

import (
	"context"
	"net/url"
	"regexp"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Member of etcd as /db/info shows it to joining servers.
type Member struct {
	ID         uint64   `json:"id"`
	Name       string   `json:"name"` // empty: added, but never started
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	Learner    bool     `json:"isLearner,omitempty"`
}

// Node whose member it is.
func (m Member) Node() string { return nodeSuffix.ReplaceAllString(m.Name, "") }

var nodeSuffix = regexp.MustCompile(`-[0-9a-f]{8}$`)

// IP of the member's server.
func (m Member) IP() string {
	if len(m.PeerURLs) == 0 {
		return ""
	}
	u, err := url.Parse(m.PeerURLs[0])
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Members that the cluster has now. It needs quorum.
func (e *Etcd) Members(ctx context.Context) (members []Member, err error) {
	return members, e.local(ctx, func(ctx context.Context, client *clientv3.Client) error {
		members, err = list(ctx, client)
		return err
	})
}

func list(ctx context.Context, client *clientv3.Client) ([]Member, error) {
	answer, err := client.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	return membersOf(answer.Members), nil
}

func membersOf(answer []*etcdserverpb.Member) []Member {
	var out []Member
	for _, m := range answer {
		out = append(out, Member{m.ID, m.Name, m.PeerURLs, m.ClientURLs, m.IsLearner})
	}
	return out
}

// VotingIPs are the addresses of the servers: whoever votes in etcd runs an API server. No second list that could differ.
func (e *Etcd) VotingIPs(ctx context.Context) ([]string, error) {
	if e.Alone {
		return []string{e.IP}, nil
	}
	members, err := e.Members(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range members {
		if !m.Learner && m.Name != "" {
			out = append(out, m.IP())
		}
	}
	return out, nil
}

// RemoveMembersOf a node; a node that is no server has none.
func (e *Etcd) RemoveMembersOf(ctx context.Context, node string) (removed int, err error) {
	return removed, e.local(ctx, func(ctx context.Context, client *clientv3.Client) error {
		members, err := list(ctx, client)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Node() != node {
				continue
			}
			if _, err := client.MemberRemove(ctx, m.ID); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
}
