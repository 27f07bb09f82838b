// Package join is a joining node's side of 6443: it trusts a server because the token's hash names its CA.
package join

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/token"
)

// ErrNotAuthorized: the password, or the role that it stands for, is not right.
var ErrNotAuthorized = errors.New("not authorized")

// Client talks to one server, whose CA it has checked.
type Client struct {
	CA             []byte // server-ca.crt exactly as served
	base           string
	user, password string
	http           *http.Client
}

// Caller is who joins. The token's user does not count: who joins as an agent is `node`, who joins as a server is `server`.
type Caller struct {
	User        string
	Certificate *tls.Certificate // a node that has one shows it: it goes on when its token has been changed under it
	CA          []byte           // server-ca.crt on this disk, which pins even a short token (measured); or none
}

// Connect fetches /cacerts without trust and goes on only if the token's hash, or the CA on disk, says so; neither of them is
// a warning only (measured).
func Connect(ctx context.Context, base, full string, caller Caller) (*Client, error) {
	t, err := token.Parse(full)
	if err != nil {
		return nil, err
	}
	if t.Password == "" {
		return nil, errors.New("token is required to join a cluster")
	}
	ca, err := fetchCA(ctx, base, caller.CA)
	if err != nil {
		return nil, fmt.Errorf("failed to get CA certs: %w", err)
	}
	if t.Hash == "" && caller.CA == nil {
		logline.Warning("Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.")
	} else if hash := token.Hash(ca); t.Hash != "" && hash != t.Hash {
		return nil, fmt.Errorf("token CA hash does not match the Cluster CA certificate hash: %s != %s", t.Hash, hash)
	}
	trust := &tls.Config{RootCAs: x509.NewCertPool()}
	trust.RootCAs.AppendCertsFromPEM(ca)
	if caller.Certificate != nil {
		trust.Certificates = []tls.Certificate{*caller.Certificate}
	}
	return &Client{ca, base, caller.User, t.Password, &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{TLSClientConfig: trust}}}, nil
}

func fetchCA(ctx context.Context, base string, pinned []byte) ([]byte, error) {
	trust := &tls.Config{InsecureSkipVerify: true}
	if pinned != nil {
		trust = &tls.Config{RootCAs: x509.NewCertPool()}
		trust.RootCAs.AppendCertsFromPEM(pinned)
	}
	unauthenticated := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/cacerts", nil)
	if err != nil {
		return nil, err
	}
	response, err := unauthenticated.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	return io.ReadAll(response.Body)
}

// Get asks for a path of the supervisor.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	return c.Do(ctx, http.MethodGet, path, nil, nil)
}

// GetJSON asks for a path and reads the answer into a value.
func (c *Client) GetJSON(ctx context.Context, path string, into any) error {
	content, err := c.Get(ctx, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}

// Post sends a body with headers of its own.
func (c *Client) Post(ctx context.Context, path string, header map[string]string, body []byte) ([]byte, error) {
	return c.Do(ctx, http.MethodPost, path, header, body)
}

// Patience with one answer, 15 s otherwise.
func (c *Client) Patience(d time.Duration) { c.http.Timeout = d }

// Do sends a request as the caller; ErrNotAuthorized when his password or role is not right.
func (c *Client) Do(ctx context.Context, method, path string, header map[string]string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(c.user, c.password)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden && message(content) == "forbidden":
		return nil, ErrNotAuthorized
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s: %s", path, response.Status, message(content))
	}
	return content, nil
}

// message of an answer, which is a Kubernetes Status or plain text.
func message(content []byte) string {
	var status struct{ Message string }
	if json.Unmarshal(content, &status) == nil && status.Message != "" {
		return status.Message
	}
	return strings.TrimSpace(string(content))
}
