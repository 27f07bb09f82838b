package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// load writes config.yaml (and drop-ins: name, content, …) and loads it.
func load(t *testing.T, command, yaml string, dropins []string, args ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	write := func(p, content string) {
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, yaml)
	for i := 0; i < len(dropins); i += 2 {
		write(filepath.Join(path+".d", dropins[i]), dropins[i+1])
	}
	return Load(command, append([]string{"--config", path}, args...))
}

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		promise, yaml string
		dropins       []string
		args          []string
		key, want     string
	}{
		{"a default", "", nil, nil, "flannel-backend", "vxlan"},
		{"a value from the file", "flannel-backend: none", nil, nil, "flannel-backend", "none"},
		{"the command line wins", "flannel-backend: none", nil, []string{"--flannel-backend=host-gw"}, "flannel-backend", "host-gw"},
		{"an alias is its flag", "t: secret", nil, nil, "token", "secret"},
		{"a Bool on the command line needs no value", "", nil, []string{"--cluster-init"}, "cluster-init", "true"},
		{"a list", "tls-san: [a, b]", nil, nil, "tls-san", "a|b"},
		{"the command line replaces the whole list", "tls-san: [a, b]", nil, []string{"--tls-san", "c"}, "tls-san", "c"},
		{"a drop-in replaces", "tls-san: [a]", []string{"1.yaml", "tls-san: [b]"}, nil, "tls-san", "b"},
		{"key+ appends", "tls-san: [a]", []string{"1.yaml", "tls-san+: [b]"}, nil, "tls-san", "a|b"},
		{"drop-ins in the order of their names", "", []string{"2.yaml", "node-name: two", "1.yaml", "node-name: one"}, nil, "node-name", "two"},
		{"other files in the directory are not read", "", []string{"1.txt", "node-name: one"}, nil, "server", ""},
		{"an unquoted 0640 is a number", "write-kubeconfig-mode: 0640", nil, nil, "write-kubeconfig-mode", "416"},
		{"a quoted one is not", `write-kubeconfig-mode: "0640"`, nil, nil, "write-kubeconfig-mode", "0640"},
		{"yes is true", "cluster-init: yes", nil, nil, "cluster-init", "true"},
		{"node names are lower case", "node-name: Maia", nil, nil, "node-name", "maia"},
		{"an unknown key is skipped", "nonsense: 1\nnode-name: one", nil, nil, "node-name", "one"},
		{"the data directory", "", nil, nil, "data-dir", "/var/lib/rancher/k3s"},
		{"an empty file", "# nothing", nil, nil, "data-dir", "/var/lib/rancher/k3s"},
	} {
		got, err := load(t, "server", c.yaml, c.dropins, c.args...)
		if err != nil {
			t.Errorf("%s: %v", c.promise, err)
		} else if s := strings.Join(got.All(c.key), "|"); s != c.want {
			t.Errorf("%s: %s is %q, not %q", c.promise, c.key, s, c.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ promise, command, yaml, arg, want string }{
		{"an unknown key of an agent's file", "agent", "nonsense: 1", "", "flag provided but not defined: -nonsense"},
		{"an unknown flag", "server", "", "--nonsense", "flag provided but not defined: -nonsense"},
		{"a server's flag on an agent", "agent", "cluster-init: true", "", "flag provided but not defined: -cluster-init"},
		{"no Bool", "server", "cluster-init: maybe", "", "invalid value"},
		{"no number", "server", "etcd-snapshot-retention: many", "", "invalid value"},
		{"a flag without its value", "server", "", "--node-name", "needs an argument"},
		{"a word that is no flag", "server", "", "word", "is no flag"},
		{"a map as value", "server", "token: {a: b}", "", "neither a value nor a list"},
		{"a list as file", "server", "[a]", "", "not a map of flags"},
		{"a relative data directory", "server", "data-dir: x", "", "not an absolute path"},
	} {
		var args []string
		if c.arg != "" {
			args = []string{c.arg}
		}
		if _, err := load(t, c.command, c.yaml, nil, args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.promise, err)
		}
	}
}

func TestSnapshotsSkipTheServersKeys(t *testing.T) {
	c, err := load(t, "etcd-snapshot delete", "tls-san: [a]\ndata-dir: /elsewhere\netcd-snapshot-dir: /snapshots", nil, "one", "--etcd-token", "t", "two")
	if err != nil {
		t.Fatal(err)
	}
	if c.Get("data-dir") != "/elsewhere" || c.Get("dir") != "/snapshots" || strings.Join(c.Words, " ") != "one two" || c.Int("snapshot-retention") != 5 {
		t.Errorf("%+v", c)
	}
}

func TestCriticalOptions(t *testing.T) {
	critical := func(yaml string) map[string]string {
		c, err := load(t, "server", yaml, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Critical()
	}
	for yaml, want := range map[string]string{
		"tls-san: [a]": "", "disable: [traefik]": "", "cluster-cidr: 10.1.0.0/16": "cluster-cidr", "disable: [servicelb]": "disable",
		"secrets-encryption: true": "secrets-encryption", "flannel-backend: none": "flannel-backend", "cluster-dns: 10.43.0.10": "",
	} {
		if got := strings.Join(Mismatched(critical(""), critical(yaml)), " "); got != want {
			t.Errorf("%s: %q differ, not %q", yaml, got, want)
		}
	}
}

func TestEnvironmentIsUnderTheFile(t *testing.T) {
	t.Setenv("K3S_TOKEN", "from-environment")
	c, err := load(t, "agent", "", nil)
	if err != nil || c.Get("token") != "from-environment" {
		t.Fatalf("%v", err)
	}
	if c, _ = load(t, "agent", "token: from-file", nil); c.Get("token") != "from-file" {
		t.Errorf("token is %q", c.Get("token"))
	}
}

func TestSecretFromFileWithoutItsNewlines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("K10::node:pw\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := load(t, "agent", "token-file: "+path, nil)
	if got, err := c.Secret("token"); got != "K10::node:pw" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestNodeArgs(t *testing.T) {
	for _, c := range []struct {
		promise, yaml string
		args          []string
		want          string
	}{
		{"the long key is masked", "token: pw", nil, `"--token","********"`},
		{"the short key is not: k3s's trap", "t: pw", nil, `"-t=pw"`},
		{"lists come one by one", "tls-san: [a, b]", nil, `"--tls-san","a","--tls-san","b"`},
		{"what the command line overrides is gone", "node-name: a", []string{"--node-name=b"}, `"--node-name","b"`},
	} {
		cfg, err := load(t, "server", c.yaml, nil, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		got := cfg.NodeArgs()
		if !strings.HasPrefix(got, `["server",`) || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.promise, got)
		}
	}
	if got := NodeEnv([]string{"K3S_TOKEN=pw", "K3S_URL=u", "HOME=/root"}); got != `{"K3S_TOKEN":"********","K3S_URL":"u"}` {
		t.Error(got)
	}
}

func TestNetworks(t *testing.T) {
	c, _ := load(t, "server", "service-cidr: [10.96.0.0/16, 'fd00::/112']", nil)
	n, err := c.Networks()
	if err != nil || strings.Join(n.ServiceIPs, " ") != "10.96.0.1 fd00::1" || n.ClusterDNS[0] != "10.96.0.10" || n.ClusterCIDRs[0] != "10.42.0.0/16" {
		t.Errorf("%+v %v", n, err)
	}
	c, _ = load(t, "server", "service-cidr: 10.96.0.0", nil)
	if _, err := c.Networks(); err == nil {
		t.Error("no prefix length was accepted")
	}
}
