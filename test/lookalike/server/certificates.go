package server

import (
	"crypto"
	"errors"
	"fmt"
	"os"
	"strings"

	"keel.invalid/lookalike/pki"
)

// authorities are the CAs that all servers of a cluster share. Any of them may be placed beforehand in server/tls; keel
// places the server CA, which is the one that tokens pin.
type authorities struct{ serverCA, clientCA, requestHeaderCA, etcdCA, etcdPeerCA *pki.CA }

func (s *server) tls(name string) string { return s.config.Path("server", "tls", name) }

func (s *server) credential(name string) string { return s.config.Path("server", "cred", name) }

// makeCertificates keeps the authorities and makes all leaves anew.
func (s *server) makeCertificates() error {
	for _, dir := range []string{s.config.Path("server"), s.config.Path("server", "db"), s.config.Path("server", "cred"), s.tls("etcd")} {
		if err := os.MkdirAll(dir, 0o700); err != nil { // one that exists keeps its mode (measured)
			return err
		}
	}
	for _, a := range []struct {
		to         **pki.CA
		file, name string
	}{
		{&s.serverCA, "server-ca", "k3s-server-ca"}, {&s.clientCA, "client-ca", "k3s-client-ca"}, {&s.requestHeaderCA, "request-header-ca", "k3s-request-header-ca"},
		{&s.etcdCA, "etcd/server-ca", "etcd-server-ca"}, {&s.etcdPeerCA, "etcd/peer-ca", "etcd-peer-ca"},
	} {
		var err error
		if *a.to, err = pki.LoadOrMakeCA(s.tls(a.file), a.name); err != nil {
			return err
		}
	}
	s.etcd.ServerCA = s.etcdCA
	return errors.Join(pki.EnsureServiceKey(s.tls("service.key")), s.makeSharedKeys(), s.issueLeaves())
}

// makeSharedKeys, which callers get who send no certificate request.
func (s *server) makeSharedKeys() error {
	for kind := range sharedKeys {
		if _, err := pki.EnsureKey(s.sharedKey(kind)); err != nil {
			return err
		}
	}
	return nil
}

var sharedKeys = map[string]bool{"client-kubelet.crt": true, "serving-kubelet.crt": true, "client-kube-proxy.crt": true}

func (s *server) sharedKey(kind string) string {
	return s.tls(strings.TrimSuffix(kind, ".crt") + ".key")
}

// SharedKey by the name of the certificate that was asked for.
func (s *server) SharedKey(kind string) ([]byte, error) {
	if !sharedKeys[kind] {
		return nil, fmt.Errorf("no certificate %q", kind)
	}
	return os.ReadFile(s.sharedKey(kind))
}

func (s *server) issueLeaves() error {
	node, masters := s.config.Get("node-name"), []string{"system:masters"}
	names := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + s.networks.ClusterDomain, "localhost", "127.0.0.1", "::1", node, s.ip, s.config.Get("advertise-address")}
	names = append(append(names, s.networks.ServiceIPs...), s.config.List("tls-san")...)
	etcdNames := []string{"localhost", "127.0.0.1", "::1", node, s.ip}
	client := func(name string, groups ...string) pki.Leaf {
		return pki.Leaf{CommonName: name, Organizations: groups, Usage: pki.Client}
	}
	return errors.Join(
		s.serverCA.Issue(s.tls("serving-kube-apiserver"), pki.Leaf{CommonName: "kube-apiserver", Names: names, Usage: pki.Server}),
		s.clientCA.Issue(s.tls("client-admin"), client("system:admin", masters...)),
		s.clientCA.Issue(s.tls("client-supervisor"), client("system:k3s-supervisor", masters...)),
		s.clientCA.Issue(s.tls("client-controller"), client("system:kube-controller-manager")),
		s.clientCA.Issue(s.tls("client-scheduler"), client("system:kube-scheduler")),
		s.clientCA.Issue(s.tls("client-kube-apiserver"), client("system:apiserver", masters...)), // to kubelets: logs, exec
		s.requestHeaderCA.Issue(s.tls("client-auth-proxy"), client("system:auth-proxy")),
		s.etcdCA.Issue(s.tls("etcd/server-client"), pki.Leaf{CommonName: "etcd-server", Names: etcdNames, Usage: pki.Both}),
		s.etcdCA.Issue(s.tls("etcd/client"), client("etcd-client")),
		s.etcdPeerCA.Issue(s.tls("etcd/peer-server-client"), pki.Leaf{CommonName: "etcd-peer", Names: etcdNames, Usage: pki.Both}),
	)
}

// SignForNode makes the certificates that an agent asks for by the names of its files.
func (s *server) SignForNode(kind, node string, ips []string, key crypto.PublicKey) ([]byte, error) {
	switch kind {
	case "client-kubelet.crt":
		return s.clientCA.Sign(key, pki.Leaf{CommonName: "system:node:" + node, Organizations: []string{"system:nodes"}, Usage: pki.Client})
	case "serving-kubelet.crt":
		return s.serverCA.Sign(key, pki.Leaf{CommonName: node, Names: append([]string{node, "localhost", "127.0.0.1", "::1"}, ips...), Usage: pki.Server})
	case "client-kube-proxy.crt":
		return s.clientCA.Sign(key, pki.Leaf{CommonName: "system:kube-proxy", Usage: pki.Client})
	}
	return nil, fmt.Errorf("no certificate %q", kind)
}
