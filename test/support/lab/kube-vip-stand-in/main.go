// A stand-in for kube-vip, whose Go module cannot be had here: one control plane has the cluster's address, the one that holds the
// lease. It reads the same environment, asks the same API server with the same account, and needs the same capabilities. The election
// is that of client-go, as in kube-vip. Whatever it does not know ends it: it shows what keel renders, and not how kube-vip works.
// Source: kube-vip.io/docs/installation/flags; pkg/manager and pkg/cluster of kube-vip
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// The one form in which keel uses kube-vip.
var fixed = map[string]string{
	"port": "6443", "vip_arp": "true", "cp_enable": "true", "svc_enable": "false", "vip_leaderelection": "true", "vip_subnet": "32",
}

var given = []string{"address", "cp_namespace", "vip_leasename", "vip_leaseduration", "vip_renewdeadline", "vip_retryperiod",
	"vip_nodename", "prometheus_server"}

const announceEvery = 3 * time.Second

func main() {
	if len(os.Args) != 2 || os.Args[1] != "manager" {
		end(fmt.Errorf("arguments %q", os.Args[1:]))
	}
	checkEnvironment()
	// kube-vip would use the administrator's credential, if it could see it
	if _, err := os.Stat("/etc/kubernetes/admin.conf"); err == nil {
		end(fmt.Errorf("the administrator's kubeconfig is in this container"))
	}
	link, address := interfaceOf(os.Getenv("vip_interface")), parse(os.Getenv("address"))
	// what an earlier run has left
	_ = netlink.AddrDel(link, address)
	go func() { end(http.ListenAndServe(os.Getenv("prometheus_server"), http.NotFoundHandler())) }()
	config, err := rest.InClusterConfig()
	if err != nil {
		end(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		end(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name := os.Getenv("vip_nodename")
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: os.Getenv("vip_leasename"), Namespace: os.Getenv("cp_namespace")},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: name},
	}
	fmt.Printf("%s asks %s for the lease\n", name, config.Host)
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true,
		LeaseDuration: seconds("vip_leaseduration"), RenewDeadline: seconds("vip_renewdeadline"), RetryPeriod: seconds("vip_retryperiod"),
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { hold(ctx, link, address) },
			OnStoppedLeading: func() {
				_ = netlink.AddrDel(link, address)
				end(fmt.Errorf("%s has lost the lease", name))
			},
		},
	})
}

func checkEnvironment() {
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		// the names of kube-vip's settings are in small letters, and nobody else's are
		if name == strings.ToUpper(name) {
			continue
		}
		if want, isFixed := fixed[name]; isFixed && value != want {
			end(fmt.Errorf("%s is %q, and not %q", name, value, want))
		} else if !isFixed && name != "vip_interface" && !slices.Contains(given, name) {
			end(fmt.Errorf("no setting %s", name))
		}
	}
	for name := range fixed {
		required(name)
	}
	for _, name := range given {
		required(name)
	}
}

func required(name string) {
	if os.Getenv(name) == "" {
		end(fmt.Errorf("%s is missing", name))
	}
}

// hold puts the address on the interface, and tells the network so until ctx ends.
func hold(ctx context.Context, link netlink.Link, address *netlink.Addr) {
	if err := netlink.AddrReplace(link, address); err != nil {
		end(fmt.Errorf("the address: %w", err))
	}
	fmt.Printf("%s is on %s\n", address.IP, link.Attrs().Name)
	for {
		if err := announce(link.Attrs(), address.IP.To4()); err != nil {
			end(fmt.Errorf("ARP: %w", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(announceEvery):
		}
	}
}

// announce sends a gratuitous ARP request (RFC 5227, 3): all neighbours learn the new place of the address.
func announce(on *netlink.LinkAttrs, ip []byte) error {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	everybody := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	const ethernetForIPv4, request = "\x00\x01\x08\x00\x06\x04", "\x00\x01"
	own := []byte(on.HardwareAddr)
	frame := slices.Concat(everybody, own, []byte("\x08\x06"+ethernetForIPv4+request), own, ip, make([]byte, 6), ip)
	return unix.Sendto(socket, frame, 0, &unix.SockaddrLinklayer{Ifindex: on.Index, Halen: 6})
}

// interfaceOf is the named one, else that of the default route.
func interfaceOf(name string) netlink.Link {
	if name != "" {
		link, err := netlink.LinkByName(name)
		if err != nil {
			end(fmt.Errorf("interface %s: %w", name, err))
		}
		return link
	}
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		end(err)
	}
	for _, route := range routes {
		if route.Dst == nil || route.Dst.IP.IsUnspecified() {
			if link, err := netlink.LinkByIndex(route.LinkIndex); err == nil {
				return link
			}
		}
	}
	end(fmt.Errorf("no default route"))
	return nil
}

func parse(ip string) *netlink.Addr {
	address, err := netlink.ParseAddr(ip + "/" + os.Getenv("vip_subnet"))
	if err != nil || address.IP.To4() == nil {
		end(fmt.Errorf("address %q is not IPv4", ip))
	}
	return address
}

func seconds(name string) time.Duration {
	count, err := strconv.Atoi(os.Getenv(name))
	if err != nil || count < 1 {
		end(fmt.Errorf("%s is %q", name, os.Getenv(name)))
	}
	return time.Duration(count) * time.Second
}

func end(err error) {
	fmt.Fprintln(os.Stderr, "kube-vip (stand-in):", err)
	os.Exit(1)
}
