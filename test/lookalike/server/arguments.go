package server

import (
	"strings"

	"keel.invalid/lookalike/arguments"
	"keel.invalid/lookalike/datastore"
)

// kube-apiserver is on loopback, behind the supervisor's 6443, as in k3s.
const apiserverURL = "https://127.0.0.1:6444"

func (s *server) apiserverArguments() []string {
	advertise := s.config.Get("advertise-address")
	if advertise == "" {
		advertise = s.ip
	}
	issuer := "https://kubernetes.default.svc." + s.networks.ClusterDomain
	defaults := map[string]string{
		"bind-address": "127.0.0.1", "secure-port": "6444", "advertise-address": advertise,
		"endpoint-reconciler-type": "none", // it would publish 6444 on loopback, which no Pod can reach: endpoints.go
		"anonymous-auth":           "false", "authorization-mode": "Node,RBAC", "enable-admission-plugins": "NodeRestriction", "enable-bootstrap-token-auth": "true",
		"allow-privileged": "true", "profiling": "false", "storage-backend": "etcd3",
		"etcd-servers": datastore.Local, "etcd-cafile": s.tls("etcd/server-ca.crt"), "etcd-certfile": s.tls("etcd/client.crt"), "etcd-keyfile": s.tls("etcd/client.key"),
		"client-ca-file": s.tls("client-ca.crt"), "tls-cert-file": s.tls("serving-kube-apiserver.crt"), "tls-private-key-file": s.tls("serving-kube-apiserver.key"),
		"service-account-key-file": s.tls("service.key"), "service-account-signing-key-file": s.tls("service.key"), "service-account-issuer": issuer, "api-audiences": issuer + ",k3s",
		"service-cluster-ip-range": strings.Join(s.networks.ServiceCIDRs, ","), "service-node-port-range": s.config.Get("service-node-port-range"),
		"kubelet-certificate-authority": s.tls("server-ca.crt"), "kubelet-client-certificate": s.tls("client-kube-apiserver.crt"), "kubelet-client-key": s.tls("client-kube-apiserver.key"),
		"kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
		"requestheader-client-ca-file":    s.tls("request-header-ca.crt"), "requestheader-allowed-names": "system:auth-proxy", "requestheader-username-headers": "X-Remote-User",
		"requestheader-group-headers": "X-Remote-Group", "requestheader-extra-headers-prefix": "X-Remote-Extra-",
		"proxy-client-cert-file": s.tls("client-auth-proxy.crt"), "proxy-client-key-file": s.tls("client-auth-proxy.key"),
	}
	if s.config.On("secrets-encryption") {
		defaults["encryption-provider-config"] = s.credential("encryption-config.json")
	}
	return arguments.Merge(defaults, s.config.All("kube-apiserver-arg"))
}

func (s *server) controllerManagerArguments() []string {
	kubeconfig := s.credential("controller.kubeconfig")
	defaults := map[string]string{
		"kubeconfig": kubeconfig, "authentication-kubeconfig": kubeconfig, "authorization-kubeconfig": kubeconfig, "bind-address": "127.0.0.1", "profiling": "false",
		"root-ca-file":                     s.tls("server-ca.crt"),
		"service-account-private-key-file": s.tls("service.key"), "use-service-account-credentials": "true", "controllers": "*,tokencleaner",
		"allocate-node-cidrs": "true", "cluster-cidr": strings.Join(s.networks.ClusterCIDRs, ","), "service-cluster-ip-range": strings.Join(s.networks.ServiceCIDRs, ","),
	}
	// kubelets are verified against the servers' CA, whoever signed their certificates
	for signer, ca := range map[string]string{"kube-apiserver-client": "client-ca", "kubelet-client": "client-ca", "kubelet-serving": "server-ca", "legacy-unknown": "client-ca"} {
		defaults["cluster-signing-"+signer+"-cert-file"], defaults["cluster-signing-"+signer+"-key-file"] = s.tls(ca+".crt"), s.tls(ca+".key")
	}
	return arguments.Merge(defaults, append(s.config.All("kube-controller-arg"), s.config.All("kube-controller-manager-arg")...))
}

func (s *server) schedulerArguments() []string {
	kubeconfig := s.credential("scheduler.kubeconfig")
	return arguments.Merge(map[string]string{
		"kubeconfig": kubeconfig, "authentication-kubeconfig": kubeconfig, "authorization-kubeconfig": kubeconfig, "bind-address": "127.0.0.1", "profiling": "false",
	}, s.config.All("kube-scheduler-arg"))
}
