// Package config is what a user told k3s: command line, config.yaml, environment and defaults, under k3s's flag names.
package config

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Config of one command, `server` or `agent`. Keys are the flags' full names.
type Config struct {
	Command string
	values  map[string][]string
	Words   []string   // what is no flag: names of snapshots
	args    []argument // as k3s sees its own command line: the files' keys as flags, then the real ones
}

// Get returns a flag's value, the last one of a list.
func (c *Config) Get(key string) string {
	if v := c.values[key]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// All returns a repeatable flag's values as they were written: `kubelet-arg` may hold commas.
func (c *Config) All(key string) []string { return c.values[key] }

// List returns a repeatable flag's values, each split at its commas.
func (c *Config) List(key string) []string {
	var out []string
	for _, v := range c.values[key] {
		for _, part := range strings.Split(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// Int of a flag; its type has been checked.
func (c *Config) Int(key string) int {
	n, _ := strconv.ParseInt(c.Get(key), 0, 64)
	return int(n)
}

// On says whether a Bool flag is true.
func (c *Config) On(key string) bool { return isTrue(c.Get(key)) }

// Path inside the data directory.
func (c *Config) Path(parts ...string) string {
	return filepath.Join(append([]string{c.Get("data-dir")}, parts...)...)
}
