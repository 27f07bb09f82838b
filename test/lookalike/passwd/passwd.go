// Package passwd is who may talk to a server by password: server/cred/passwd and its two accounts.
package passwd

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"os"
	"strings"

	"keel.invalid/lookalike/atomicfile"
)

// The two accounts of a cluster.
const (
	Server = "server" // joins servers, may read all CA keys
	Node   = "node"   // joins agents
)

// Accounts holds the passwords; without an own agent token both are the same (measured).
type Accounts struct{ ServerPassword, NodePassword string }

// Authenticates says whether the pair is right. An empty password never is.
func (a Accounts) Authenticates(user, password string) bool {
	switch user {
	case Server:
		return same(password, a.ServerPassword)
	case Node:
		return same(password, a.NodePassword)
	}
	return false
}

// Read takes the accounts from a file.
func Read(path string) (Accounts, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Accounts{}, err
	}
	var a Accounts
	for line := range strings.Lines(string(content)) {
		// a password may hold commas, the other three fields do not
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) < 4 {
			continue
		}
		password := strings.Join(fields[:len(fields)-3], ",")
		switch fields[len(fields)-3] {
		case Server:
			a.ServerPassword = password
		case Node:
			a.NodePassword = password
		}
	}
	if a.ServerPassword == "" {
		return a, errors.New("server token not found")
	}
	return a, nil
}

// Write keeps a file that says the same already: its time decides whether it is newer than the datastore's.
func (a Accounts) Write(path string) error {
	content := []byte(a.NodePassword + ",node,node,k3s:agent\n" + a.ServerPassword + ",server,server,k3s:server\n") // password, user, uid, group
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, content) {
		return nil
	}
	return atomicfile.Write(path, content, 0o600)
}

func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
