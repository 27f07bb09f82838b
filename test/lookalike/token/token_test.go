package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

var hash = strings.Repeat("a", 64)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		promise, in string
		want        Token
		err         error
	}{
		{"the full form", "K10" + hash + "::server:pw", Token{hash, "server", "pw"}, nil},
		{"a password with colons", "K10" + hash + "::node:a:b::c", Token{hash, "node", "a:b::c"}, nil},
		{"the short form is a password", "secret", Token{Password: "secret"}, nil},
		{"no hash pins nothing", "K10::server:pw", Token{User: "server", Password: "pw"}, nil},
		{"the seed's K3S10 form is a password as a whole", "K3S10::server:pw", Token{Password: "K3S10::server:pw"}, nil},
		{"a short hash", "K10abc::server:pw", Token{}, ErrHashLength},
		{"no credentials", "K10" + hash, Token{}, ErrFormat},
		{"no password", "K10" + hash + "::server:", Token{}, ErrFormat},
		{"nothing", "", Token{}, nil},
	} {
		got, err := Parse(c.in)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: Parse(%q) = %+v, %v", c.promise, c.in, got, err)
		}
	}
}

func TestPasswordStripsOnlyTheRightUser(t *testing.T) {
	for _, c := range []struct{ in, user, want string }{
		{"K10" + hash + "::server:pw", "server", "pw"},
		{"K10" + hash + "::node:pw", "node", "pw"},
		{"K10" + hash + "::server:pw", "node", "K10" + hash + "::server:pw"},
		{"K10" + hash + "::node:pw", "server", "K10" + hash + "::node:pw"},
		{"plain", "server", "plain"},
	} {
		if got := Password(c.in, c.user); got != c.want {
			t.Errorf("Password(%q, %q) = %q", c.in, c.user, got)
		}
	}
}

func TestHash(t *testing.T) {
	one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("leaf")})
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("root")})
	hex256 := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	if Hash(one) != hex256(one) {
		t.Error("one certificate: not the hash of the file's bytes")
	}
	if Hash(append([]byte("# a comment\n"), one...)) == Hash(one) {
		t.Error("a comment line must change the hash of one certificate")
	}
	if Hash(append(append([]byte{}, one...), root...)) != hex256([]byte("root")) {
		t.Error("a chain: not the hash of the root's DER")
	}
	if got := Full(one, "node", "pw"); got != "K10"+hex256(one)+"::node:pw" {
		t.Error(got)
	}
}

func TestBootstrapShape(t *testing.T) {
	for in, want := range map[string]bool{"abcdef.0123456789abcdef": true, "abcdef.0123456789abcde": false, "ABCDEF.0123456789abcdef": false, "xabcdef.0123456789abcdef": false} {
		if HasBootstrapShape(in) != want {
			t.Errorf("%q: %v", in, !want)
		}
	}
}
