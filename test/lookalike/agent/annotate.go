package agent

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"os"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
)

// annotate writes k3s's annotations to the Node as soon as it exists, with kubelet's own credential, and one that says what
// this node runs.
func (a *Agent) annotate(ctx context.Context) {
	settings, err := clientcmd.BuildConfigFromFlags("", a.path("kubelet.kubeconfig"))
	if err != nil {
		logline.Error("annotations of the node: %v", err)
		return
	}
	client, err := kubernetes.NewForConfig(settings)
	if err != nil {
		logline.Error("annotations of the node: %v", err)
		return
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": a.annotations()}})
	if err != nil {
		logline.Error("annotations of the node: %v", err)
		return
	}
	for ctx.Err() == nil {
		if _, err := client.CoreV1().Nodes().Patch(ctx, a.config.Get("node-name"), types.MergePatchType, patch, metav1.PatchOptions{}); err == nil {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func (a *Agent) annotations() map[string]string {
	args, env := a.config.NodeArgs(), config.NodeEnv(os.Environ())
	sum := sha256.Sum256([]byte(args + env))
	out := map[string]string{
		"k3s.io/node-args": args, "k3s.io/node-env": env, "k3s.io/node-config-hash": base32.StdEncoding.EncodeToString(sum[:]),
		"k3s.io/hostname": a.config.Get("node-name"), "k3s.io/internal-ip": strings.Join(a.ips(), ","),
		"keel.invalid/lookalike": config.About,
	}
	if external := a.config.List("node-external-ip"); len(external) > 0 {
		out["k3s.io/external-ip"] = strings.Join(external, ",")
	}
	return out
}
