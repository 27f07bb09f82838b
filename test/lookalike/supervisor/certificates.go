package supervisor

import (
	"crypto"
	"errors"
	"io"
	"net/http"
	"strings"

	"keel.invalid/lookalike/nodepassword"
	"keel.invalid/lookalike/pki"
)

// Headers of a node that wants its keys signed; k3s's own names.
const (
	HeaderNode     = "K3s-Node-Name"
	HeaderPassword = "K3s-Node-Password"
	HeaderIP       = "K3s-Node-Ip"
)

// sign answers a certificate request of a node, as measured on a real k3s: POST with PKCS#10 in DER. What is none, PEM or a GET too,
// gets a certificate for a key of this server's, and that key. Kubelet's serving certificate is signed here and by the cluster's own
// CA, not by a CertificateSigningRequest: so kube-apiserver trusts it for logs and exec at once.
func (s *Supervisor) sign(w http.ResponseWriter, r *http.Request, kind, callersNode string) {
	node, password := strings.ToLower(r.Header.Get(HeaderNode)), r.Header.Get(HeaderPassword)
	if node == "" {
		refuse(w, http.StatusBadRequest, "node name not set")
		return
	}
	if password == "" {
		refuse(w, http.StatusBadRequest, "node password not set")
		return
	}
	if callersNode != "" && callersNode != node { // a node's certificate is good for that node
		refuse(w, http.StatusBadRequest, "node name does not match the certificate")
		return
	}
	if !s.cluster.Ready() { // Nodes and their passwords are in the API
		refuse(w, http.StatusServiceUnavailable, "apiserver not ready")
		return
	}
	if callersNode != "" { // a renewal; a node that was deleted joins by the token
		exists, err := s.cluster.NodeExists(r.Context(), node)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err.Error())
			return
		}
		if !exists {
			refuse(w, http.StatusUnauthorized, "not authorized")
			return
		}
	}
	err := s.cluster.CheckNodePassword(r.Context(), node, password)
	if errors.Is(err, nodepassword.ErrRejected) {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	key, shared, err := s.keyToSign(kind, content)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	certificate, err := s.cluster.SignForNode(kind, node, strings.Split(r.Header.Get(HeaderIP), ","), key)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	writePlain(w, append(certificate, shared...))
}

// keyToSign is the request's key, or a shared one, and then its private half for the answer.
func (s *Supervisor) keyToSign(kind string, content []byte) (crypto.PublicKey, []byte, error) {
	key, err := pki.RequestedKey(content)
	if !errors.Is(err, pki.ErrNoRequest) {
		return key, nil, err
	}
	shared, err := s.cluster.SharedKey(kind)
	if err != nil {
		return nil, nil, err
	}
	private, err := pki.ParseKey(shared)
	if err != nil {
		return nil, nil, err
	}
	return private.Public(), shared, nil
}
