// Package token reads and writes k3s's tokens: `K10<hash>::<user>:<password>`, or the password alone.
package token

import (
	"errors"
	"regexp"
	"strings"
)

// Token in parts; Hash and User are empty in the short form.
type Token struct{ Hash, User, Password string }

// Errors have k3s's own texts.
var (
	ErrFormat     = errors.New("invalid token format")
	ErrHashLength = errors.New("invalid token CA hash length")
)

// Parse never refuses a string that is not of the full form: it is a password as a whole. That is how `K3S10::server:pw`
// becomes a password (measured).
func Parse(s string) (Token, error) {
	rest, ok := strings.CutPrefix(s, "K10")
	if !ok {
		return Token{Password: s}, nil
	}
	hash, credentials, ok := strings.Cut(rest, "::")
	if !ok {
		return Token{}, ErrFormat
	}
	if hash != "" && len(hash) != 64 { // hex of a SHA-256; `K10::user:pw` has no hash and pins nothing
		return Token{}, ErrHashLength
	}
	user, password, ok := strings.Cut(credentials, ":")
	if !ok || password == "" {
		return Token{}, ErrFormat
	}
	return Token{hash, user, password}, nil
}

// Password is what a server makes of its own `token` (user `server`) or `agent-token` (user `node`): only the full form
// of the right user is reduced to its password, any other string is the password (measured).
func Password(s, user string) string {
	if t, err := Parse(s); err == nil && t.User == user {
		return t.Password
	}
	return s
}

// Full is the form that pins the CA.
func Full(caPEM []byte, user, password string) string {
	return "K10" + Hash(caPEM) + "::" + user + ":" + password
}

var bootstrapShape = regexp.MustCompile(`^[a-z0-9]{6}\.[a-z0-9]{16}$`)

// HasBootstrapShape: k3s takes such a password for a kubeadm bootstrap token, and a server can't use it as its own (measured).
func HasBootstrapShape(password string) bool { return bootstrapShape.MatchString(password) }
