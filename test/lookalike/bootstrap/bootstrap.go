// Package bootstrap is what the servers of a cluster share beside etcd's data: all CAs with their keys, the passwords, the
// keys for service account tokens and for secrets at rest. A joining server gets it from /v1-k3s/server-bootstrap.
package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"keel.invalid/lookalike/atomicfile"
)

// File is one shared file, with the time of its last change: k3s compares the times when contents differ.
type File struct {
	Timestamp time.Time
	Content   []byte // base64 in JSON
}

// Files by k3s's own names.
type Files map[string]File

// Paths inside the directory `server`.
var Paths = map[string]string{
	"ServerCA": "tls/server-ca.crt", "ServerCAKey": "tls/server-ca.key",
	"ClientCA": "tls/client-ca.crt", "ClientCAKey": "tls/client-ca.key",
	"RequestHeaderCA": "tls/request-header-ca.crt", "RequestHeaderCAKey": "tls/request-header-ca.key",
	"ETCDServerCA": "tls/etcd/server-ca.crt", "ETCDServerCAKey": "tls/etcd/server-ca.key",
	"ETCDPeerCA": "tls/etcd/peer-ca.crt", "ETCDPeerCAKey": "tls/etcd/peer-ca.key",
	"ServiceKey": "tls/service.key", "PasswdFile": "cred/passwd", "EncryptionConfig": "cred/encryption-config.json",
}

// Read collects the files that there are.
func Read(serverDir string) (Files, error) {
	out := Files{}
	for name, path := range Paths {
		full := filepath.Join(serverDir, path)
		content, err := os.ReadFile(full)
		if os.IsNotExist(err) { // no encryption configuration
			continue
		}
		if err != nil {
			return nil, err
		}
		status, err := os.Stat(full)
		if err != nil {
			return nil, err
		}
		out[name] = File{status.ModTime(), content}
	}
	return out, nil
}

// Write puts the files where they belong; keys and passwords are 0600.
func (f Files) Write(serverDir string) error {
	for name, path := range Paths {
		file, ok := f[name]
		if !ok {
			continue
		}
		mode := os.FileMode(0o600)
		if strings.HasSuffix(path, ".crt") {
			mode = 0o644
		}
		full := filepath.Join(serverDir, path)
		if err := atomicfile.Write(full, file.Content, mode); err != nil {
			return err
		}
		if err := os.Chtimes(full, file.Timestamp, file.Timestamp); err != nil {
			return err
		}
	}
	return nil
}
