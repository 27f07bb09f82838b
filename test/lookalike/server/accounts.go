package server

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"strings"

	"keel.invalid/lookalike/atomicfile"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/token"
)

// chooseAccounts reads both tokens. The first server takes the K10 form too, and never checks its hash (measured). Without a
// token, or with an empty file, it takes the one of its last start, else a random one.
func (s *server) chooseAccounts() error {
	serverToken, err := s.config.Secret("token")
	if err != nil {
		return err
	}
	agentToken, err := s.config.Secret("agent-token")
	if err != nil {
		return err
	}
	s.tokenConfigured, s.ownAgentToken = serverToken != "", agentToken != ""
	if serverToken == "" {
		if serverToken, err = s.lastOrRandomToken(); err != nil {
			return err
		}
	}
	s.accounts.ServerPassword = token.Password(serverToken, passwd.Server)
	s.accounts.NodePassword = s.accounts.ServerPassword // measured: without an agent token agents hold the server's
	if agentToken != "" {
		s.accounts.NodePassword = token.Password(agentToken, passwd.Node)
	}
	return nil
}

func (s *server) lastOrRandomToken() (string, error) {
	content, err := os.ReadFile(s.config.Path("server", "token"))
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !os.IsNotExist(err) {
		return "", err
	}
	random := make([]byte, 16)
	_, err = rand.Read(random)
	return hex.EncodeToString(random), err
}

// writeTokens writes server/token in its full form with the real hash, and beside it what k3s has there.
func (s *server) writeTokens() error {
	path := func(name string) string { return s.config.Path("server", name) }
	err := s.writeServerToken(s.serverCA.PEM, s.accounts.ServerPassword)
	if s.ownAgentToken {
		full := token.Full(s.serverCA.PEM, passwd.Node, s.accounts.NodePassword) + "\n"
		err = errors.Join(err, atomicfile.Write(path("agent-token"), []byte(full), 0o600))
	} else {
		err = errors.Join(err, link(path("token"), path("agent-token")))
	}
	return errors.Join(err, link(path("token"), path("node-token")), s.accounts.Write(s.credential("passwd")))
}

func (s *server) writeServerToken(caPEM []byte, password string) error {
	return atomicfile.Write(s.config.Path("server", "token"), []byte(token.Full(caPEM, passwd.Server, password)+"\n"), 0o600)
}

func link(to, at string) error {
	if err := os.Remove(at); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Symlink(to, at)
}
