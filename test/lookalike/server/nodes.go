package server

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/nodepassword"
)

// NodeExists in the API.
func (s *server) NodeExists(ctx context.Context, node string) (bool, error) {
	_, err := s.kube.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// CheckNodePassword keeps a name for the host that had it first.
func (s *server) CheckNodePassword(ctx context.Context, node, password string) error {
	if password == "" {
		return nodepassword.ErrRejected
	}
	secrets := s.kube.CoreV1().Secrets(nodepassword.Namespace)
	secret, err := secrets.Get(ctx, nodepassword.SecretName(node), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		immutable := true
		_, err = secrets.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: nodepassword.SecretName(node)}, Immutable: &immutable,
			Data: map[string][]byte{"hash": []byte(nodepassword.Hash(node, password))},
		}, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	return nodepassword.Check(string(secret.Data["hash"]), node, password)
}

// forgetDeletedNodes removes a node's password with its Node, within 2 s, and on a server its member of etcd: so a rebuilt host
// may come back (measured).
func (s *server) forgetDeletedNodes(ctx context.Context) {
	factory := informers.NewSharedInformerFactory(s.kube, 0)
	_, err := factory.Core().V1().Nodes().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: func(object any) {
		if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = unknown.Obj
		}
		node, ok := object.(*corev1.Node)
		if !ok {
			return
		}
		if !s.etcd.Alone {
			s.forgetMember(ctx, node.Name)
		}
		err := s.kube.CoreV1().Secrets(nodepassword.Namespace).Delete(ctx, nodepassword.SecretName(node.Name), metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			logline.Error("the password of the deleted node %s stays: %v", node.Name, err)
		}
	}})
	if err != nil {
		logline.Error("deleted nodes keep their passwords: %v", err)
		return
	}
	factory.Start(ctx.Done())
}

// forgetMember runs on every server; all but the first find nothing left to do.
func (s *server) forgetMember(ctx context.Context, node string) {
	if node == s.config.Get("node-name") {
		s.removed.Store(true)
	}
	removed, err := s.etcd.RemoveMembersOf(ctx, node)
	if err != nil && !errors.Is(err, rpctypes.ErrMemberNotFound) {
		logline.Error("the etcd member of the deleted node %s stays: %v", node, err)
	} else if removed > 0 {
		logline.Info("removed the etcd member of the deleted node %s", node)
	}
}

// labelOwnNode gives the role labels, which a kubelet may not give itself, and says which member of etcd is the node's.
func (s *server) labelOwnNode(ctx context.Context) {
	labels, annotations := map[string]string{"node-role.kubernetes.io/control-plane": "true"}, map[string]string{}
	if name, err := s.etcd.MemberName(); err == nil && !s.etcd.Alone {
		labels["node-role.kubernetes.io/etcd"] = "true"
		annotations["etcd.k3s.cattle.io/node-name"], annotations["etcd.k3s.cattle.io/node-address"] = name, s.ip
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}})
	if err != nil {
		logline.Error("labels of the node: %v", err)
		return
	}
	for ctx.Err() == nil {
		_, err := s.kube.CoreV1().Nodes().Patch(ctx, s.config.Get("node-name"), types.MergePatchType, patch, metav1.PatchOptions{})
		if err == nil {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
}
