// Package arguments puts a user's `kubelet-arg`, `kube-apiserver-arg` … over the defaults of a program.
package arguments

import (
	"maps"
	"slices"
	"strings"
)

// Merge as k3s does: `key=value` replaces the default and may come several times, `key+=value` appends to it with a comma,
// `key-=value` puts it in front. The result is sorted, so that a restart compares well.
func Merge(defaults map[string]string, extra []string) []string {
	values := map[string][]string{}
	for key, value := range defaults {
		values[key] = []string{value}
	}
	replaced := map[string]bool{}
	for _, argument := range extra {
		key, value, hasValue := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		if !hasValue {
			value = "true"
		}
		name := strings.TrimRight(key, "+-")
		switch {
		case strings.HasSuffix(key, "+"):
			values[name] = []string{strings.Join(append(values[name], value), ",")}
		case strings.HasSuffix(key, "-"):
			values[name] = []string{strings.Join(append([]string{value}, values[name]...), ",")}
		case replaced[name]:
			values[name] = append(values[name], value)
		default:
			values[name] = []string{value}
		}
		replaced[name] = true
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			out = append(out, "--"+name+"="+value)
		}
	}
	return out
}
