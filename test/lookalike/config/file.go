package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readFiles reads config.yaml and config.yaml.d/*.yaml in the order of their names. A later file's key replaces an
// earlier one's; `key+` appends to it.
func readFiles(path string) ([]argument, error) {
	if path == "" { // a command without --config
		return nil, nil
	}
	paths := []string{path}
	for _, pattern := range []string{"/*.yaml", "/*.yml"} {
		more, err := filepath.Glob(path + ".d" + pattern)
		if err != nil {
			return nil, err
		}
		paths = append(paths, more...)
	}
	slices.Sort(paths[1:])
	var out []argument
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if out, err = addFile(out, b); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
	}
	return out, nil
}

func addFile(sofar []argument, content []byte) ([]argument, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" { // an empty file
		return sofar, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: not a map of flags", root.Line)
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, appends := strings.CutSuffix(root.Content[i].Value, "+")
		if !appends {
			sofar = slices.DeleteFunc(sofar, func(a argument) bool { return a.key == key })
		}
		values, err := valuesOf(root.Content[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		for _, v := range values {
			sofar = append(sofar, argument{key, v})
		}
	}
	return sofar, nil
}

func valuesOf(n *yaml.Node) ([]string, error) {
	if n.Kind != yaml.SequenceNode {
		v, err := scalar(n)
		return []string{v}, err
	}
	out := []string{}
	for _, item := range n.Content {
		v, err := scalar(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// scalar goes through YAML's types, as k3s does: an unquoted 0640 is the number 416, `yes` is true.
func scalar(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("line %d: neither a value nor a list of values", n.Line)
	}
	if n.Tag == "!!null" {
		return "", nil
	}
	if n.Tag == "!!str" && n.Style == 0 {
		switch strings.ToLower(n.Value) { // YAML 1.1, which k3s reads
		case "yes", "on":
			return "true", nil
		case "no", "off":
			return "false", nil
		}
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return "", err
	}
	return fmt.Sprint(v), nil
}
