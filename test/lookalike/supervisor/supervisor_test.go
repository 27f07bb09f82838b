package supervisor

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keel.invalid/lookalike/bootstrap"
	"keel.invalid/lookalike/datastore"
	"keel.invalid/lookalike/nodepassword"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/pki"
	"keel.invalid/lookalike/snapshots"
)

// cluster is a server without Kubernetes.
type cluster struct {
	ca     *pki.CA
	ready  bool
	shared []byte
}

func (c *cluster) Ready() bool { return c.ready }
func (c *cluster) Accounts() passwd.Accounts {
	return passwd.Accounts{ServerPassword: "s", NodePassword: "n"}
}
func (c *cluster) AgentConfig() any                    { return map[string]string{"ClusterDomain": "d"} }
func (c *cluster) APIServers(context.Context) []string { return []string{"10.0.0.1:6443"} }
func (c *cluster) ClientCA() []byte                    { return c.ca.PEM }
func (c *cluster) BootstrapFiles() (bootstrap.Files, error) {
	return bootstrap.Files{"ServerCAKey": {Content: []byte("key")}}, nil
}
func (c *cluster) Members(context.Context) ([]datastore.Member, error) {
	return []datastore.Member{{Name: "a-01234567"}}, nil
}
func (c *cluster) RotateToken(_ context.Context, password string) error {
	if password != "next" {
		return errors.New("the reason, for the log only")
	}
	return nil
}
func (c *cluster) Snapshots(_ context.Context, r snapshots.Request) (snapshots.Answer, error) {
	return snapshots.Answer{Created: r.Names}, nil
}
func (c *cluster) CheckNodePassword(_ context.Context, _, password string) error {
	if password != "right" {
		return nodepassword.ErrRejected
	}
	return nil
}
func (c *cluster) NodeExists(_ context.Context, node string) (bool, error) {
	return node != "gone", nil
}
func (c *cluster) SharedKey(string) ([]byte, error) { return c.shared, nil }
func (c *cluster) SignForNode(_, node string, ips []string, key crypto.PublicKey) ([]byte, error) {
	return c.ca.Sign(key, pki.Leaf{CommonName: "system:node:" + node, Names: ips, Usage: pki.Client})
}

// start serves a supervisor in front of a kube-apiserver that says whom it was told about.
func start(t *testing.T) (*cluster, *httptest.Server, func(leaf pki.Leaf) *tls.Certificate) {
	dir := t.TempDir()
	ca, err := pki.LoadOrMakeCA(filepath.Join(dir, "ca"), "ca")
	if err != nil {
		t.Fatal(err)
	}
	leaf := func(l pki.Leaf) *tls.Certificate {
		base := filepath.Join(dir, "leaf")
		if err := ca.Issue(base, l); err != nil {
			t.Fatal(err)
		}
		pair, err := tls.LoadX509KeyPair(base+".crt", base+".key")
		if err != nil {
			t.Fatal(err)
		}
		return &pair
	}
	behind := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vouched := len(r.TLS.PeerCertificates) > 0
		_, _ = io.WriteString(w, strings.Join([]string{r.Header.Get("X-Remote-User"), strings.Join(r.Header["X-Remote-Group"], "+"), r.Header.Get("Authorization"), map[bool]string{true: "vouched"}[vouched]}, "|"))
	}))
	behind.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, Certificates: []tls.Certificate{*leaf(pki.Leaf{Names: []string{"127.0.0.1"}, Usage: pki.Server})}}
	behind.StartTLS()
	t.Cleanup(behind.Close)
	shared := filepath.Join(dir, "shared.key")
	if _, err := pki.EnsureKey(shared); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(shared)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{ca, true, content}
	s, err := New(c, ca.PEM, ca.Pool(), Backend{behind.URL, ca.Pool(), *leaf(pki.Leaf{CommonName: "system:auth-proxy", Usage: pki.Client})})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(s)
	front.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, Certificates: []tls.Certificate{*leaf(pki.Leaf{Names: []string{"127.0.0.1"}, Usage: pki.Server})}}
	front.StartTLS()
	t.Cleanup(front.Close)
	return c, front, leaf
}

func ask(t *testing.T, front *httptest.Server, own *tls.Certificate, method, path, body string, change func(*http.Request)) (int, string) {
	t.Helper()
	trust := &tls.Config{InsecureSkipVerify: true}
	if own != nil {
		trust.Certificates = []tls.Certificate{*own}
	}
	request, err := http.NewRequest(method, front.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(request)
	}
	response, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: trust}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(content)
}

