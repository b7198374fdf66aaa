package filesystem

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/scriptd/scriptd/sources"
)

const (
	// maxFiles and maxBytes bound what a scan reads. They are far over what a tree may have, since only a part of the
	// folder may be selected for it, and keep a path such as / from reading a whole disk.
	maxFiles = 100_000
	maxBytes = 1 << 30
	// settled is the age from which a file's times can be trusted to tell a later change: file systems keep them in
	// steps of up to two seconds, and two changes within a step look alike.
	settled = 2*time.Second + 100*time.Millisecond
)

// entry is a file of the folder, or a symbolic link.
type entry struct {
	path   string // slash-separated
	mode   fs.FileMode
	size   int64
	target string // of a link
	sum    [sha256.Size]byte
}

// known is what is known of a file from an earlier scan: as long as its stamp is the same, so is its content; unless it
// was fresh when it was read, and might have changed since within the step of its stamp.
type known struct {
	stamp stamp
	fresh bool
	sum   [sha256.Size]byte
}

// scan lists the folder in a fixed order, and reads what may have changed since the last scan. Folders of version
// control systems, the files that editors keep beside others, and whatever is neither file nor link, are left out.
func (s *Source) scan(ctx context.Context, root *os.Root) ([]entry, error) {
	s.mu.Lock()
	before := s.known
	s.mu.Unlock()

	after := make(map[string]known, len(before))
	var files []entry
	var total int64
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case len(files) == maxFiles:
			return refuse("it has more than %d files", maxFiles)
		case sources.IsVCS(name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.IsDir() && isEditorFile(d.Name()):
			return nil
		case d.Type() == fs.ModeSymlink:
			target, err := root.Readlink(name)
			files = append(files, entry{path: name, mode: fs.ModeSymlink, target: filepath.ToSlash(target)})
			return err
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if total += info.Size(); total > maxBytes {
			return refuse("it has more than %d bytes", maxBytes)
		}
		k, ok := before[name]
		if st := stampOf(info); !ok || k.fresh || k.stamp != st {
			k.stamp, k.fresh = st, st.isFresh(s.now())
			if k.sum, err = sum(ctx, root, name); err != nil {
				return err
			}
		}
		after[name] = k
		files = append(files, entry{path: name, mode: info.Mode(), size: info.Size(), sum: k.sum})
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.known = after
	s.mu.Unlock()
	return files, nil
}

func refuse(format string, args ...any) error {
	return sources.Fail(sources.Refused, fmt.Errorf(format, args...), "read it")
}

// sum reads a file.
func sum(ctx context.Context, root *os.Root, name string) ([sha256.Size]byte, error) {
	return digest(ctx, root, name, func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
}

// digest returns the digest of what read reads of a file.
func digest(ctx context.Context, root *os.Root, name string, read func(io.Reader) error) ([sha256.Size]byte, error) {
	var sum [sha256.Size]byte
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	// A read past the end would put a growing file over the limit of the scan.
	if err := read(io.TeeReader(io.LimitReader(ctxReader{ctx, f}, maxBytes), h)); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

// ctxReader ends when its context does.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// revision is the digest over all files, in the order of the scan.
func revision(files []entry) sources.Revision {
	h := sha256.New()
	var line []byte
	for _, f := range files {
		switch {
		case f.mode == fs.ModeSymlink:
			line = strconv.AppendQuote(append(line[:0], "link "...), f.path)
			line = strconv.AppendQuote(append(line, ' '), f.target)
		case f.mode&0o111 != 0:
			line = strconv.AppendQuote(append(line[:0], "exec "...), f.path)
			line = hex.AppendEncode(append(line, ' '), f.sum[:])
		default:
			line = strconv.AppendQuote(append(line[:0], "file "...), f.path)
			line = hex.AppendEncode(append(line, ' '), f.sum[:])
		}
		h.Write(append(line, '\n'))
	}
	return sources.Revision(fmt.Sprintf("sha256:%x", h.Sum(nil)))
}
