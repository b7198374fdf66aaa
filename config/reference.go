package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFileReference bounds what is read for a ${file:}, in bytes.
const maxFileReference = 1 << 20

var variableName = lazily(`^[A-Za-z_][A-Za-z0-9_]*$`)

// part is a piece of a string: as it is written, or what a reference stands for.
type part struct {
	literal   string
	env, file string
}

// isReference reports whether the part has to be looked up.
func (p part) isReference() bool { return p.env != "" || p.file != "" }

// String returns the part as it is written, except for the escape.
func (p part) String() string {
	switch {
	case p.env != "":
		return "${env:" + p.env + "}"
	case p.file != "":
		return "${file:" + p.file + "}"
	default:
		return p.literal
	}
}

// split finds the references in s. The error shows nothing of s but the reference that is wrong.
func split(s string) ([]part, error) {
	var parts []part
	var literal strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, "${")
		if !found {
			literal.WriteString(s)
			break
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok {
			literal.WriteString(escaped + "${")
			s = rest
			continue
		}
		literal.WriteString(before)
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, errors.New("a reference ${ without }: write $${ for ${ itself")
		}
		reference, err := parseReference(inside)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{literal: literal.String()}, reference)
		literal.Reset()
		s = after
	}
	return append(parts, part{literal: literal.String()}), nil
}

func parseReference(inside string) (part, error) {
	kind, name, _ := strings.Cut(inside, ":")
	switch {
	case kind == "env" && variableName().MatchString(name):
		return part{env: name}, nil
	case kind == "env":
		return part{}, fmt.Errorf("${%s}: %q is no name of an environment variable", inside, name)
	case kind == "file" && name != "":
		return part{file: name}, nil
	default:
		return part{}, fmt.Errorf("${%s}: want ${env:NAME} or ${file:PATH}; write $${ for ${ itself", inside)
	}
}

// lookup returns what the part stands for now. A relative file lies in dir. The error names the reference.
func (p part) lookup(dir string) (string, error) {
	switch {
	case p.env != "":
		v, ok := os.LookupEnv(p.env)
		if !ok {
			return "", fmt.Errorf("%s: the environment variable %s is not set", p, p.env)
		}
		return v, nil
	case p.file != "":
		v, err := readReference(absolute(dir, p.file))
		if err != nil {
			return "", fmt.Errorf("%s: %w", p, err)
		}
		return v, nil
	default:
		return p.literal, nil
	}
}

// readReference reads a file without its last newline.
func readReference(name string) (string, error) {
	content, err := readUpTo(name, maxFileReference)
	if err != nil {
		return "", err
	}
	line, _ := strings.CutSuffix(string(content), "\n")
	line, _ = strings.CutSuffix(line, "\r")
	return line, nil
}

// readUpTo reads a file of at most limit bytes. The error does not repeat the name, which stands before it.
func readUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathErr.Err
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder, not a file")
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it has more than %d bytes", limit)
	}
	return content, err
}

// absolute returns a path that does not depend on the working directory: a relative one lies in dir.
func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}
