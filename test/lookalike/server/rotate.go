package server

import (
	"context"
	"errors"
	"strings"

	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/token"
)

// RotateToken changes this server's files, then the datastore. In this order (measured): without quorum it fails, and the files
// hold the new token already. All servers, this one too, go on accepting the old one until they are restarted. A rotation to the
// same token stores this server's cred/passwd: the cure after a change of the agent token.
func (s *server) RotateToken(ctx context.Context, password string) error {
	switch {
	case token.HasBootstrapShape(password):
		return errNormalize
	case password == "", strings.HasPrefix(password, "K10"): // k3s makes up a token; and what it does with a full one was not measured
		return errors.New("look-alike of k3s: give newToken as the password alone")
	}
	accounts, err := passwd.Read(s.credential("passwd"))
	if err != nil {
		return err
	}
	accounts.ServerPassword = password
	if !s.ownAgentToken {
		accounts.NodePassword = password
	}
	if err := accounts.Write(s.credential("passwd")); err != nil {
		return err
	}
	if err := s.writeServerToken(s.serverCA.PEM, password); err != nil {
		return err
	}
	return s.etcd.SaveAnew(ctx, password, s.BootstrapFiles)
}
