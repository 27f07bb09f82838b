package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"keel.invalid/lookalike/flags"
)

// argument is one key with one value, as written: an alias stays an alias.
type argument struct{ key, value string }

func parseCommandLine(known map[string]flags.Flag, args []string) (out []argument, words []string, err error) {
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			words = append(words, args[i])
			continue
		}
		key, value, hasValue := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		f, ok := known[key]
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("flag provided but not defined: -%s", key)
		case hasValue:
		case f.Type == "Bool":
			value = "true"
		case i+1 == len(args):
			return nil, nil, fmt.Errorf("flag needs an argument: -%s", key)
		default:
			i++
			value = args[i]
		}
		out = append(out, argument{key, value})
	}
	return out, words, nil
}

func checkType(f flags.Flag, a argument) error {
	var err error
	switch f.Type {
	case "Bool":
		_, err = strconv.ParseBool(a.value)
	case "Int":
		_, err = strconv.ParseInt(a.value, 0, 64)
	case "Duration":
		_, err = time.ParseDuration(a.value)
	}
	if err != nil {
		return fmt.Errorf("invalid value %q for flag -%s: %w", a.value, a.key, err)
	}
	return nil
}

func isTrue(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}
