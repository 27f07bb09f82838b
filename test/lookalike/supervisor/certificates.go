package supervisor

import (
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

// sign answers a certificate request of a node. Kubelet's serving certificate is signed here and by the cluster's own CA,
// not by a CertificateSigningRequest: so kube-apiserver trusts it for logs and exec at once.
func (s *Supervisor) sign(w http.ResponseWriter, r *http.Request, kind, callersNode string) {
	node := r.Header.Get(HeaderNode)
	if node == "" || r.Method != http.MethodPost {
		refuse(w, http.StatusBadRequest, "node name not set, or no certificate request")
		return
	}
	if callersNode != "" && callersNode != node { // a node's certificate is good for that node
		refuse(w, http.StatusForbidden, "forbidden")
		return
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	key, err := pki.RequestedKey(content)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if !s.cluster.Ready() { // the node password is a secret in the API
		refuse(w, http.StatusServiceUnavailable, "apiserver not ready")
		return
	}
	err = s.cluster.CheckNodePassword(r.Context(), node, r.Header.Get(HeaderPassword))
	if errors.Is(err, nodepassword.ErrRejected) {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	certificate, err := s.cluster.SignForNode(kind, node, strings.Split(r.Header.Get(HeaderIP), ","), key)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	writePlain(w, certificate)
}
