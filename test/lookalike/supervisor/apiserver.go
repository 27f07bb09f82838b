package supervisor

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Backend is kube-apiserver on loopback, and the front-proxy certificate that it believes.
type Backend struct {
	URL        string
	CAs        *x509.CertPool
	FrontProxy tls.Certificate
}

// apiserver forwards to kube-apiserver. A client certificate ends at our TLS, so kube-apiserver learns the caller's name by
// request-header authentication (X-Remote-User, -Group), vouched for by the front-proxy certificate.
type apiserver struct {
	vouching *httputil.ReverseProxy // says who is asking
	plain    *httputil.ReverseProxy // lets kube-apiserver judge a bearer token, or refuse: it can't vouch for strangers
}

func newAPIServer(b Backend) (*apiserver, error) {
	target, err := url.Parse(b.URL)
	if err != nil {
		return nil, err
	}
	return &apiserver{
		vouching: reverseProxy(target, &tls.Config{RootCAs: b.CAs, Certificates: []tls.Certificate{b.FrontProxy}}),
		plain:    reverseProxy(target, &tls.Config{RootCAs: b.CAs}),
	}, nil
}

func (a *apiserver) forward(w http.ResponseWriter, r *http.Request, caller *x509.Certificate) {
	for name := range r.Header { // nobody names himself
		if strings.HasPrefix(name, "X-Remote-") {
			delete(r.Header, name)
		}
	}
	if caller == nil {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") { // the supervisor's passwords are none of kube-apiserver's
			r.Header.Del("Authorization")
		}
		a.plain.ServeHTTP(w, r)
		return
	}
	r.Header.Set("X-Remote-User", caller.Subject.CommonName)
	r.Header["X-Remote-Group"] = caller.Subject.Organization
	r.Header.Del("Authorization")
	a.vouching.ServeHTTP(w, r)
}

func reverseProxy(target *url.URL, trust *tls.Config) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		// HTTP/1.1 only: an HTTP/2 connection can't carry the SPDY upgrade of exec and port-forward.
		Transport: &http.Transport{
			TLSClientConfig: trust, MaxIdleConnsPerHost: 100, IdleConnTimeout: 90 * time.Second,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		},
		FlushInterval: -1, // an event of a watch must not wait in a buffer
		ErrorLog:      log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			refuse(w, http.StatusServiceUnavailable, "apiserver not ready")
		},
	}
}
