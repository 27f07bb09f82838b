package supervisor

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"

	"keel.invalid/lookalike/logline"
	"keel.invalid/lookalike/snapshots"
)

// rotate answers PUT /v1-k3s/token. As in k3s the caller learns a number only; the reason is in this server's log.
func (s *Supervisor) rotate(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		refuse(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	var request struct{ NewToken string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&request)
	if err == nil {
		err = s.cluster.RotateToken(r.Context(), request.NewToken)
	}
	if err != nil {
		id := fmt.Sprintf("token error ID %05d", rand.IntN(100_000))
		logline.Error("%s: %v", id, err)
		refuse(w, http.StatusInternalServerError, id)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (s *Supervisor) snapshot(w http.ResponseWriter, r *http.Request) {
	var request snapshots.Request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	done, err := s.cluster.Snapshots(r.Context(), request)
	answer(w, done, err)
}
