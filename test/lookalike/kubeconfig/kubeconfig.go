// Package kubeconfig writes the kubeconfigs where k3s has them.
package kubeconfig

import (
	"encoding/base64"
	"fmt"
	"os"

	"keel.invalid/lookalike/atomicfile"
)

// Kubeconfig of one user; Certificate is the path of the pair without .crt and .key.
type Kubeconfig struct {
	Server, CA, Certificate string
	Embedded                bool // the contents of the files instead of their names: for the one that people copy
}

// Write it; the admin's is 0600 unless the user wants otherwise.
func (k Kubeconfig) Write(path string, mode os.FileMode) error {
	var text [3]string
	for i, f := range []struct{ key, file string }{{"certificate-authority", k.CA}, {"client-certificate", k.Certificate + ".crt"}, {"client-key", k.Certificate + ".key"}} {
		text[i] = f.key + ": " + f.file
		if k.Embedded {
			content, err := os.ReadFile(f.file)
			if err != nil {
				return err
			}
			text[i] = f.key + "-data: " + base64.StdEncoding.EncodeToString(content)
		}
	}
	return atomicfile.Write(path, fmt.Appendf(nil, `apiVersion: v1
clusters:
- cluster:
    %s
    server: %s
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
users:
- name: default
  user:
    %s
    %s
`, text[0], k.Server, text[1], text[2]), mode)
}
