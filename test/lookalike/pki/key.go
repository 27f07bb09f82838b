package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"keel.invalid/lookalike/atomicfile"
)

// ParseCertificate reads the first certificate of a PEM file.
func ParseCertificate(content []byte) (*x509.Certificate, error) {
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			return nil, errors.New("no PEM certificate")
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
}

// ParseKey reads the first private key of a PEM file, in any of the three forms that openssl writes.
func ParseKey(content []byte) (crypto.Signer, error) {
	for { // `openssl ecparam -genkey` writes an EC PARAMETERS block first
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			return nil, errors.New("no PEM private key")
		}
		if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return key, nil
		}
		if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return key, nil
		}
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if signer, ok := key.(crypto.Signer); ok {
				return signer, nil
			}
		}
	}
}

// EnsureKey reads a node's own key, or makes it; it never leaves the host.
func EnsureKey(path string) (crypto.Signer, error) {
	if content, err := os.ReadFile(path); err == nil {
		return ParseKey(content)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return key, writeKey(path, key)
}

// EnsureServiceKey makes the key that signs service account tokens; RSA, as kube-apiserver's clients expect RS256.
func EnsureServiceKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writeKey(path, key)
}

func writeKey(path string, key crypto.Signer) error {
	block := &pem.Block{}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		block.Type, block.Bytes = "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(k)
		if err != nil {
			return err
		}
		block.Type, block.Bytes = "EC PRIVATE KEY", der
	default:
		return fmt.Errorf("%s: unknown kind of key %T", path, key)
	}
	return atomicfile.Write(path, pem.EncodeToMemory(block), 0o600)
}
