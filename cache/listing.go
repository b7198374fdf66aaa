package cache

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// header is the first line of a listing. Its number changes when the format does, and every digest with it.
const header = "scriptd tree 1"

// maxListing bounds what is read of a listing, in bytes: some 400,000 files.
const maxListing = 64 << 20

const (
	modeFile       = "100644"
	modeExecutable = "100755"
)

// Listing returns the canonical listing of a tree: text that is equal for equal trees and differs for others. After
// the line "scriptd tree 1" there is one line for each file, sorted by path, byte by byte:
//
//	100644 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 "netcheck/main.go"
//
// It holds the mode (100755 where anyone may execute the file, 100644 otherwise), the SHA-256 of the content, its size
// in bytes, and the path as a Go string literal in ASCII. Every line ends in a newline. Folders are in it only by the
// files they hold; times and owners are not in it at all.
//
// Listing fails for a tree that holds anything but folders and regular files. It reads the files from several
// goroutines.
func Listing(tree fs.FS) ([]byte, error) {
	entries, err := scan(context.Background(), tree, func(entry, []byte) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("list tree: %w", err)
	}
	return format(entries), nil
}

// entry is a line of a listing.
type entry struct {
	path       string
	executable bool
	sum        string
	size       int64
}

func format(entries []entry) []byte {
	var b bytes.Buffer
	b.WriteString(header + "\n")
	for _, e := range entries {
		mode := modeFile
		if e.executable {
			mode = modeExecutable
		}
		// QuoteToASCII and not Quote: what Quote escapes changes with the Unicode tables of the Go version.
		fmt.Fprintf(&b, "%s %s %d %s\n", mode, e.sum, e.size, strconv.QuoteToASCII(e.path))
	}
	return b.Bytes()
}

// parse reads a listing whose digest was verified. It refuses what format does not write, since the digest proves only
// that somebody wrote it.
func parse(listing []byte) ([]entry, error) {
	first, rest, _ := strings.Cut(string(listing), "\n")
	if first != header {
		return nil, fmt.Errorf("listing begins with %.40q, want %q", first, header)
	}
	var entries []entry
	for line := range strings.Lines(rest) {
		e, ok := parseLine(line)
		if !ok {
			return nil, fmt.Errorf("listing has the line %.200q", line)
		}
		entries = append(entries, e)
	}
	if !bytes.Equal(format(entries), listing) || !slices.IsSortedFunc(entries, byPath) {
		return nil, errors.New("listing is not canonical")
	}
	return entries, nil
}

func parseLine(line string) (entry, bool) {
	fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
	if len(fields) != 4 {
		return entry{}, false
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 || !isSum(fields[1]) {
		return entry{}, false
	}
	path, err := strconv.Unquote(fields[3])
	if err != nil || path == "." || !fs.ValidPath(path) {
		return entry{}, false
	}
	return entry{path: path, executable: fields[0] == modeExecutable, sum: fields[1], size: size}, true
}

func byPath(a, b entry) int { return cmp.Compare(a.path, b.path) }
