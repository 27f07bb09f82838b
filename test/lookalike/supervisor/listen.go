package supervisor

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"keel.invalid/lookalike/logline"
)

// Listen serves on an address until Close. It does not wait for kube-apiserver: joining nodes ask for /cacerts first.
func (s *Supervisor) Listen(address string, certificate tls.Certificate) (*http.Server, error) {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		// Requested and judged later: a foreign certificate must not end the handshake of /ping.
		TLSConfig: &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}},
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	go func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			logline.Error("%s: %v", address, err)
		}
	}()
	return server, nil
}
