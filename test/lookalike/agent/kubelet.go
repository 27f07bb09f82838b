package agent

import (
	"encoding/json"
	"strings"

	"keel.invalid/lookalike/arguments"
	"keel.invalid/lookalike/atomicfile"
)

// writeKubeletConfig writes k3s's drop-in; a user's own files in that directory come after it.
func (a *Agent) writeKubeletConfig() error {
	type m = map[string]any
	settings := m{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"containerRuntimeEndpoint": socketURL(a.config.Get("container-runtime-endpoint")),
		"cgroupDriver":             "cgroupfs", // must be containerd's; another one by kubelet-arg
		"failSwapOn":               false,
		"failCgroupV1":             false, // from 1.35 on kubelet refuses cgroup v1 hosts otherwise
		"tlsCertFile":              a.path("serving-kubelet.crt"), "tlsPrivateKeyFile": a.path("serving-kubelet.key"),
		"authentication": m{"anonymous": m{"enabled": false}, "webhook": m{"enabled": true}, "x509": m{"clientCAFile": a.path("client-ca.crt")}},
		"authorization":  m{"mode": "Webhook"}, "clusterDNS": a.cluster.ClusterDNSs, "clusterDomain": a.cluster.ClusterDomain,
		"evictionHard": m{"imagefs.available": "5%", "nodefs.available": "5%"}, "serializeImagePulls": false,
		"staticPodPath": a.path("pod-manifests"), "protectKernelDefaults": a.config.On("protect-kernel-defaults"),
	}
	if endpoint := a.config.Get("image-service-endpoint"); endpoint != "" {
		settings["imageServiceEndpoint"] = socketURL(endpoint)
	}
	if path := a.config.Get("resolv-conf"); path != "" {
		settings["resolvConf"] = path
	}
	content, err := json.MarshalIndent(settings, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(a.path("etc", "kubelet.conf.d", "00-k3s-defaults.conf"), content, 0o600)
}

// kubeletArguments: labels and taints count at registration only; later changes go through the API (k3s and kubelet alike).
func (a *Agent) kubeletArguments() []string {
	defaults := map[string]string{
		"config-dir": a.path("etc", "kubelet.conf.d"), "kubeconfig": a.path("kubelet.kubeconfig"),
		"hostname-override": a.config.Get("node-name"), "node-ip": strings.Join(a.ips(), ","),
	}
	if labels := a.config.List("node-label"); len(labels) > 0 {
		defaults["node-labels"] = strings.Join(labels, ",")
	}
	if taints := a.config.List("node-taint"); len(taints) > 0 {
		defaults["register-with-taints"] = strings.Join(taints, ",")
	}
	return arguments.Merge(defaults, a.config.All("kubelet-arg"))
}

// proxyArguments: the size of the connection table is the machine's, not the host's: leave it alone.
func (a *Agent) proxyArguments() []string {
	return arguments.Merge(map[string]string{
		"kubeconfig": a.path("kubeproxy.kubeconfig"), "hostname-override": a.config.Get("node-name"), "proxy-mode": "iptables",
		"cluster-cidr": strings.Join(a.cluster.ClusterIPRanges, ","), "healthz-bind-address": "127.0.0.1",
		"conntrack-max-per-core": "0", "conntrack-min": "0", "conntrack-tcp-timeout-established": "0s", "conntrack-tcp-timeout-close-wait": "0s",
	}, a.config.All("kube-proxy-arg"))
}

func socketURL(endpoint string) string {
	if strings.Contains(endpoint, "://") {
		return endpoint
	}
	return "unix://" + endpoint
}
