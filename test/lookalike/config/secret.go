package config

import (
	"fmt"
	"os"
	"strings"
	"time"

	"keel.invalid/lookalike/logline"
)

// fileWait: a missing token file is waited for (measured).
const fileWait = 4 * time.Minute

// Secret returns a token by its key (`token`, `agent-token`), from `<key>-file` if that is set. Trailing newlines do not
// count. It is never logged and never handed to a child process.
func (c *Config) Secret(key string) (string, error) {
	path := c.Get(key + "-file")
	if path == "" {
		return strings.TrimRight(c.Get(key), "\n"), nil
	}
	for deadline := time.Now().Add(fileWait); ; time.Sleep(2 * time.Second) {
		b, err := os.ReadFile(path)
		if err == nil {
			return strings.TrimRight(string(b), "\r\n"), nil
		}
		if !os.IsNotExist(err) || time.Now().After(deadline) {
			return "", fmt.Errorf("%s-file: %w", key, err)
		}
		logline.Info("Waiting for %s to be available", path)
	}
}
