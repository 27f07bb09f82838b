package server

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"keel.invalid/lookalike/kubeconfig"
)

// writeFiles writes everything that k3s leaves for people and for its own parts.
func (s *server) writeFiles() error {
	err := errors.Join(s.writeTokens(), s.writeEncryptionConfig(), os.MkdirAll(s.config.Path("server", "manifests"), 0o700))
	for file, certificate := range map[string]string{"admin": "client-admin", "supervisor": "client-supervisor", "controller": "client-controller", "scheduler": "client-scheduler"} {
		err = errors.Join(err, kubeconfig.Kubeconfig{Server: apiserverURL, CA: s.tls("server-ca.crt"), Certificate: s.tls(certificate)}.Write(s.credential(file+".kubeconfig"), 0o600))
	}
	return errors.Join(err, s.writeAdminKubeconfig())
}

// writeAdminKubeconfig: /etc/rancher/k3s/k3s.yaml, 0600 unless write-kubeconfig-mode says otherwise.
func (s *server) writeAdminKubeconfig() error {
	path := s.config.Get("write-kubeconfig")
	if path == "" {
		path = "/etc/rancher/k3s/k3s.yaml"
	}
	mode := os.FileMode(0o600)
	if m := s.config.Get("write-kubeconfig-mode"); m != "" {
		bits, err := strconv.ParseUint(m, 8, 32)
		if err != nil {
			return fmt.Errorf("write-kubeconfig-mode %q: %w", m, err)
		}
		mode = os.FileMode(bits)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // others may look; the file's mode decides
		return err
	}
	admin := kubeconfig.Kubeconfig{Server: "https://127.0.0.1:6443", CA: s.tls("server-ca.crt"), Certificate: s.tls("client-admin"), Embedded: true}
	if err := admin.Write(path, mode); err != nil {
		return err
	}
	return giveToGroup(path, s.config.Get("write-kubeconfig-group"))
}

func giveToGroup(path, group string) error {
	if group == "" {
		return nil
	}
	id, err := strconv.Atoi(group)
	if err != nil {
		found, err := user.LookupGroup(group)
		if err != nil {
			return fmt.Errorf("write-kubeconfig-group: %w", err)
		}
		if id, err = strconv.Atoi(found.Gid); err != nil {
			return err
		}
	}
	return os.Chown(path, -1, id)
}
