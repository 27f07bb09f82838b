package config

import (
	"strings"
	"testing"

	"keel.invalid/lookalike/flags"
)

const allOff = `
container-runtime-endpoint: /run/containerd/containerd.sock
flannel-backend: none
egress-selector-mode: disabled
disable-network-policy: true
disable-helm-controller: true
disable-cloud-controller: true
disable: [coredns, servicelb, traefik, local-storage, metrics-server]
`

func TestRefused(t *testing.T) {
	without := func(line string) string { return strings.Replace(allOff, line, "", 1) }
	for _, c := range []struct{ promise, command, yaml, want string }{
		{"everything off: a server starts", "server", allOff, ""},
		{"disable as one word with commas", "server", strings.NewReplacer("[", `"`, "]", `"`).Replace(allOff), ""},
		{"flannel", "server", without("flannel-backend: none"), "has no flannel: set `flannel-backend: none`"},
		{"egress selector", "server", without("egress-selector-mode: disabled"), "set `egress-selector-mode: disabled`"},
		{"network policy", "server", without("disable-network-policy: true"), "set `disable-network-policy: true`"},
		{"helm", "server", without("disable-helm-controller: true"), "set `disable-helm-controller: true`"},
		{"cloud controller", "server", without("disable-cloud-controller: true"), "set `disable-cloud-controller: true`"},
		{"one packaged component", "server", strings.Replace(allOff, "traefik, ", "", 1), "has no traefik: add `traefik` to `disable`"},
		{"the host's containerd", "server", without("container-runtime-endpoint: /run/containerd/containerd.sock"), "has no containerd"},
		{"no agent, no containerd", "server", "disable-agent: true" + without("container-runtime-endpoint: /run/containerd/containerd.sock"), ""},
		{"an agent needs only containerd", "agent", "container-runtime-endpoint: /run/containerd/containerd.sock", ""},
		{"an agent without it", "agent", "", "has no containerd"},
		{"an external datastore, its password unseen", "server", allOff + "datastore-endpoint: mysql://u:p@h", "`datastore-endpoint: ********`"},
		{"docker", "agent", "docker: true\ncontainer-runtime-endpoint: x", "`docker: true`"},
		{"a default written out is no request", "agent", "docker: false\ncontainer-runtime-endpoint: x", ""},
	} {
		cfg, err := load(t, c.command, c.yaml, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.promise, err)
		}
		got := strings.Join(cfg.Refused(), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q", c.promise, got)
		}
	}
}

func TestEveryFlagOfTheListsExists(t *testing.T) {
	server, _ := flags.Of("server")
	agent, _ := flags.Of("agent")
	for _, list := range []map[string]bool{supported, harmless} {
		for key := range list {
			if server[key].Name != key && agent[key].Name != key {
				t.Errorf("no flag %q", key)
			}
		}
	}
	for key := range switchedOff {
		if server[key].Name != key {
			t.Errorf("no flag %q", key)
		}
	}
}
