package access

import "testing"

// The rows of the measured table.
func TestDecide(t *testing.T) {
	for _, c := range []struct {
		who                                             string
		role                                            Role
		ping, cacerts, readyz, config, bootstrap, token int
	}{
		{"nobody", Nobody, 200, 200, 403, 403, 403, 403},
		{"admin client certificate", Other, 200, 200, 403, 403, 403, 403},
		{"node:<agent pw>", Agent, 200, 200, 200, 200, 403, 403},
		{"server:<pw>", Server, 200, 200, 403, 403, 200, 200},
		{"a wrong password", Wrong, 200, 200, 401, 401, 401, 401},
	} {
		for path, want := range map[string]int{
			"/ping": c.ping, "/cacerts": c.cacerts, "/v1-k3s/readyz": c.readyz, "/v1-k3s/config": c.config, "/v1-k3s/apiservers": c.config,
			"/v1-k3s/client-kubelet.crt": c.config, "/v1-k3s/server-bootstrap": c.bootstrap, "/v1-k3s/token": c.token, "/db/info": c.bootstrap, "/db/snapshot": c.bootstrap,
		} {
			if got := Decide(c.role, path); got != want {
				t.Errorf("%s asks %s: %d, not %d", c.who, path, got, want)
			}
		}
	}
}

func TestIsSupervisors(t *testing.T) {
	for path, want := range map[string]bool{"/ping": true, "/cacerts": true, "/v1-k3s/config": true, "/db/info": true, "/readyz": false, "/api/v1/nodes": false, "/version": false, "/": false} {
		if IsSupervisors(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
