// Package access is the table of who gets which answer from the supervisor on 6443, as measured on a real k3s
// (facts "Answers on 6443"). Everything that is not the supervisor's belongs to kube-apiserver.
package access

import (
	"net/http"
	"strings"
)

// Role of a caller, by password or by client certificate.
type Role int

const (
	Nobody Role = iota
	Wrong       // a password that is not right
	Other       // a client certificate of the cluster that is no node's, the admin's included
	Agent       // `node:<agent password>`, or a node's own client certificate
	Server      // `server:<password>`
)

const prefix = "/v1-k3s/"

// For servers: all CA keys, the rotation of the token, the members of etcd, snapshots.
var forServers = map[string]bool{prefix + "server-bootstrap": true, prefix + "token": true, "/db/info": true, "/db/snapshot": true}

// IsSupervisors says whether a path is answered before kube-apiserver.
func IsSupervisors(path string) bool {
	return path == "/ping" || path == "/cacerts" || strings.HasPrefix(path, prefix) || strings.HasPrefix(path, "/db/")
}

// Decide returns 200 where the caller may go on, else the answer that he gets.
func Decide(role Role, path string) int {
	switch {
	case path == "/ping", path == "/cacerts":
		return http.StatusOK
	case role == Wrong:
		return http.StatusUnauthorized
	case forServers[path] && role == Server, !forServers[path] && role == Agent:
		return http.StatusOK
	}
	return http.StatusForbidden
}
