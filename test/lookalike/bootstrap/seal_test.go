package bootstrap

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestFindNeedsTheTokenThatSealed(t *testing.T) {
	files := Files{"ServerCAKey": {Timestamp: time.Unix(1, 5).UTC(), Content: []byte("the key")}}
	sealed, err := Seal("pw", files)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("key")) || bytes.Contains(sealed, []byte("dGhlIGtleQ")) {
		t.Error("the content can be read without the token")
	}
	records := map[string][]byte{Key("pw"): sealed}
	got, err := Find(records, "pw")
	if err != nil || string(got["ServerCAKey"].Content) != "the key" || !got["ServerCAKey"].Timestamp.Equal(time.Unix(1, 5)) {
		t.Errorf("%v %v", got, err)
	}
	if _, err := Find(records, "other"); !errors.Is(err, ErrOtherToken) {
		t.Errorf("another token: %v", err)
	}
	if got, err := Find(nil, "pw"); got != nil || err != nil {
		t.Errorf("a new cluster: %v %v", got, err)
	}
	if _, err := Find(map[string][]byte{Key("other"): sealed}, "other"); err == nil {
		t.Error("data sealed with another token was opened")
	}
	again, _ := Seal("pw", files)
	if bytes.Equal(again, sealed) {
		t.Error("sealed twice, equal bytes: no salt, no nonce")
	}
}
