// Package passwd is who may talk to a server by password: server/cred/passwd and its two accounts.
package passwd

import "crypto/subtle"

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

// File is the content of server/cred/passwd (0600): password, user, uid, group.
func (a Accounts) File() []byte {
	return []byte(a.NodePassword + ",node,node,k3s:agent\n" + a.ServerPassword + ",server,server,k3s:server\n")
}

func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
