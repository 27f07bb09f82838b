package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"keel.invalid/lookalike/flags"
)

// About is how it names itself wherever it runs.
const About = "a look-alike of k3s for keel's lab; not k3s"

// Missing is what k3s has and the look-alike has not; printed by --help and at every start.
var Missing = []string{
	"no containerd, runc, CNI plug-ins or images of its own: it uses the host's containerd (container-runtime-endpoint) and its CNI",
	"no flannel, traefik, servicelb, coredns, metrics-server, local-storage, helm controller, network policy controller, cloud controller, egress selector or embedded registry: refused unless switched off",
	"no sqlite: without cluster-init it is an etcd without peers, which no second server can join either; no change from it to etcd; no external datastore",
	"no scheduled snapshots, none compressed or on S3; `etcd-snapshot ls` prints a table only; `token` has only `rotate`",
	"no secrets-encrypt, certificate, ctr, crictl, check-config, completion commands; no rootless, vpn-auth, docker, selinux, with-node-id",
}

// switchedOff: parts that are missing here, and the one value that tells k3s to run without them.
var switchedOff = map[string]struct{ part, value string }{
	"flannel-backend":          {"flannel", "none"},
	"egress-selector-mode":     {"egress selector", "disabled"},
	"disable-network-policy":   {"network policy controller", "true"},
	"disable-helm-controller":  {"helm controller", "true"},
	"disable-cloud-controller": {"cloud controller", "true"},
}

// packaged: components that k3s deploys unless `disable` names them.
var packaged = []string{"coredns", "servicelb", "traefik", "local-storage", "metrics-server"}

// supported: flags that do here what they do in k3s.
var supported = words(`
	config token token-file agent-token agent-token-file server data-dir node-name node-label node-taint node-ip node-external-ip
	cluster-init cluster-reset cluster-reset-restore-path cluster-cidr service-cidr service-node-port-range cluster-dns cluster-domain advertise-address tls-san
	write-kubeconfig write-kubeconfig-mode write-kubeconfig-group secrets-encryption secrets-encryption-provider
	kube-apiserver-arg kube-controller-manager-arg kube-controller-arg kube-scheduler-arg kubelet-arg kube-proxy-arg etcd-arg
	disable disable-kube-proxy disable-agent container-runtime-endpoint image-service-endpoint resolv-conf
	protect-kernel-defaults lb-server-port etcd-expose-metrics`)

// harmless: flags that only touch k3s's own containerd, its packaged components, flannel, its log or its snapshot schedule.
var harmless = words(`
	debug v vmodule log alsologtostderr prefer-bundled-bin tls-san-security snapshotter default-runtime pause-image
	private-registry disable-default-registry-endpoint system-default-registry airgap-extra-registry servicelb-namespace
	helm-job-image default-local-storage-path flannel-iface flannel-conf flannel-cni-conf flannel-ipv6-masq flannel-external-ip
	kube-cloud-controller-manager-arg kube-cloud-controller-arg etcd-disable-snapshots etcd-snapshot-name
	etcd-snapshot-schedule-cron etcd-snapshot-reconcile-interval etcd-snapshot-retention etcd-snapshot-dir etcd-snapshot-compress`)

// Refused lists everything in a configuration that the look-alike can't do, one clear line each; empty: it can start.
func (c *Config) Refused() []string {
	known, err := flags.Of(c.Command)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(known)) {
		f, value := known[key], c.Get(key)
		off, isPart := switchedOff[key]
		switch {
		case f.Name != key: // an alias
		case isPart && value != off.value:
			out = append(out, fmt.Sprintf("has no %s: set `%s: %s`", off.part, key, off.value))
		case isPart, supported[key], harmless[key], value == "", value == f.Default:
		default:
			out = append(out, fmt.Sprintf("does not know what to do with `%s: %s`: remove it", key, c.printable(key)))
		}
	}
	for _, name := range packaged {
		if c.Command == "server" && !slices.Contains(c.List("disable"), name) {
			out = append(out, fmt.Sprintf("has no %s: add `%s` to `disable`", name, name))
		}
	}
	if c.Get("container-runtime-endpoint") == "" && !c.On("disable-agent") {
		out = append(out, "has no containerd: set `container-runtime-endpoint: /run/containerd/containerd.sock` (the host's)")
	}
	return out
}

// printable hides what may be a secret.
func (c *Config) printable(key string) string {
	for _, s := range []string{"auth", "endpoint", "key", "token", "proxy"} {
		if strings.Contains(key, s) {
			return masked
		}
	}
	return strings.Join(c.All(key), ",")
}

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}
