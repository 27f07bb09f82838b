package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/join"
	"keel.invalid/lookalike/kubeconfig"
	"keel.invalid/lookalike/nodepassword"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/pki"
	"keel.invalid/lookalike/supervisor"
)

// ClusterConfig is the answer to /v1-k3s/config: what every node must do alike.
type ClusterConfig struct {
	ClusterIPRanges, ServiceIPRanges, ClusterDNSs []string
	ClusterDomain                                 string
	DisableKubeProxy                              bool
	CriticalControlArgs                           map[string]string // compared by joining servers
}

// join gets this node's certificates, new ones at each start, and writes everything that kubelet needs.
func (a *Agent) join(ctx context.Context) error {
	client, err := a.connect(ctx)
	if err != nil {
		return err
	}
	if err := a.obtain(ctx, client); err != nil {
		return fmt.Errorf("Waiting to retrieve agent configuration; server is not ready: %w", err) // k3s's own words
	}
	return errors.Join(
		kubeconfig.Kubeconfig{Server: a.way.URL, CA: a.path("server-ca.crt"), Certificate: a.path("client-kubelet")}.Write(a.path("kubelet.kubeconfig"), 0o600),
		kubeconfig.Kubeconfig{Server: a.way.URL, CA: a.path("server-ca.crt"), Certificate: a.path("client-kube-proxy")}.Write(a.path("kubeproxy.kubeconfig"), 0o600),
		a.writeKubeletConfig(),
	)
}

// connect shows the node's own certificate if it has one: a joined agent goes on with an old token, but a wrong hash or an
// empty file stops it at its next start (measured).
func (a *Agent) connect(ctx context.Context) (*join.Client, error) {
	full, err := a.way.Token()
	if err != nil {
		return nil, err
	}
	var own *tls.Certificate
	if pair, err := tls.LoadX509KeyPair(a.path("client-kubelet.crt"), a.path("client-kubelet.key")); err == nil {
		own = &pair
	}
	return join.Connect(ctx, a.way.URL, full, join.Caller{User: passwd.Node, Certificate: own})
}

func (a *Agent) obtain(ctx context.Context, client *join.Client) error {
	if err := client.GetJSON(ctx, "/v1-k3s/config", &a.cluster); err != nil {
		return err
	}
	password, err := nodepassword.Ensure(nodepassword.File)
	if err != nil {
		return err
	}
	header := map[string]string{supervisor.HeaderNode: a.config.Get("node-name"), supervisor.HeaderPassword: password, supervisor.HeaderIP: strings.Join(a.ips(), ",")}
	for _, name := range []string{"client-kubelet", "serving-kubelet", "client-kube-proxy"} {
		key, err := pki.EnsureKey(a.path(name + ".key")) // it never leaves this host
		if err != nil {
			return err
		}
		request, err := pki.Request(key)
		if err != nil {
			return err
		}
		certificate, err := client.Post(ctx, "/v1-k3s/"+name+".crt", header, request)
		if err != nil {
			return err
		}
		if err := atomicfile.Write(a.path(name+".crt"), certificate, 0o644); err != nil {
			return err
		}
	}
	clientCA, err := client.Get(ctx, "/v1-k3s/client-ca.crt")
	if err != nil {
		return err
	}
	return errors.Join(atomicfile.Write(a.path("client-ca.crt"), clientCA, 0o644), atomicfile.Write(a.path("server-ca.crt"), client.CA, 0o644))
}
