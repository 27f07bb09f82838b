package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
)

// Request is what an agent sends to have its key signed, as DER. It carries the key and the proof that the sender has it; names
// and groups are the server's to decide.
func Request(key crypto.Signer) ([]byte, error) {
	return x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
}

// ErrNoRequest: the content is no PKCS#10 in DER; PEM is none either.
var ErrNoRequest = errors.New("no certificate request")

// RequestedKey checks a request and returns its key, or ErrNoRequest.
func RequestedKey(content []byte) (crypto.PublicKey, error) {
	request, err := x509.ParseCertificateRequest(content)
	if err != nil {
		return nil, ErrNoRequest
	}
	return request.PublicKey, request.CheckSignature()
}
