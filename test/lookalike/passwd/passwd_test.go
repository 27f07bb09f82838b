package passwd

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAuthenticates(t *testing.T) {
	separate := Accounts{ServerPassword: "s", NodePassword: "n"}
	shared := Accounts{ServerPassword: "s", NodePassword: "s"}
	for _, c := range []struct {
		promise        string
		accounts       Accounts
		user, password string
		want           bool
	}{
		{"the server password joins servers", separate, "server", "s", true},
		{"the agent password joins agents", separate, "node", "n", true},
		{"the server password does not join agents when there is an own one", separate, "node", "s", false},
		{"the agent password does not join servers", separate, "server", "n", false},
		{"without an own one agents hold the server password", shared, "node", "s", true},
		{"nobody else exists", separate, "root", "s", false},
		{"an empty password is never right", Accounts{}, "server", "", false},
	} {
		if c.accounts.Authenticates(c.user, c.password) != c.want {
			t.Errorf("%s: %v", c.promise, !c.want)
		}
	}
}

func TestTheFileKeepsItsTimeUntilAPasswordChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cred", "passwd")
	before := Accounts{ServerPassword: "s,with,commas", NodePassword: "n"}
	old := time.Unix(1000, 0)
	write := func(a Accounts) time.Time {
		if err := a.Write(path); err != nil {
			t.Fatal(err)
		}
		status, err := os.Stat(path)
		if err != nil || status.Mode().Perm() != 0o600 {
			t.Fatalf("%v %v", status.Mode(), err)
		}
		return status.ModTime()
	}
	write(before)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if got := write(before); !got.Equal(old) {
		t.Error("the same passwords made the file newer")
	}
	if got := write(Accounts{ServerPassword: "s,with,commas", NodePassword: "other"}); got.Equal(old) {
		t.Error("another password left the file as old as it was")
	}
	if got, err := Read(path); err != nil || got.ServerPassword != "s,with,commas" || got.NodePassword != "other" {
		t.Errorf("%+v %v", got, err)
	}
}
