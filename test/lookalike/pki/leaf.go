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
	"net"
	"time"

	"keel.invalid/lookalike/atomicfile"
)

// Leaf says what a certificate is for.
type Leaf struct {
	CommonName    string
	Organizations []string // Kubernetes reads them as groups
	Names         []string // DNS names and IP addresses
	Usage         []x509.ExtKeyUsage
}

// Client and Server are the two kinds of leaves; etcd's are both.
var (
	Client = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	Server = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	Both   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
)

// Sign makes a certificate of one year for a public key; the CA's own certificates follow it, because whoever trusts only
// the root of a chain needs them.
func (ca *CA) Sign(public crypto.PublicKey, l Leaf) ([]byte, error) {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: l.CommonName, Organization: l.Organizations},
		NotBefore: now.Add(-time.Minute), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: l.Usage,
	}
	for _, name := range l.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if name != "" {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Certificate, public, ca.Key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), ca.PEM...), nil
}

// Issue writes base.crt and base.key, new at every start: nothing expires while a server is restarted once a year.
func (ca *CA) Issue(base string, l Leaf) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate, err := ca.Sign(key.Public(), l)
	if err != nil {
		return err
	}
	return errors.Join(writeKey(base+".key", key), atomicfile.Write(base+".crt", certificate, 0o644))
}
