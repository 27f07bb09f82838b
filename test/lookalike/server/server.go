// Package server is `k3s server`.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/child"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/sdnotify"
	"keel.invalid/lookalike/supervisor"
	"keel.invalid/lookalike/token"
)

// patience with a child that has been asked to end, before it is killed. A real k3s is gone after 2 s; what matters is in etcd.
const patience = 1500 * time.Millisecond

type server struct {
	config   *config.Config
	networks config.Networks
	ip       string
	accounts passwd.Accounts
	authorities
	etcd      *datastore.Etcd
	apiserver *child.Child
	front     *http.Server
	kube      kubernetes.Interface
	ready     atomic.Bool
}

// Run is the whole life of a server. Errors before the start exit 1; later ones exit 0, so that units need
// Restart=always (measured).
func Run(c *config.Config) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	s, err := prepare(c)
	if err != nil {
		logline.Fatal("%v", err)
	}
	err = s.serve(ctx)
	sdnotify.Send("STOPPING=1")
	if err != nil && ctx.Err() == nil {
		logline.Info("Shutdown request received: %q", err.Error())
	}
}

// prepare does what can fail before the start: tokens, certificates, files, port 6443.
func prepare(c *config.Config) (*server, error) {
	s := &server{config: c, ip: agent.NodeIP(c)}
	s.etcd = &datastore.Etcd{
		Dir: c.Path("server", "db", "etcd"), Certificates: s.tls("etcd"), NodeName: c.Get("node-name"), IP: s.ip,
		ExposeMetrics: c.On("etcd-expose-metrics"), Extra: c.All("etcd-arg"),
	}
	if err := s.refuseWhatIsMissing(); err != nil {
		return nil, err
	}
	var err error
	if s.networks, err = c.Networks(); err != nil {
		return nil, err
	}
	ownAgentToken, err := s.chooseAccounts()
	if err != nil {
		return nil, err
	}
	if err := s.makeCertificates(); err != nil {
		return nil, err
	}
	s.etcd.ServerCA = s.etcdCA
	if err := s.writeFiles(ownAgentToken); err != nil {
		return nil, err
	}
	return s, s.listen()
}

// refuseWhatIsMissing: the datastores that need the complete look-alike.
func (s *server) refuseWhatIsMissing() error {
	switch {
	case s.etcd.HasData():
		return nil
	case s.config.Get("server") != "":
		return errors.New("look-alike of k3s: has no second server yet: remove `server`")
	case !s.config.On("cluster-init"):
		return errors.New("look-alike of k3s: has no sqlite datastore yet: set `cluster-init: true`")
	}
	return nil
}

func (s *server) listen() error {
	frontProxy, err := tls.LoadX509KeyPair(s.tls("client-auth-proxy.crt"), s.tls("client-auth-proxy.key"))
	if err != nil {
		return err
	}
	serving, err := tls.LoadX509KeyPair(s.tls("serving-kube-apiserver.crt"), s.tls("serving-kube-apiserver.key"))
	if err != nil {
		return err
	}
	front, err := supervisor.New(s, s.serverCA.PEM, s.clientCA.Pool(), supervisor.Backend{URL: apiserverURL, CAs: s.serverCA.Pool(), FrontProxy: frontProxy})
	if err != nil {
		return err
	}
	s.front, err = front.Listen(":6443", serving)
	return err
}

// serve starts the parts in their order, and ends them in the opposite one.
func (s *server) serve(ctx context.Context) error {
	defer func() { s.etcd.Stop(patience) }()
	if err := s.etcd.Found(ctx); err != nil {
		return err
	}
	logline.Info("etcd is ready")
	s.apiserver = child.Start("kube-apiserver", s.apiserverArguments())
	defer func() {
		_ = s.front.Close() // first: kube-apiserver waits for open watches, for up to a minute
		s.apiserver.Stop(patience)
	}()
	if err := s.connect(); err != nil {
		return err
	}
	if err := s.waitUntilReady(ctx); err != nil {
		return err
	}
	s.dropStaleLeases(ctx)
	keepers := []*child.Keeper{child.Keep("kube-controller-manager", s.controllerManagerArguments()), child.Keep("kube-scheduler", s.schedulerArguments())}
	defer func() { child.StopAll(patience, keepers...) }()
	s.ready.Store(true)
	sdnotify.Send("READY=1")
	logline.Info("k3s is up and running")
	go s.forgetDeletedNodes(ctx)
	go s.publishEndpoints(ctx)
	if !s.config.On("disable-agent") {
		node := agent.Start(ctx, s.config, agent.Supervisor{URL: "https://127.0.0.1:6443", Token: func() (string, error) {
			return token.Full(s.serverCA.PEM, passwd.Node, s.accounts.NodePassword), nil
		}}, func() { s.labelOwnNode(ctx) })
		defer node.Stop(patience)
	}
	return s.watchHealth(ctx)
}

func (s *server) connect() error {
	settings, err := clientcmd.BuildConfigFromFlags("", s.credential("supervisor.kubeconfig"))
	if err != nil {
		return err
	}
	s.kube, err = kubernetes.NewForConfig(settings)
	return err
}
