package arguments

import (
	"strings"
	"testing"
)

func TestMerge(t *testing.T) {
	defaults := map[string]string{"v": "0", "plugins": "A"}
	for _, c := range []struct {
		promise string
		extra   []string
		want    string
	}{
		{"nothing extra: the defaults, sorted", nil, "--plugins=A --v=0"},
		{"a value replaces the default", []string{"v=4"}, "--plugins=A --v=4"},
		{"dashes are allowed", []string{"--v=4"}, "--plugins=A --v=4"},
		{"+ appends", []string{"plugins+=B"}, "--plugins=A,B --v=0"},
		{"- puts in front", []string{"plugins-=B"}, "--plugins=B,A --v=0"},
		{"a repeated key comes several times", []string{"x=1", "x=2"}, "--plugins=A --v=0 --x=1 --x=2"},
		{"no value means true", []string{"x"}, "--plugins=A --v=0 --x=true"},
	} {
		if got := strings.Join(Merge(defaults, c.extra), " "); got != c.want {
			t.Errorf("%s: %s", c.promise, got)
		}
	}
}
