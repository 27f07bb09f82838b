// Package pki makes and reads the cluster's certificate authorities and the certificates that they sign.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"time"

	"keel.invalid/lookalike/atomicfile"
)

// CA is an authority with its key. PEM is the file as it is, which may be a chain with the issuer first.
type CA struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	PEM         []byte
}

// LoadOrMakeCA reads base.crt and base.key, or makes both. A certificate placed beforehand is kept when its key is there
// too; without its key it is OVERWRITTEN by a new one, silently: measured on k3s, and a trap worth keeping.
func LoadOrMakeCA(base, commonName string) (*CA, error) {
	certificatePEM, certErr := os.ReadFile(base + ".crt")
	keyPEM, keyErr := os.ReadFile(base + ".key")
	if certErr != nil || keyErr != nil {
		return makeCA(base, commonName)
	}
	certificate, err := ParseCertificate(certificatePEM)
	if err != nil {
		return nil, fmt.Errorf("%s.crt: %w", base, err)
	}
	key, err := ParseKey(keyPEM)
	if err != nil {
		return nil, fmt.Errorf("%s.key: %w", base, err)
	}
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(certificate.PublicKey) {
		return nil, fmt.Errorf("%s.key is not the key of %s.crt", base, base)
	}
	return &CA{certificate, key, certificatePEM}, nil
}

func makeCA(base, commonName string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: fmt.Sprintf("%s@%d", commonName, now.Unix())},
		NotBefore: now.Add(-time.Minute), NotAfter: now.AddDate(10, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	ca := &CA{certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	return ca, errors.Join(writeKey(base+".key", key), atomicfile.Write(base+".crt", ca.PEM, 0o644))
}

// Pool of the CA's file, for verifying what it signed.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.PEM)
	return pool
}

func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	return n
}
