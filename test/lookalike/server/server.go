// Package server is `k3s server`.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"keel.invalid/lookalike/agent"
	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/child"
	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/manifests"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/sdnotify"
	"keel.invalid/lookalike/supervisor"
	"keel.invalid/lookalike/token"
)

// patience with a child that has been asked to end, before it is killed. A real k3s is gone after 2 s; what matters is in etcd.
const patience = 1500 * time.Millisecond

type server struct {
	config          *config.Config
	networks        config.Networks
	ip              string
	tokenConfigured bool            // not one of an earlier start, nor a random one
	ownAgentToken   bool            // else agents hold the server's
	accounts        passwd.Accounts // of this start; a rotation does not change them (measured)
	authorities
	etcd      *datastore.Etcd
	apiserver *child.Child
	front     *http.Server
	kube      kubernetes.Interface
	ready     atomic.Bool
	removed   atomic.Bool // its Node has been deleted, and its member with it
}

// Run is the whole life of a server. Errors before the start exit 1; later ones exit 0, so that units need
// Restart=always (measured).
func Run(c *config.Config) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if c.On("cluster-reset") {
		if err := reset(ctx, c); err != nil {
			logline.Fatal("%v", err)
		}
		return
	}
	s, err := prepare(ctx, c)
	if err != nil {
		logline.Fatal("%v", err)
	}
	err = s.serve(ctx)
	sdnotify.Send("STOPPING=1")
	if err != nil && ctx.Err() == nil {
		logline.Info("Shutdown request received: %q", err.Error())
	}
}

// prepare does what can fail before the start: tokens, what the cluster shares, certificates, files, port 6443.
func prepare(ctx context.Context, c *config.Config) (*server, error) {
	s, err := choose(c)
	if err != nil {
		return nil, err
	}
	if err := s.bootstrap(ctx); err != nil {
		return nil, err
	}
	if err := s.makeCertificates(); err != nil {
		return nil, err
	}
	if err := s.writeFiles(); err != nil {
		return nil, err
	}
	return s, s.listen()
}

// choose reads the configuration and the tokens, and decides which datastore this server has.
func choose(c *config.Config) (*server, error) {
	s := &server{config: c, ip: agent.NodeIP(c)}
	var err error
	if s.networks, err = c.Networks(); err != nil {
		return nil, err
	}
	if err := s.chooseAccounts(); err != nil {
		return nil, err
	}
	s.etcd = &datastore.Etcd{
		Dir: s.database("etcd"), Certificates: s.tls("etcd"), NodeName: c.Get("node-name"), IP: s.ip,
		ExposeMetrics: c.On("etcd-expose-metrics"), Extra: c.All("etcd-arg"),
	}
	if err := s.leaveIfRemoved(); err != nil {
		return nil, err
	}
	if s.etcd.HasData() || s.joins() || c.On("cluster-reset") {
		return s, nil
	}
	if c.On("cluster-init") {
		if _, err := os.Stat(s.database("state.db")); err == nil {
			return nil, errors.New("look-alike of k3s: does not move the data of a server without cluster-init to etcd: delete server/db")
		}
		return s, nil
	}
	// `server` without a token ends here too: k3s's trap, a cluster of its own (measured)
	s.etcd.Alone, s.etcd.Dir = true, s.database("sqlite")
	return s, atomicfile.Write(s.database("state.db"), []byte("SQLite is an etcd without peers here: ./sqlite\n"), 0o600)
}

func (s *server) database(name string) string { return s.config.Path("server", "db", name) }

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
	if err := s.startDatastore(ctx); err != nil {
		return err
	}
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
	go s.deployManifests(ctx)
	if !s.config.On("disable-agent") {
		node := agent.Start(ctx, s.config, agent.Supervisor{URL: "https://127.0.0.1:6443", Token: func() (string, error) {
			return token.Full(s.serverCA.PEM, passwd.Node, s.accounts.NodePassword), nil
		}}, func() { s.labelOwnNode(ctx) })
		defer node.Stop(patience)
	}
	return s.watchHealth(ctx)
}

func (s *server) connect() error {
	settings, err := s.apiserverSettings()
	if err != nil {
		return err
	}
	s.kube, err = kubernetes.NewForConfig(settings)
	return err
}

func (s *server) apiserverSettings() (*rest.Config, error) {
	return clientcmd.BuildConfigFromFlags("", s.credential("supervisor.kubeconfig"))
}

func (s *server) deployManifests(ctx context.Context) {
	settings, err := s.apiserverSettings()
	if err == nil {
		err = manifests.Watch(ctx, s.config.Path("server", "manifests"), settings, s.config.Get("node-name"))
	}
	if err != nil {
		logline.Error("manifests are not watched: %v", err)
	}
}
