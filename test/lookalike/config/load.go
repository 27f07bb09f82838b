package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keel.invalid/lookalike/flags"
	"keel.invalid/lookalike/logline"
)

// Load puts the command line over the config files over the environment over the defaults, each key as a whole.
// The error is k3s's own text for an unknown flag or a value of the wrong type; k3s exits 1 on it.
func Load(command string, commandLine []string) (*Config, error) {
	known, err := flags.Of(command)
	if err != nil {
		return nil, err
	}
	typed, words, err := parseCommandLine(known, commandLine)
	if err != nil {
		return nil, err
	}
	if len(words) > 0 && command != "etcd-snapshot delete" {
		return nil, fmt.Errorf("invalid arguments: %q is no flag", words[0])
	}
	c := &Config{Command: command, values: map[string][]string{}, Words: words}
	for _, f := range known {
		if f.Default != "" && f.Default != "[]" {
			c.values[f.Name] = []string{f.Default}
		}
		for _, variable := range f.Env {
			if v := os.Getenv(variable); v != "" {
				c.values[f.Name] = []string{v}
				break
			}
		}
	}
	path := c.Get("config")
	for _, a := range typed {
		if known[a.key].Name == "config" {
			path = a.value
		}
	}
	inFiles, err := readFiles(path)
	if err != nil {
		return nil, err
	}
	if command != "agent" {
		inFiles = withoutUnknown(known, inFiles)
	}
	if err := c.take(known, inFiles); err != nil {
		return nil, err
	}
	if err := c.take(known, typed); err != nil {
		return nil, err
	}
	c.args = append(withoutOverridden(known, inFiles, typed), typed...)
	return c, c.fillIn()
}

// take sets keys from one source; within a source a repeated key is a list.
func (c *Config) take(known map[string]flags.Flag, from []argument) error {
	seen := map[string]bool{}
	for _, a := range from {
		f, ok := known[a.key]
		if !ok {
			return fmt.Errorf("flag provided but not defined: -%s", a.key)
		}
		if err := checkType(f, a); err != nil {
			return err
		}
		if !seen[f.Name] {
			c.values[f.Name] = nil
			seen[f.Name] = true
		}
		c.values[f.Name] = append(c.values[f.Name], a.value)
	}
	return nil
}

// withoutUnknown drops keys of files that are no flags, and says so: what k3s does for `server` and for `etcd-snapshot`, which reads the
// server's file. Source: k3s, pkg/configfilearg, ValidFlags of DefaultParser and stripInvalidFlags.
func withoutUnknown(known map[string]flags.Flag, inFiles []argument) []argument {
	return slices.DeleteFunc(inFiles, func(a argument) bool {
		_, ok := known[a.key]
		if !ok {
			logline.Warning("Unknown flag --%s found in config.yaml, skipping\n", a.key)
		}
		return !ok
	})
}

// withoutOverridden drops the files' values of flags that the command line has too.
func withoutOverridden(known map[string]flags.Flag, inFiles, typed []argument) []argument {
	return slices.DeleteFunc(slices.Clone(inFiles), func(a argument) bool {
		return slices.ContainsFunc(typed, func(b argument) bool { return known[a.key].Name == known[b.key].Name })
	})
}

// fillIn sets the defaults that depend on the machine.
func (c *Config) fillIn() error {
	if c.Get("data-dir") == "" {
		c.values["data-dir"] = []string{"/var/lib/rancher/k3s"}
	}
	if !filepath.IsAbs(c.Get("data-dir")) {
		return fmt.Errorf("data-dir %q is not an absolute path", c.Get("data-dir"))
	}
	if c.Get("node-name") == "" {
		host, err := os.Hostname()
		if err != nil {
			return err
		}
		c.values["node-name"] = []string{host}
	}
	c.values["node-name"] = []string{strings.ToLower(c.Get("node-name"))}
	return nil
}
