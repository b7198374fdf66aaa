package filesystem

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxKept bounds the contents that are kept in memory from one Fetch to the next, maxKeptFile each of them.
	maxKept     = 16 << 20
	maxKeptFile = 1 << 20
)

// contents are what files hold, by its digest. Who has the digest of a file need not read the file.
type contents map[[sha256.Size]byte][]byte

// take adds to tree what a scan has listed. It fails where a file is not what it was when it was listed: what counts is
// what goes into the tree.
func (s *Source) take(ctx context.Context, root *os.Root, files []entry, tree *sources.Tree) error {
	s.mu.Lock()
	before := s.kept
	s.mu.Unlock()
	after, total := contents{}, 0
	var content bytes.Buffer
	for _, f := range selected(files, tree) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.mode == fs.ModeSymlink {
			if err := tree.Link(f.name, f.target); err != nil {
				return err
			}
			continue
		}
		data, ok := before[f.sum]
		switch {
		case ok:
		case f.size > maxKeptFile:
			if err := read(ctx, root, f.entry, func(r io.Reader) error { return tree.Add(f.name, f.mode, r) }); err != nil {
				return err
			}
			continue
		default:
			content.Reset()
			if err := read(ctx, root, f.entry, func(r io.Reader) error {
				_, err := content.ReadFrom(io.LimitReader(r, f.size+1))
				return err
			}); err != nil {
				return err
			}
			data = bytes.Clone(content.Bytes())
		}
		if err := tree.AddBytes(f.name, f.mode, data); err != nil {
			return err
		}
		if _, ok := after[f.sum]; !ok && total+len(data) <= maxKept {
			after[f.sum], total = data, total+len(data)
		}
	}
	s.mu.Lock()
	s.kept = after
	s.mu.Unlock()
	return nil
}

// read has a file read, and fails where what was read is not what was listed.
func read(ctx context.Context, root *os.Root, f entry, take func(io.Reader) error) error {
	sum, err := digest(ctx, root, f.path, take)
	if err == nil && sum != f.sum {
		err = errChanged
	}
	return err
}

// wanted is a file that goes into a tree, with the path that it has there.
type wanted struct {
	entry
	name string
}

// selected returns the files that the tree wants. The selected folder, and those on the way to it, may be links to
// other folders.
func selected(files []entry, tree *sources.Tree) []wanted {
	dir := tree.Dir()
	at, err := sources.FollowLinks(dir, links(files))
	if err != nil {
		at = dir
	}
	var found []wanted
	for _, f := range files {
		name := f.path
		if at != dir {
			below, ok := f.path, true
			if at != "." {
				below, ok = strings.CutPrefix(f.path, at+"/")
			}
			if !ok {
				continue
			}
			name = dir + "/" + below
		}
		if tree.Wants(name) {
			found = append(found, wanted{f, name})
			continue
		}
		// Without content, for the tree to see that the selected folder is there, or what stands in its way. It takes nothing.
		_ = tree.Add(name, 0, strings.NewReader(""))
	}
	return found
}

// links returns a function that tells the targets of the links among files.
func links(files []entry) func(name string) (target string, ok bool) {
	targets := map[string]string{}
	for _, f := range files {
		if f.mode == fs.ModeSymlink {
			targets[f.path] = f.target
		}
	}
	return func(name string) (string, bool) {
		target, ok := targets[name]
		return target, ok
	}
}