func basic(user, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func TestTheSupervisorsOwnAnswers(t *testing.T) {
	c, front, leaf := start(t)
	kubelet := leaf(pki.Leaf{CommonName: "system:node:a", Organizations: []string{"system:nodes"}, Usage: pki.Client})
	admin := leaf(pki.Leaf{CommonName: "system:admin", Organizations: []string{"system:masters"}, Usage: pki.Client})
	for _, x := range []struct {
		promise string
		own     *tls.Certificate
		path    string
		change  func(*http.Request)
		code    int
		body    string
	}{
		{"anybody's ping", nil, "/ping", nil, 200, "pong"},
		{"the CA byte for byte", nil, "/cacerts", nil, 200, string(c.ca.PEM)},
		{"nobody", nil, "/v1-k3s/config", nil, 403, "forbidden"},
		{"the admin is nobody here", admin, "/v1-k3s/config", nil, 403, "forbidden"},
		{"an agent by password", nil, "/v1-k3s/config", basic("node", "n"), 200, `"ClusterDomain":"d"`},
		{"an agent by certificate", kubelet, "/v1-k3s/apiservers", nil, 200, "10.0.0.1:6443"},
		{"a joined agent with an old token", kubelet, "/v1-k3s/readyz", basic("node", "old"), 200, "ok"},
		{"an agent does not get the CA keys", kubelet, "/v1-k3s/server-bootstrap", nil, 403, "forbidden"},
		{"a wrong password", nil, "/v1-k3s/config", basic("node", "s"), 401, "not authorized"},
		{"a server gets the CA keys", nil, "/v1-k3s/server-bootstrap", basic("server", "s"), 200, "ServerCAKey"},
		{"a server is no agent", nil, "/v1-k3s/config", basic("server", "s"), 403, "forbidden"},
	} {
		code, body := ask(t, front, x.own, "GET", x.path, "", x.change)
		if code != x.code || !strings.Contains(body, x.body) {
			t.Errorf("%s: %d %s", x.promise, code, body)
		}
	}
	c.ready = false
	if code, _ := ask(t, front, nil, "GET", "/v1-k3s/readyz", "", basic("node", "n")); code != 503 {
		t.Errorf("before kube-apiserver is ready: %d", code)
	}
}

func TestOperationsOfServers(t *testing.T) {
	_, front, _ := start(t)
	for _, x := range []struct {
		promise, method, path, body string
		code                        int
		answer                      string
	}{
		{"the members of etcd", "GET", "/db/info", "", 200, "a-01234567"},
		{"a rotation", "PUT", "/v1-k3s/token", `{"newToken":"next"}`, 200, ""},
		{"a rotation that fails names no reason", "PUT", "/v1-k3s/token", `{"newToken":"no"}`, 500, "token error ID "},
		{"a rotation is no GET", "GET", "/v1-k3s/token", "", 405, "method not allowed"},
		{"a snapshot", "POST", "/db/snapshot", `{"operation":"save","name":["x"]}`, 200, `"created":["x"]`},
		{"no request for a snapshot", "POST", "/db/snapshot", "x", 400, "invalid character"},
	} {
		code, body := ask(t, front, nil, x.method, x.path, x.body, basic("server", "s"))
		if code != x.code || !strings.Contains(body, x.answer) || strings.Contains(body, "the reason") {
			t.Errorf("%s: %d %s", x.promise, code, body)
		}
	}
}

func TestSigning(t *testing.T) {
	_, front, leaf := start(t)
	key, _ := pki.EnsureKey(filepath.Join(t.TempDir(), "k"))
	request, _ := pki.Request(key)
	damaged := append(bytes.Clone(request[:len(request)-1]), request[len(request)-1]^1)
	own := func(node string) *tls.Certificate {
		return leaf(pki.Leaf{CommonName: "system:node:" + node, Usage: pki.Client})
	}
	for _, x := range []struct {
		promise, node, password, body string
		own                           *tls.Certificate
		code                          int
		answer                        string
	}{
		{"a node", "a", "right", string(request), nil, 200, "BEGIN CERTIFICATE"},
		{"a rebuilt host with a known name", "a", "another", string(request), nil, 403, "Node password rejected"},
		{"no node password", "a", "", string(request), nil, 400, "node password not set"},
		{"no name", "", "right", string(request), nil, 400, "node name not set"},
		{"a request that somebody changed", "a", "right", string(damaged), nil, 400, ""},
		{"a renewal", "a", "right", string(request), own("a"), 200, "BEGIN CERTIFICATE"},
		{"another node's certificate", "a", "right", string(request), own("b"), 400, ""},
		{"a renewal of a node that was deleted", "gone", "right", string(request), own("gone"), 401, "not authorized"},
		{"the same by the token", "gone", "right", string(request), nil, 200, "BEGIN CERTIFICATE"},
	} {
		code, body := ask(t, front, x.own, "POST", "/v1-k3s/client-kubelet.crt", x.body, func(r *http.Request) {
			r.Header.Set(HeaderNode, x.node)
			r.Header.Set(HeaderPassword, x.password)
			if x.own == nil {
				r.SetBasicAuth("node", "n")
			}
		})
		if code != x.code || !strings.Contains(body, x.answer) || strings.Contains(body, "PRIVATE KEY") {
			t.Errorf("%s: %d %s", x.promise, code, body)
		}
	}
}

func TestNamesOfNodesAreLowerCase(t *testing.T) {
	_, front, _ := start(t)
	key, _ := pki.EnsureKey(filepath.Join(t.TempDir(), "k"))
	request, _ := pki.Request(key)
	_, body := ask(t, front, nil, "POST", "/v1-k3s/client-kubelet.crt", string(request), func(r *http.Request) {
		r.Header.Set(HeaderNode, "MAIA")
		r.Header.Set(HeaderPassword, "right")
		r.SetBasicAuth("node", "n")
	})
	leaf, err := pki.ParseCertificate([]byte(body))
	if err != nil || leaf.Subject.CommonName != "system:node:maia" {
		t.Errorf("%v %s", err, body)
	}
}

// k3s's trap: whoever sends no DER gets a private key that all such callers have.
func TestWithoutARequestACallerGetsASharedKey(t *testing.T) {
	c, front, _ := start(t)
	key, _ := pki.EnsureKey(filepath.Join(t.TempDir(), "k"))
	request, _ := pki.Request(key)
	shared, _ := pki.ParseKey(c.shared)
	for _, x := range []struct{ promise, method, body string }{
		{"PEM", "POST", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}))},
		{"rubbish", "POST", "x"},
		{"GET", "GET", ""},
	} {
		code, body := ask(t, front, nil, x.method, "/v1-k3s/serving-kubelet.crt", x.body, func(r *http.Request) {
			r.Header.Set(HeaderNode, "a")
			r.Header.Set(HeaderPassword, "right")
			r.SetBasicAuth("node", "n")
		})
		leaf, err := pki.ParseCertificate([]byte(body))
		if code != 200 || err != nil || !strings.HasSuffix(body, string(c.shared)) || !shared.Public().(*ecdsa.PublicKey).Equal(leaf.PublicKey) {
			t.Errorf("%s: %d %v %s", x.promise, code, err, body)
		}
	}
}

func TestNobodyNamesHimselfToKubeApiserver(t *testing.T) {
	_, front, leaf := start(t)
	admin := leaf(pki.Leaf{CommonName: "system:admin", Organizations: []string{"g1", "g2"}, Usage: pki.Client})
	spoof := func(r *http.Request) {
		r.Header.Set("X-Remote-User", "evil")
		r.Header.Set("X-Remote-Group", "system:masters")
		r.Header.Set("X-Remote-Extra-A", "b")
	}
	for _, x := range []struct {
		promise string
		own     *tls.Certificate
		change  func(*http.Request)
		want    string
	}{
		{"a certificate's name and groups, vouched for", admin, nil, "system:admin|g1+g2||vouched"},
		{"a spoofed name beside a certificate", admin, spoof, "system:admin|g1+g2||vouched"},
		{"a spoofed name alone", nil, spoof, "|||"},
		{"a bearer token is kube-apiserver's to judge", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, "||Bearer x|"},
		{"a supervisor's password is not", nil, basic("server", "s"), "|||"},
	} {
		if _, body := ask(t, front, x.own, "GET", "/api", "", x.change); body != x.want {
			t.Errorf("%s: %s", x.promise, body)
		}
	}
}
