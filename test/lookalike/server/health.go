package server

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"keel.invalid/lookalike/logline"
)

// quorumPatience: k3s gives up about 60 s after etcd has lost its quorum (measured).
const quorumPatience = time.Minute

func (s *server) answersReadyz(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return s.kube.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil
}

func (s *server) waitUntilReady(ctx context.Context) error {
	for !s.answersReadyz(ctx) {
		if err := s.sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// watchHealth returns when a part has ended or the program is asked to.
func (s *server) watchHealth(ctx context.Context) error {
	for last := time.Now(); ; {
		if err := s.sleep(ctx, 2*time.Second); err != nil {
			return err
		}
		if s.answersReadyz(ctx) {
			last = time.Now()
		} else if time.Since(last) > quorumPatience {
			logline.Fatal("leaderelection lost for k3s-etcd") // exit 1, though it is a late error (measured)
		}
	}
}

// sleep ends early, with an error, when the program must end.
func (s *server) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.apiserver.Done:
		return errors.New("kube-apiserver exited: " + s.apiserver.State())
	case <-s.etcd.Done():
		if s.removed.Load() {
			return errors.Join(errors.New("this node has been removed from the cluster"), s.markRemoved())
		}
		return errors.New("etcd exited")
	case <-time.After(d):
		return nil
	}
}

// dropStaleLeases: kube-controller-manager keeps its lease when it ends, even on SIGTERM, and would be idle for 15 s after each
// restart. A lease held by an earlier process of this very host has no living holder: the children died with their parent.
func (s *server) dropStaleLeases(ctx context.Context) {
	host, err := os.Hostname()
	if err != nil {
		return
	}
	leases := s.kube.CoordinationV1().Leases("kube-system")
	for _, name := range []string{"kube-controller-manager", "kube-scheduler"} {
		lease, err := leases.Get(ctx, name, metav1.GetOptions{})
		if err != nil || lease.Spec.HolderIdentity == nil || !strings.HasPrefix(*lease.Spec.HolderIdentity, host+"_") {
			continue
		}
		if err := leases.Delete(ctx, name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &lease.ResourceVersion}}); err != nil {
			logline.Warning("the lease of an earlier %s stays for 15 s: %v", name, err)
		}
	}
}
