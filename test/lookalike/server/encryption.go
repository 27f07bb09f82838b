package server

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"keel.invalid/lookalike/atomicfile"
)

// writeEncryptionConfig makes server/cred/encryption-config.json once when secrets-encryption is on. All servers must share
// it: without its key the secrets in etcd can't be read.
func (s *server) writeEncryptionConfig() error {
	path := s.credential("encryption-config.json")
	if !s.config.On("secrets-encryption") {
		return nil
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	provider := s.config.Get("secrets-encryption-provider")
	if provider != "aescbc" && provider != "secretbox" {
		return fmt.Errorf("secrets-encryption-provider %q: neither aescbc nor secretbox", provider)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	type m = map[string]any
	content, err := json.Marshal(m{
		"kind": "EncryptionConfiguration", "apiVersion": "apiserver.config.k8s.io/v1",
		"resources": []m{{"resources": []string{"secrets"}, "providers": []m{
			{provider: m{"keys": []m{{"name": provider + "key", "secret": base64.StdEncoding.EncodeToString(key)}}}},
			{"identity": m{}}, // what was written before encryption was switched on
		}}},
	})
	if err != nil {
		return err
	}
	return atomicfile.Write(path, content, 0o600)
}
