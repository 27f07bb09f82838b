// Package agent is `k3s agent`, and the same part of a server: it joins, and runs kubelet and kube-proxy.
package agent

import (
	"context"
	"net/http"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"keel.invalid/lookalike/balancer"
	"keel.invalid/lookalike/child"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/sdnotify"
)

// retry: a wrong token or hash never ends an agent, it logs every 2 s and never sends READY=1 (measured).
const retry = 2 * time.Second

// Supervisor is the way to the servers.
type Supervisor struct {
	URL   string
	Token func() (string, error)
}

// Agent is one running node.
type Agent struct {
	config   *config.Config
	way      Supervisor
	ip       string
	cluster  ClusterConfig
	finished chan struct{} // it has joined, or given up because the program ends
	keepers  []*child.Keeper
}

// Run is the whole life of `k3s agent`.
func Run(c *config.Config) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	url := c.Get("server")
	if url == "" {
		logline.Fatal("--server is required")
	}
	local, err := balancer.Listen("127.0.0.1:"+c.Get("lb-server-port"), url, c.Path("agent", "etc", "k3s-agent-load-balancer.json"))
	if err != nil {
		logline.Fatal("%v", err)
	}
	a := Start(ctx, c, Supervisor{local.URL(), func() (string, error) { return c.Secret("token") }}, func() {
		sdnotify.Send("READY=1")
		logline.Info("k3s agent is up and running")
	})
	go a.followServers(ctx, local, url)
	<-ctx.Done()
	sdnotify.Send("STOPPING=1")
	a.Stop(1500 * time.Millisecond)
}

// Start joins and runs a node in the background; `ready` is called when kubelet is healthy.
func Start(ctx context.Context, c *config.Config, way Supervisor, ready func()) *Agent {
	a := &Agent{config: c, way: way, ip: NodeIP(c), finished: make(chan struct{})}
	go func() {
		defer close(a.finished)
		if !a.joinUntilDone(ctx) {
			return
		}
		a.keepers = append(a.keepers, child.Keep("kubelet", a.kubeletArguments()))
		if !a.cluster.DisableKubeProxy {
			a.keepers = append(a.keepers, child.Keep("kube-proxy", a.proxyArguments()))
		}
		go a.annotate(ctx)
		if waitForKubelet(ctx) {
			go ready()
		}
	}()
	return a
}

// Stop ends kubelet and kube-proxy; Pods stay, their containers are containerd's.
func (a *Agent) Stop(patience time.Duration) {
	<-a.finished
	child.StopAll(patience, a.keepers...)
}

func (a *Agent) joinUntilDone(ctx context.Context) bool {
	for {
		err := a.join(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			logline.Error("%v", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(retry):
		}
	}
}

func waitForKubelet(ctx context.Context) bool {
	for ctx.Err() == nil {
		if response, err := http.Get("http://127.0.0.1:10248/healthz"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return true
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return false
}

func (a *Agent) path(parts ...string) string {
	return a.config.Path(append([]string{"agent"}, filepath.Join(parts...))...)
}
