package balancer

import (
	"bufio"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// named starts a server that says its name to whoever connects.
func named(t *testing.T, name string) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(name + "\n"))
			c.Close()
		}
	}()
	return l
}

func whoAnswers(t *testing.T, b *Balancer) string {
	c, err := net.Dial("tcp", strings.TrimPrefix(b.URL(), "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	line, _ := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestTheBalancerOutlivesServers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "etc", "lb.json")
	first, second := named(t, "first"), named(t, "second")
	url := "https://" + first.Addr().String()
	b, err := Listen("127.0.0.1:0", url, file)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := whoAnswers(t, b); got != "first" {
		t.Errorf("before anything is known: %q", got)
	}
	if err := b.Use(url, []string{first.Addr().String(), second.Addr().String()}); err != nil {
		t.Fatal(err)
	}
	first.Close()
	if got := whoAnswers(t, b); got != "second" {
		t.Errorf("after the first is gone: %q", got)
	}
	again, err := Listen("127.0.0.1:0", url, file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := whoAnswers(t, again); got != "second" {
		t.Errorf("a restarted agent, its configured server gone: %q", got)
	}
	other, _ := Listen("127.0.0.1:0", "https://127.0.0.1:1", file)
	defer other.Close()
	if got := whoAnswers(t, other); got != "" {
		t.Errorf("a host moved to another cluster still asks the old one: %q", got)
	}
}
