package datastore

import (
	"context"
	"net/url"
	"time"
)

// VotingIPs are the addresses of the servers: whoever votes in etcd runs an API server. No second list that could differ.
func (e *Etcd) VotingIPs(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	client, err := e.Client(Local)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	list, err := client.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range list.Members {
		if m.IsLearner || m.Name == "" || len(m.PeerURLs) == 0 { // no name: added, but never started
			continue
		}
		if u, err := url.Parse(m.PeerURLs[0]); err == nil {
			out = append(out, u.Hostname())
		}
	}
	return out, nil
}
