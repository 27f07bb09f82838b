package join

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"keel.invalid/lookalike/pki"
	"keel.invalid/lookalike/token"
)

// serve plays a server: /cacerts, and one path behind `node:pw`.
func serve(t *testing.T) (url string, ca []byte) {
	var certificate []byte
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/cacerts":
			_, _ = w.Write(certificate)
		case user != "node" || password != "pw":
			http.Error(w, "not authorized", http.StatusUnauthorized)
		case r.URL.Path == "/v1-k3s/forbidden":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"kind":"Status","message":"forbidden"}`))
		case r.URL.Path == "/v1-k3s/rejected":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"kind":"Status","message":"Node password rejected"}`))
		default:
			_, _ = w.Write([]byte(`{"A":"` + r.Method + r.Header.Get("X") + `"}`))
		}
	}))
	t.Cleanup(server.Close)
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server.URL, certificate
}

func TestConnectTrustsOnlyTheHashOfTheToken(t *testing.T) {
	url, ca := serve(t)
	for _, c := range []struct{ promise, token, want string }{
		{"the right hash", token.Full(ca, "node", "pw"), ""},
		{"the token's user does not count", token.Full(ca, "server", "pw"), ""},
		{"the short form joins unpinned", "pw", ""},
		{"another CA", "K10" + strings.Repeat("0", 64) + "::node:pw", "token CA hash does not match the Cluster CA certificate hash: 000"},
		{"a short hash", "K10abc::node:pw", "invalid token CA hash length"},
		{"no token", "", "token is required"},
	} {
		_, err := Connect(context.Background(), url, c.token, Caller{User: "node"})
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.promise, err)
		}
	}
	if _, err := Connect(context.Background(), "https://127.0.0.1:1", "pw", Caller{User: "node"}); err == nil || !strings.HasPrefix(err.Error(), "failed to get CA certs: ") {
		t.Errorf("a server that is down: %v", err)
	}
}

func TestACAOnDiskPinsEvenAShortToken(t *testing.T) {
	url, ca := serve(t)
	if _, err := Connect(context.Background(), url, "pw", Caller{User: "server", CA: ca}); err != nil {
		t.Errorf("its own CA: %v", err)
	}
	other, err := pki.LoadOrMakeCA(filepath.Join(t.TempDir(), "ca"), "other")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Connect(context.Background(), url, "pw", Caller{User: "server", CA: other.PEM}); err == nil || !strings.Contains(err.Error(), "failed to get CA certs") {
		t.Errorf("another CA: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	url, ca := serve(t)
	connect := func(password string) *Client {
		c, err := Connect(context.Background(), url, token.Full(ca, "node", password), Caller{User: "node"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var answer struct{ A string }
	if err := connect("pw").GetJSON(context.Background(), "/v1-k3s/config", &answer); err != nil || answer.A != "GET" {
		t.Errorf("%+v %v", answer, err)
	}
	if got, err := connect("pw").Post(context.Background(), "/v1-k3s/x", map[string]string{"X": "h"}, nil); err != nil || string(got) != `{"A":"POSTh"}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := connect("wrong").Get(context.Background(), "/v1-k3s/config"); !errors.Is(err, ErrNotAuthorized) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := connect("pw").Get(context.Background(), "/v1-k3s/forbidden"); !errors.Is(err, ErrNotAuthorized) {
		t.Errorf("a role that may not: %v", err)
	}
	if _, err := connect("pw").Get(context.Background(), "/v1-k3s/rejected"); err == nil || !strings.Contains(err.Error(), "Node password rejected") {
		t.Errorf("a refusal with a reason: %v", err)
	}
}
