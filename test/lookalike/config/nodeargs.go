package config

import (
	"encoding/json"
	"os"
	"strings"
)

const masked = "********"

// What k3s masks. `-t` is in its list, but config.yaml's `t: …` becomes `-t=…`, one word, which is not: that token stands
// in clear in the annotation (measured).
var secretArgs = map[string]bool{"--token": true, "-t": true, "--agent-token": true, "--datastore-endpoint": true, "--etcd-s3-access-key": true, "--etcd-s3-secret-key": true}
var secretVariables = map[string]bool{"K3S_TOKEN": true, "K3S_AGENT_TOKEN": true, "K3S_DATASTORE_ENDPOINT": true, "AWS_ACCESS_KEY_ID": true, "AWS_SECRET_ACCESS_KEY": true}

// NodeArgs is the annotation k3s.io/node-args: the command line as it would be without files.
func (c *Config) NodeArgs() string {
	words := []string{c.Command}
	for _, a := range c.args {
		if len(a.key) == 1 {
			words = append(words, "-"+a.key+"="+a.value)
		} else {
			words = append(words, "--"+a.key, a.value)
		}
	}
	for i, w := range words {
		if secretArgs[w] && i+1 < len(words) {
			words[i+1] = masked
		}
	}
	b, _ := json.Marshal(words)
	return string(b)
}

// NodeEnv is the annotation k3s.io/node-env: k3s's own variables.
func NodeEnv(environment []string) string {
	out := map[string]string{}
	for _, e := range environment {
		name, value, _ := strings.Cut(e, "=")
		if secretVariables[name] {
			value = masked
		}
		if strings.HasPrefix(name, "K3S_") || secretVariables[name] {
			out[name] = value
		}
	}
	b, _ := json.Marshal(out)
	return string(b)
}

// Environment for the children: no variable of k3s, tokens above all.
func Environment() []string {
	var out []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "K3S_") && !secretVariables[name] && name != "CREDENTIALS_DIRECTORY" {
			out = append(out, e)
		}
	}
	return out
}
