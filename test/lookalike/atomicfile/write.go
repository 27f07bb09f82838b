// Package atomicfile writes the files whose modes and completeness others rely on.
package atomicfile

import (
	"os"
	"path/filepath"
)

// Write replaces a file in one step: after a crash the old or the new one is there. Directories that it makes are 0700.
func Write(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".tmp"
	_ = os.Remove(tmp) // a left-over would keep its own mode
	if err := os.WriteFile(tmp, content, mode); err != nil {
		return err
	}
	if err := os.Chmod(tmp, mode); err != nil { // the umask must not decide
		return err
	}
	return os.Rename(tmp, path)
}
