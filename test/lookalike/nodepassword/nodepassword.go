// Package nodepassword keeps a node's name for the host that had it first: the host sends a password that it made once, and
// the cluster remembers a hash of it in a secret. A rebuilt host with a known name is refused until the Node is deleted.
package nodepassword

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"keel.invalid/lookalike/atomicfile"
)

// File is where a host keeps its password, outside of the data directory: it outlives a wiped cluster.
const File = "/etc/rancher/node/password"

// Namespace of the secrets.
const Namespace = "kube-system"

// SecretName of a node's hash; deleting it has the effect that deleting the Node has.
func SecretName(node string) string { return node + ".node-password.k3s" }

// ErrRejected has k3s's own text: people search for it.
var ErrRejected = errors.New("Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag")

// Ensure reads the host's password, or makes it.
func Ensure(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		if p := strings.TrimSpace(string(b)); p != "" {
			return p, nil
		}
	} else if !os.IsNotExist(err) {
		return "", err
	}
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	p := hex.EncodeToString(raw)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // /etc/rancher is no secret
		return "", err
	}
	return p, atomicfile.Write(path, []byte(p+"\n"), 0o600)
}

// Hash of a password: `$<salt>:<sha256>`. k3s takes scrypt; for 128 random bits a plain hash is as good, and costs no 32 MB.
func Hash(node, password string) string {
	salt := make([]byte, 8)
	_, _ = rand.Read(salt)
	return hashWith(hex.EncodeToString(salt), node, password)
}

// Check compares; it returns nil or ErrRejected.
func Check(hash, node, password string) error {
	salt, _, ok := strings.Cut(strings.TrimPrefix(hash, "$"), ":")
	if !ok || subtle.ConstantTimeCompare([]byte(hashWith(salt, node, password)), []byte(hash)) != 1 {
		return ErrRejected
	}
	return nil
}

func hashWith(salt, node, password string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + node + "\x00" + password))
	return fmt.Sprintf("$%s:%s", salt, hex.EncodeToString(sum[:]))
}
