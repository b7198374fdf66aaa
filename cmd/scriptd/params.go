package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/server"
)

// paramFlags are the parameters as the command line has them.
type paramFlags struct {
	// pairs are the values of --param: NAME=VALUE.
	pairs []string
	// whole is the value of --params: JSON, @FILE, or - for stdin.
	whole string
}

// base reads what --params says.
func (f paramFlags) base(ctx context.Context, stdin io.Reader) (map[string]any, error) {
	var text io.Reader
	switch file, isFile := strings.CutPrefix(f.whole, "@"); {
	case f.whole == "-":
		text = stdin
	case isFile:
		opened, err := os.Open(file)
		if err != nil {
			return nil, usagef("--params: %w", err)
		}
		defer opened.Close()
		text = opened
	default:
		text = strings.NewReader(f.whole)
	}
	// What HTTP would not take is not taken here.
	data, err := interruptible(ctx, func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(text, server.DefaultMaxBodyBytes+1))
	})
	if err != nil {
		return nil, usagef("--params: %w", err)
	}
	if len(data) > server.DefaultMaxBodyBytes {
		return nil, usagef("--params: larger than %d bytes", server.DefaultMaxBodyBytes)
	}
	params, err := engine.DecodeParams(bytes.NewReader(data))
	if err != nil {
		return nil, usagef("--params: %w", err)
	}
	return params, nil
}

// over puts the values of --param over base, each as the type that the schema gives it.
func (f paramFlags) over(base, schema map[string]any) (map[string]any, error) {
	params := maps.Clone(base)
	if params == nil {
		params = map[string]any{}
	}
	given := map[string]bool{}
	for _, pair := range f.pairs {
		name, text, ok := strings.Cut(pair, "=")
		switch {
		case !ok || name == "":
			return nil, usagef("--param: want NAME=VALUE")
		case given[name]:
			return nil, usagef("--param %s is given twice", name)
		}
		given[name] = true
		value, err := coerce(text, types(property(schema, name)))
		if err != nil {
			return nil, usagef("--param %s: %w", name, err)
		}
		params[name] = value
	}
	return params, nil
}

// coerce reads a value from the command line. Where the schema allows a string, the text is the value as it stands;
// where it wants something else, the text is JSON; where it says nothing, the text is JSON if it can be. Errors do not
// repeat the text, which may be a secret.
func coerce(text string, allowed []string) (any, error) {
	if slices.Contains(allowed, "string") {
		return text, nil
	}
	value, err := decodeValue(text)
	switch {
	case err == nil:
		return value, nil
	case len(allowed) == 0:
		return text, nil
	default:
		return nil, fmt.Errorf("want %s, as JSON", strings.Join(allowed, " or "))
	}
}

func decodeValue(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}
