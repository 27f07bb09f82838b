package server

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"keel.invalid/lookalike/logline"
)

// publishEndpoints says where the service `kubernetes` leads: to 6443 of every server. kube-apiserver's own reconciler would
// write its own port, 6444 on loopback, and upstream has no flag for another.
func (s *server) publishEndpoints(ctx context.Context) {
	for ; ctx.Err() == nil; time.Sleep(5 * time.Second) {
		ips, err := s.etcd.VotingIPs(ctx)
		if err != nil || len(ips) == 0 {
			continue
		}
		subset := corev1.EndpointSubset{Ports: []corev1.EndpointPort{{Name: "https", Port: 6443, Protocol: corev1.ProtocolTCP}}}
		for _, ip := range ips {
			subset.Addresses = append(subset.Addresses, corev1.EndpointAddress{IP: ip})
		}
		object := &corev1.Endpoints{ObjectMeta: metav1.ObjectMeta{Name: "kubernetes"}, Subsets: []corev1.EndpointSubset{subset}}
		endpoints := s.kube.CoreV1().Endpoints("default")
		if _, err = endpoints.Update(ctx, object, metav1.UpdateOptions{}); apierrors.IsNotFound(err) {
			_, err = endpoints.Create(ctx, object, metav1.CreateOptions{})
		}
		if err != nil && ctx.Err() == nil {
			logline.Warning("endpoints of the service kubernetes: %v", err)
		}
	}
}
