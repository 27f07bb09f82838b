// Package flags is k3s's command line as data: every flag of the real program, dumped from its own definitions.
package flags

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// The program itself has the same file at src/model/k3s/k3s-flags.json, which go:embed can't reach; a test keeps the two equal.
//
//go:embed k3s-flags.json
var file []byte

// Flag is one flag of one command. A key of config.yaml is a flag's name or one of its aliases.
type Flag struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Type    string   `json:"type"` // Bool, Int, Duration, String, StringSlice
	Env     []string `json:"env"`
	Default string   `json:"default"`
}

// Of returns the flags of a command (`server`, `agent`, `token rotate` …) by name and by alias.
func Of(command string) (map[string]Flag, error) {
	var doc struct {
		Commands map[string][]Flag `json:"commands"`
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		return nil, fmt.Errorf("k3s-flags.json: %w", err)
	}
	list, ok := doc.Commands[command]
	if !ok {
		return nil, fmt.Errorf("k3s-flags.json: no command %q", command)
	}
	byName := map[string]Flag{}
	for _, f := range list {
		f.Default = strings.Trim(f.Default, `"`)
		byName[f.Name] = f
		for _, alias := range f.Aliases {
			byName[alias] = f
		}
	}
	return byName, nil
}
