// flanneld for the lab: flannel's own packages, with the two backends that a lab can have and the flags of flannel's own manifest.
// Upstream's main can't be built here: its backend for a cloud of Tencent has modules that the proxy does not give. A flag or a backend
// that is not here ends it with exit 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/hostgw"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	"github.com/flannel-io/flannel/pkg/trafficmngr"
	"github.com/flannel-io/flannel/pkg/trafficmngr/iptables"
	"github.com/flannel-io/flannel/pkg/trafficmngr/nftables"
)

const (
	configuration     = "/etc/kube-flannel/net-conf.json" // from kube-flannel-cfg, as the manifest mounts it
	subnetFile        = "/run/flannel/subnet.env"         // the CNI plugin reads it
	annotations       = "flannel.alpha.coreos.com"        // on the Node: where other nodes reach this one
	secondsOfNewRules = 5                                 // how often flannel looks whether its rules are still there
)

func main() {
	masquerade := flag.Bool("ip-masq", false, "Pods have the address of their node outside of the network of Pods")
	inAPI := flag.Bool("kube-subnet-mgr", false, "the subnets are those of the Nodes; the lab's flanneld has no other way")
	health := flag.Int("healthz-port", 0, "the port of /healthz and /readyz; 0: none")
	iface := flag.String("iface", "", "the interface or address to the other nodes; default: the one of the default route")
	flag.Parse()
	if !*inAPI || flag.NArg() > 0 {
		end(fmt.Errorf("the lab's flanneld needs --kube-subnet-mgr, and no arguments: %q", flag.Args()))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var ready atomic.Bool
	if *health > 0 {
		go answer(*health, &ready)
	}
	if err := run(ctx, *iface, *masquerade, &ready); err != nil {
		end(err)
	}
}

func run(ctx context.Context, iface string, masquerade bool, ready *atomic.Bool) error {
	subnets, err := kube.NewSubnetManager(ctx, "", "", annotations, configuration, true)
	if err != nil {
		return fmt.Errorf("the Nodes of the cluster: %w", err)
	}
	config, err := subnets.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", configuration, err)
	}
	network, wait, err := register(ctx, subnets, config, iface)
	if err != nil {
		return err
	}
	if err := rules(ctx, config, network, masquerade); err != nil {
		return fmt.Errorf("rules of the packet filter: %w", err)
	}
	lease := network.Lease()
	if err := subnets.HandleSubnetFile(subnetFile, config, masquerade, lease.Subnet, lease.IPv6Subnet, network.MTU()); err != nil {
		return fmt.Errorf("%s: %w", subnetFile, err)
	}
	ready.Store(true)
	wait.Go(func() { network.Run(ctx) })
	if err := subnets.CompleteLease(ctx, lease, wait); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the lease of %s: %w", lease.Subnet, err)
	}
	wait.Wait()
	return nil
}

// register tells the other nodes how they reach this one, and makes the routes to them.
func register(ctx context.Context, subnets subnet.Manager, config *subnet.Config, iface string) (backend.Network, *sync.WaitGroup, error) {
	family, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return nil, nil, err
	}
	v4, v6 := subnets.GetStoredPublicIP(ctx)
	external, err := ipmatch.LookupExtIface(iface, "", "", family, ipmatch.PublicIPOpts{PublicIP: v4, PublicIPv6: v6})
	if err != nil {
		return nil, nil, fmt.Errorf("the interface to the other nodes: %w", err)
	}
	kind, err := backend.NewManager(ctx, subnets, external).GetBackend(config.BackendType)
	if err != nil {
		return nil, nil, fmt.Errorf("the lab's flanneld has vxlan and host-gw: %w", err)
	}
	wait := new(sync.WaitGroup)
	network, err := kind.RegisterNetwork(ctx, wait, config)
	return network, wait, err
}

func rules(ctx context.Context, config *subnet.Config, network backend.Network, masquerade bool) error {
	var filter trafficmngr.TrafficManager = &iptables.IPTablesManager{}
	if config.EnableNFTables {
		filter = &nftables.NFTablesManager{}
	}
	if err := filter.Init(ctx); err != nil {
		return err
	}
	if masquerade {
		// no subnet before this one: the addresses of a lab do not change
		err := filter.SetupAndEnsureMasqRules(ctx, config.Network, ip.IP4Net{}, ip.IP4Net{}, config.IPv6Network, ip.IP6Net{}, ip.IP6Net{},
			network.Lease(), secondsOfNewRules, false)
		if err != nil {
			return err
		}
	}
	filter.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, secondsOfNewRules)
	return nil
}

// answer is what the probes of the manifest ask.
func answer(port int, ready *atomic.Bool) {
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/readyz", func(response http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			response.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	end(http.ListenAndServe(fmt.Sprintf(":%d", port), nil))
}

func end(err error) {
	fmt.Fprintln(os.Stderr, "flanneld:", err)
	os.Exit(1)
}
