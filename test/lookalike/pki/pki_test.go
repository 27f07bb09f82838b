package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestACAPlacedBeforehandIsKept(t *testing.T) {
	base := filepath.Join(t.TempDir(), "tls", "server-ca")
	first, err := LoadOrMakeCA(base, "k3s-server-ca")
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadOrMakeCA(base, "k3s-server-ca")
	if err != nil || !bytes.Equal(first.PEM, second.PEM) {
		t.Errorf("the second start has another CA (%v)", err)
	}
	for file, mode := range map[string]os.FileMode{base + ".key": 0o600, base + ".crt": 0o644, filepath.Dir(base): 0o700} {
		if s, err := os.Stat(file); err != nil || s.Mode().Perm() != mode {
			t.Errorf("%s: %v, not %o", file, s.Mode().Perm(), mode)
		}
	}
}

func TestACAWithoutItsKeyIsOverwritten(t *testing.T) {
	base := filepath.Join(t.TempDir(), "server-ca")
	first, _ := LoadOrMakeCA(base, "k3s-server-ca")
	if err := os.Remove(base + ".key"); err != nil {
		t.Fatal(err)
	}
	second, err := LoadOrMakeCA(base, "k3s-server-ca")
	if err != nil || bytes.Equal(first.PEM, second.PEM) {
		t.Errorf("k3s's trap is gone: the certificate survived without its key (%v)", err)
	}
}

func TestForeignKeysAndRubbishAreRefused(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if _, err := LoadOrMakeCA(a, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrMakeCA(b, "b"); err != nil {
		t.Fatal(err)
	}
	key, _ := os.ReadFile(b + ".key")
	for _, c := range []struct {
		promise, file string
		content       []byte
	}{{"another CA's key", a + ".key", key}, {"a key that is none", a + ".key", []byte("x")}, {"a certificate that is none", a + ".crt", []byte("x")}} {
		if err := os.WriteFile(c.file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrMakeCA(a, "a"); err == nil {
			t.Errorf("%s was accepted", c.promise)
		}
	}
}

func TestSignedByRequest(t *testing.T) {
	dir := t.TempDir()
	ca, _ := LoadOrMakeCA(filepath.Join(dir, "ca"), "ca")
	key, err := EnsureKey(filepath.Join(dir, "node.key"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := Request(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := RequestedKey(request)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ca.Sign(public, Leaf{"maia", []string{"g"}, []string{"maia", "10.0.0.1", "::1"}, Server})
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := ParseCertificate(signed)
	for _, name := range []string{"maia", "10.0.0.1", "::1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: Client}); err == nil {
		t.Error("a server's certificate passes for a client's")
	}
	request[len(request)-1] ^= 1
	if _, err := RequestedKey(request); err == nil || errors.Is(err, ErrNoRequest) {
		t.Errorf("a damaged request: %v", err)
	}
	for _, none := range [][]byte{nil, []byte("x"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})} {
		if _, err := RequestedKey(none); !errors.Is(err, ErrNoRequest) {
			t.Errorf("%q: %v", none, err)
		}
	}
}
