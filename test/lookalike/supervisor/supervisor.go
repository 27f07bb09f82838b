// Package supervisor is port 6443: the supervisor's own paths, and kube-apiserver behind them on one port.
package supervisor

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"keel.invalid/lookalike/access"
	"keel.invalid/lookalike/bootstrap"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/snapshots"
)

// Cluster is what the supervisor asks of the server that it belongs to.
type Cluster interface {
	Ready() bool // kube-apiserver has answered
	Accounts() passwd.Accounts
	AgentConfig() any                                                   // the answer to /v1-k3s/config
	APIServers(context.Context) []string                                // host:port of each server
	CheckNodePassword(ctx context.Context, node, password string) error // nodepassword.ErrRejected: 403
	NodeExists(ctx context.Context, node string) (bool, error)
	SharedKey(kind string) ([]byte, error)                                             // the private key of all who send no request of their own
	SignForNode(kind, node string, ips []string, key crypto.PublicKey) ([]byte, error) // a certificate of certificates.go
	ClientCA() []byte
	BootstrapFiles() (bootstrap.Files, error)            // for joining servers
	Members(context.Context) ([]datastore.Member, error) // of etcd, for joining servers
	RotateToken(ctx context.Context, password string) error
	Snapshots(context.Context, snapshots.Request) (snapshots.Answer, error)
}

// Supervisor serves 6443.
type Supervisor struct {
	cluster   Cluster
	ca        []byte // server-ca.crt, byte for byte: tokens hold its hash
	clientCAs *x509.CertPool
	apiserver *apiserver
}

// New makes the handler; listen.go serves it.
func New(cluster Cluster, ca []byte, clientCAs *x509.CertPool, behind Backend) (*Supervisor, error) {
	api, err := newAPIServer(behind)
	if err != nil {
		return nil, err
	}
	return &Supervisor{cluster, ca, clientCAs, api}, nil
}

// ServeHTTP answers as the table in package access says.
func (s *Supervisor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	certificate := s.callersCertificate(r)
	if !access.IsSupervisors(r.URL.Path) {
		s.apiserver.forward(w, r, certificate)
		return
	}
	role, node := s.role(r, certificate)
	if code := access.Decide(role, r.URL.Path); code != http.StatusOK {
		refuse(w, code, map[int]string{http.StatusUnauthorized: "not authorized", http.StatusForbidden: "forbidden"}[code])
		return
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/v1-k3s"); path {
	case "/ping":
		_, _ = io.WriteString(w, "pong")
	case "/cacerts", "/server-ca.crt":
		writePlain(w, s.ca)
	case "/client-ca.crt":
		writePlain(w, s.cluster.ClientCA())
	case "/readyz":
		if !s.cluster.Ready() {
			refuse(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		_, _ = io.WriteString(w, "ok")
	case "/config":
		writeJSON(w, s.cluster.AgentConfig())
	case "/apiservers":
		writeJSON(w, s.cluster.APIServers(r.Context()))
	case "/serving-kubelet.crt", "/client-kubelet.crt", "/client-kube-proxy.crt":
		s.sign(w, r, strings.Trim(path, "/"), node)
	case "/server-bootstrap":
		files, err := s.cluster.BootstrapFiles()
		answer(w, files, err)
	case "/db/info":
		members, err := s.cluster.Members(r.Context())
		answer(w, map[string]any{"members": members}, err)
	case "/db/snapshot":
		s.snapshot(w, r)
	case "/token":
		s.rotate(w, r)
	default:
		refuse(w, http.StatusNotFound, "not found")
	}
}

// role of a caller, and the node that its certificate names.
func (s *Supervisor) role(r *http.Request, certificate *x509.Certificate) (access.Role, string) {
	if user, password, ok := r.BasicAuth(); ok {
		switch {
		case !s.cluster.Accounts().Authenticates(user, password):
			if node := nodeOf(certificate); node != "" { // a joined agent whose token is old
				return access.Agent, node
			}
			return access.Wrong, ""
		case user == passwd.Server:
			return access.Server, ""
		}
		return access.Agent, ""
	}
	if node := nodeOf(certificate); node != "" {
		return access.Agent, node
	}
	if certificate != nil {
		return access.Other, ""
	}
	return access.Nobody, ""
}

func nodeOf(certificate *x509.Certificate) string {
	if certificate == nil {
		return ""
	}
	node, ok := strings.CutPrefix(certificate.Subject.CommonName, "system:node:")
	if !ok {
		return ""
	}
	return node
}

// callersCertificate is nil when there is none, or not one of this cluster.
func (s *Supervisor) callersCertificate(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range r.TLS.PeerCertificates[1:] {
		between.AddCert(c)
	}
	leaf := r.TLS.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: s.clientCAs, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return nil
	}
	return leaf
}

// refuse answers with a Kubernetes Status, as k3s does.
func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "message": message, "reason": strings.ReplaceAll(http.StatusText(code), " ", ""), "code": code})
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	writeJSON(w, v)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func writePlain(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(content)
}
