// Package balancer is an agent's own way to the servers: a TCP proxy on 127.0.0.1:6444. Kubelet and kube-proxy talk to it, so
// that they survive the end of any one server; `server:` is needed only for the first contact. It sees no plain text.
package balancer

import (
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"keel.invalid/lookalike/atomicfile"
)

// Balancer forwards to the first server that can be reached.
type Balancer struct {
	file     string
	listener net.Listener
	fixed    string // the address in `server:`; the last resort, never forgotten

	mu      sync.Mutex
	servers []string // preferred first
}

// state is the file agent/etc/k3s-agent-load-balancer.json.
type state struct {
	ServerURL       string
	ServerAddresses []string
}

// Listen starts a balancer with the server of the configuration and those remembered in its file.
func Listen(address, serverURL, file string) (*Balancer, error) {
	u, err := url.Parse(serverURL)
	if err != nil {
		return nil, err
	}
	fixed := u.Host
	if u.Port() == "" {
		fixed = net.JoinHostPort(u.Hostname(), "443")
	}
	b := &Balancer{file: file, fixed: fixed}
	var before state
	if content, err := os.ReadFile(file); err == nil && json.Unmarshal(content, &before) == nil && before.ServerURL == serverURL {
		b.servers = before.ServerAddresses
	}
	if b.listener, err = net.Listen("tcp", address); err != nil {
		return nil, err
	}
	go b.accept()
	return b, nil
}

// URL of the balancer.
func (b *Balancer) URL() string { return "https://" + b.listener.Addr().String() }

// Close ends the listener; open connections go on until their ends close.
func (b *Balancer) Close() { _ = b.listener.Close() }

// Use replaces the servers by those that the cluster names now, and remembers them for the next start.
func (b *Balancer) Use(serverURL string, servers []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(servers) == 0 || slices.Equal(servers, b.servers) {
		return nil
	}
	b.servers = slices.Clone(servers)
	content, err := json.Marshal(state{serverURL, servers})
	if err != nil {
		return err
	}
	return atomicfile.Write(b.file, content, 0o600)
}

func (b *Balancer) accept() {
	for {
		client, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.forward(client)
	}
}

func (b *Balancer) forward(client net.Conn) {
	defer client.Close()
	server := b.dial()
	if server == nil {
		return
	}
	defer server.Close()
	done := make(chan struct{}, 2)
	copyAndStop := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		if half, ok := to.(*net.TCPConn); ok {
			_ = half.CloseWrite() // the other direction may still have something to say
		}
		done <- struct{}{}
	}
	go copyAndStop(server, client)
	go copyAndStop(client, server)
	<-done
	<-done
}

// dial tries all servers, the last good one first.
func (b *Balancer) dial() net.Conn {
	b.mu.Lock()
	candidates := slices.Clone(b.servers)
	b.mu.Unlock()
	if !slices.Contains(candidates, b.fixed) {
		candidates = append(candidates, b.fixed)
	}
	for i, address := range candidates {
		connection, err := net.DialTimeout("tcp", address, 3*time.Second)
		if err != nil {
			continue
		}
		if i > 0 {
			b.prefer(address)
		}
		return connection
	}
	return nil
}

func (b *Balancer) prefer(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.servers, address); i > 0 {
		b.servers = slices.Insert(slices.Delete(slices.Clone(b.servers), i, i+1), 0, address)
	}
}
