package datastore

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"keel.invalid/lookalike/logline"
)

// PromoteLearners is every server's standing task, and acts on the one whose member leads: a learner that has caught up gets
// its vote. Until then it answers nobody, so its kube-apiserver does not start.
func (e *Etcd) PromoteLearners(ctx context.Context) {
	client, err := e.Client(Local)
	if err != nil {
		logline.Error("learners of etcd are not promoted: %v", err)
		return
	}
	defer client.Close()
	for ctx.Err() == nil {
		promoteOnce(ctx, client)
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func promoteOnce(ctx context.Context, client *clientv3.Client) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	self, err := client.Status(ctx, Local)
	if err != nil || self.Leader != self.Header.MemberId {
		return
	}
	answer, err := client.MemberList(ctx, clientv3.WithSerializable())
	if err != nil {
		return
	}
	for _, m := range answer.Members {
		if !m.IsLearner || m.Name == "" { // it has not yet said its name: a promotion now would lose that message, and 7 s
			continue
		}
		if _, err := client.MemberPromote(ctx, m.ID); err == nil { // an error: it has not yet caught up
			logline.Info("promoted the etcd member %s", m.Name)
		}
	}
}
