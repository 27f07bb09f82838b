// Package admin is the commands that ask a running server for something: `token rotate` and `etcd-snapshot`.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"keel.invalid/lookalike/config"
	"keel.invalid/lookalike/join"
	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/passwd"
	"keel.invalid/lookalike/snapshots"
)

// patience with an operation; a rotation without quorum needs some seconds to fail.
const patience = time.Minute

// RotateToken is `k3s token rotate`: both tokens stand in argv, which keel avoids by doing the PUT itself.
func RotateToken(c *config.Config) error {
	body, err := json.Marshal(map[string]string{"newToken": c.Get("new-token")})
	if err != nil {
		return err
	}
	if _, err := ask(c, c.Get("server"), c.Get("token"), "PUT", "/v1-k3s/token", body); err != nil {
		return err
	}
	fmt.Println("Token rotated, restart k3s nodes with new token")
	return nil
}

// Snapshot is `k3s etcd-snapshot <operation>`.
func Snapshot(c *config.Config, operation string) error {
	request := snapshots.Request{Operation: operation, Names: c.Words, Dir: c.Get("dir"), Retention: c.Int("snapshot-retention")}
	switch operation {
	case "ls":
		request.Operation = "list"
	case "save", "prune":
		request.Names = []string{c.Get("name")}
	case "delete":
		if len(c.Words) == 0 {
			return errors.New("no snapshots given for removal")
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	content, err := ask(c, c.Get("etcd-server"), c.Get("etcd-token"), "POST", "/db/snapshot", body)
	if err != nil {
		return err
	}
	var answer snapshots.Answer
	if err := json.Unmarshal(content, &answer); err != nil {
		return err
	}
	for _, name := range answer.Created {
		logline.Info("Snapshot %s saved.", name)
	}
	for _, name := range answer.Deleted {
		logline.Info("Snapshot %s deleted.", name)
	}
	if operation == "ls" {
		return table(answer.Found)
	}
	return nil
}

func table(found []snapshots.Snapshot) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "Name\tLocation\tSize\tCreated")
	for _, s := range found {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", s.Name, s.Location, s.Size, s.Created.UTC().Format(time.RFC3339))
	}
	return w.Flush()
}

// ask as the server's own account; without a token with the one in server/token. After a rotation that is the new one, which
// a server that was not restarted does not take yet (measured: `--etcd-token OLD`).
func ask(c *config.Config, url, token, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if token == "" {
		content, err := os.ReadFile(c.Path("server", "token"))
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(content))
	}
	client, err := join.Connect(ctx, url, token, join.Caller{User: passwd.Server})
	if err != nil {
		return nil, err
	}
	client.Patience(patience)
	return client.Do(ctx, method, path, nil, body)
}
