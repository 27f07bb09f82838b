package passwd

import "testing"

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
